/** The view of skills: one or several in, two columns out; the address holds what is asked. */

import { addressOf, go, here, skillAddress } from "./address.js";
import { Combobox } from "./combobox.js";
import { el, listed, many } from "./elements.js";
import { models } from "./models.js";
import { Panel } from "./panel.js";
import { columns } from "./relations.js";
import { commonSkill, servedSpaces } from "./served.js";
import { ask, askTogether, path } from "./service.js";

const K = 12;
const MOST = 50;
const panel = new Panel("skills");
const form = document.getElementById("skills-form");
const input = document.getElementById("skill");
const how = document.getElementById("skills-how");
const chips = document.getElementById("skill-chips");
const combobox = new Combobox(input, document.getElementById("skill-list"), take);

/** Show what the address asks: `q`, any number of `also` and `not`, `k`, and whether the `models` are compared. */
export function open(parameters) {
  const asked = read(parameters);
  how.hidden = asked.q === "";
  how.querySelector("[value=instead]").checked = true;
  input.value = asked.also.length + asked.not.length ? "" : asked.q;
  combobox.close();
  showChips(asked);
  if (asked.q === "") panel.clear("Type a skill, or take an example.");
  else panel.show((signal) => (asked.also.length + asked.not.length > 0 ? several : one)(asked, signal));
}

function read(parameters) {
  const k = Number(parameters.get("k"));
  return {
    q: parameters.get("q") ?? "",
    also: parameters.getAll("also"),
    not: parameters.getAll("not"),
    k: Number.isInteger(k) && k >= 1 && k <= 100 ? k : K,
    models: parameters.get("models") === "1",
  };
}

function address({ q, also, not, k = K, models: compared = false }) {
  const pairs = [["q", q], ...also.map((each) => ["also", each]), ...not.map((each) => ["not", each])];
  return addressOf("skills", [...pairs, ["k", k === K ? null : k], ["models", compared ? 1 : null]]);
}

/** Ask for a typed or picked skill, as the reader wants it taken. */
function take(skill) {
  const typed = skill.trim();
  if (typed === "") return;
  const asked = read(here().parameters);
  const way = asked.q === "" ? "instead" : how.querySelector(":checked").value;
  if (way === "instead") go(skillAddress(typed));
  else go(address(joined(asked, way, typed)));
}

function joined(asked, way, skill) {
  const others = { also: asked.also.filter((each) => each !== skill), not: asked.not.filter((each) => each !== skill) };
  return { ...asked, ...others, models: false, [way]: [...others[way], skill] };
}

function showChips(asked) {
  const rows = [
    ...[asked.q, ...asked.also].map((skill, place) => ["+", skill, without(asked, "also", place)]),
    ...asked.not.map((skill, place) => ["−", skill, without(asked, "not", place)]),
  ];
  chips.hidden = asked.also.length + asked.not.length === 0;
  chips.replaceChildren(...rows.map(([sign, skill, rest]) => el(
    "li",
    { class: sign === "+" ? "chip" : "chip against" },
    el("span", { "aria-hidden": "true" }, sign),
    el("span", { class: "hear" }, sign === "+" ? "with" : "counting against:"),
    ` ${skill} `,
    el("a", { href: rest, "aria-label": `Take ${skill} away` }, "×"),
  )));
}

/** The address without one of the skills; of those that count for it, the first is the query. */
function without(asked, way, place) {
  const left = (skills, of) => (of === way ? skills.filter((_, at) => at !== place) : skills);
  const [q = "", ...also] = left([asked.q, ...asked.also], "also");
  const not = left(asked.not, "not");
  return q === "" ? "#skills" : address({ ...asked, q, also, not });
}

async function one(asked, signal) {
  const about = path("v1/skills", asked.q);
  const [info, similar, usedWith] = await askTogether(() => [
    ask(about, { signal }),
    ask(`${about}/related?relation=similar&k=${asked.k}`, { signal }),
    ask(`${about}/related?relation=used_with&k=${asked.k}`, { signal }),
  ]).catch((error) => Promise.reject(withSuggestions(error)));
  const told = `${many(info.candidates, "candidate")} name it. ${understood(info.resolved)}`;
  const related = { similar: similar.related, used_with: usedWith.related };
  const answer = shown(asked, [info.skill], related, info.skill, told, aliases(info));
  // Opening them asks nothing anew and is nothing to go back from, so the address is changed in its place.
  const remember = (open) => history.replaceState(null, "", address({ ...asked, models: open }));
  const spaces = await servedSpaces();
  if (spaces.length > 0) answer.content.push(models(info.skill, spaces, similar.related, asked.models, remember));
  return answer;
}

async function several(asked, signal) {
  const query = { skill: asked.q, also: asked.also, k: asked.k };
  const queries = [{ ...query, negative: asked.not, relation: "similar" }, { ...query, relation: "used_with" }];
  const { results } = await ask("v1/skills/related", { body: { queries }, signal });
  const failed = results.find((each) => each.error);
  if (failed) throw withSuggestions(Object.assign(new Error(failed.error.message), failed.error));
  const [similar, usedWith] = results;
  const positive = [similar.resolved, ...(similar.also ?? [])];
  const against = similar.negative ?? [];
  const names = positive.map((each) => each.skill);
  const less = against.length ? `, less ${listed(against.map((each) => each.skill))}` : "";
  const note = against.length
    ? "What counts against changes the left column alone: lists tell what goes together, not what to leave out."
    : "Related to all of them.";
  const told = [note, ...[...positive, ...against].map(understood)].filter(Boolean).join(" ");
  return shown(asked, names, { similar: similar.related, used_with: usedWith.related }, listed(names) + less, told);
}

function shown(asked, to, related, title, told, more = null) {
  const full = Object.values(related).some((list) => list.length >= asked.k) && asked.k < MOST;
  return {
    status: `${title}: ${related.similar.length} similar, ${related.used_with.length} asked for together.`,
    heard: true,
    content: [
      el("h2", { tabindex: "-1" }, title),
      el("p", { class: "facts" }, told),
      more,
      columns(related, to, actions(asked)),
      full && el("p", {}, el("a", { href: address({ ...asked, k: MOST }) }, `Show ${MOST} of each`)),
    ],
  };
}

/** How a query was understood, in a sentence. */
function understood({ query, skill, step }) {
  return {
    exact: "",
    alias: `“${query}” is another way to write ${skill}.`,
    spelling: `“${query}” was read as ${skill}, by its spelling.`,
    subwords: `Nobody writes “${query}”; it was read as ${skill}, which is made of nearly the same parts.`,
  }[step] ?? `“${query}” was read as ${skill} (${step}).`;
}

function aliases({ aliases: forms }) {
  if (forms.length === 0) return null;
  const written = [...forms]
    .sort((one, other) => other.candidates - one.candidates)
    .map((form) => `${form.surface} (${form.candidates})`);
  const [first, rest] = [written.slice(0, 8), written.slice(8)];
  const folded = el("details", {}, el("summary", {}, `and in ${many(rest.length, "more way")}`), rest.join(", "));
  return el("div", { class: "facts" }, `Also written ${first.join(", ")}`, rest.length > 0 ? folded : ".");
}

/** What the reader may do next with an answer. */
function actions(asked) {
  return (skill) => [
    el("a", { class: "button", href: address(joined(asked, "also", skill)) }, `Add ${skill}`),
    el("a", { class: "button", href: address(joined(asked, "not", skill)) }, `Count ${skill} against`),
  ];
}

/** An unknown skill carries what it may have meant; told as links. */
function withSuggestions(error) {
  const near = error.details?.suggestions ?? [];
  const names = near.map((each) => (typeof each === "string" ? each : each.skill)).filter(Boolean);
  error.hints = names.map((name) => el("a", { class: "button", href: skillAddress(name) }, name));
  return error;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  combobox.close();
  take(input.value);
});
form.querySelector("[data-example]").addEventListener("click", async () => {
  panel.show(async () => {
    go(skillAddress(await commonSkill()));
    return { status: "", content: [] };
  });
});
