/** Two columns of related skills, and the evidence for each of them in its place. */

import { skillAddress } from "./address.js";
import { bar, el, many, note, rarity, rough, whole } from "./elements.js";
import { problem } from "./panel.js";
import { ask, path } from "./service.js";

const COLUMNS = {
  similar: {
    title: "Could stand in for it",
    about: "Bars: relatedness, how rare so near a pair is among random ones. Numbers: cosine.",
    none: "Nothing is near enough.",
  },
  used_with: {
    title: "Asked for together with it",
    about: "Bars: against the first of the column. Numbers: the vote of lists that name it.",
    none: "No list says what goes with it.",
  },
};
let count = 0;

/** Both columns; `to` are the skills that were asked, `actions(skill)` what may be done with an answer. */
export function columns(related, to, actions) {
  const names = Object.keys(COLUMNS);
  return el("div", { class: "columns" }, names.map((name) => column(name, related[name], to, actions)));
}

function column(relation, rows, to, actions) {
  const { title, about, none } = COLUMNS[relation];
  const best = Math.max(...rows.map((each) => each.score), 1e-9);
  const calibrated = rows.some((each) => each.relatedness !== null);
  const share = (each) => (relation === "similar" ? each.relatedness ?? each.score : each.score / best);
  const told = relation === "similar" && !calibrated ? "Bars and numbers: cosine." : about;
  return el(
    "section",
    { class: `column ${relation}`, "aria-label": title },
    el("h3", {}, title),
    rows.length ? el("p", { class: "fine" }, told) : note(none),
    el("ol", { class: "rows" }, rows.map((each) => row(relation, each, share(each), to, actions))),
  );
}

function row(relation, each, share, to, actions) {
  const id = `evidence-${++count}`;
  const evidence = el("div", { class: "evidence", id, hidden: true });
  const button = el(
    "button",
    { type: "button", class: "why", "aria-expanded": "false", "aria-controls": id, title: "Why?" },
    el("span", { class: "hear" }, `Why ${each.skill}? Score `),
    bar(share, relation),
    el("span", { class: "score" }, each.score.toFixed(each.score < 0.1 ? 3 : 2)),
    el("span", { class: "turn", "aria-hidden": "true" }),
  );
  button.addEventListener("click", () => {
    const opening = evidence.hidden;
    evidence.hidden = !opening;
    button.setAttribute("aria-expanded", String(opening));
    if (opening && evidence.childElementCount === 0) explain(evidence, relation, each, to, actions);
  });
  const title = `${many(each.candidates, "candidate")} name it`;
  const name = el("a", { class: "name", href: skillAddress(each.skill), title }, each.skill);
  const facts = { "data-skill": each.skill, "data-score": each.score };
  return el("li", facts, el("div", { class: "row" }, name, button), evidence);
}

async function explain(place, relation, each, to, actions) {
  place.replaceChildren(el("p", { class: "fine" }, "Asking what the lists say…"));
  const query = new URLSearchParams({ other: each.skill, relation });
  try {
    const answers = await Promise.all(to.map((skill) => ask(`${path("v1/skills", skill, "explain")}?${query}`)));
    place.replaceChildren(
      el("p", {}, `${many(each.candidates, "candidate")} name ${each.skill}.`),
      each.relatedness === null ? "" : el("p", {}, `Relatedness ${each.relatedness.toFixed(2)}: ${rarity(each.relatedness)}.`),
      ...answers.flatMap((answer) => answer.explained.map((told) => counted(answer.resolved.skill, told))),
      el("p", { class: "line" }, actions(each.skill)),
    );
  } catch (error) {
    place.replaceChildren(problem(error, () => explain(place, relation, each, to, actions)));
  }
}

/** What the corpus counts of a pair. */
function counted(skill, { skill: other, rank, corpus }) {
  const place = rank === null ? "" : ` ${other} is number ${rank} of the neighbours of ${skill}.`;
  if (corpus === null) {
    return el("p", {}, `How many lists name both ${skill} and ${other} is not kept in this release.${place}`);
  }
  const { lists, floor, named, other_named: otherNamed, together } = corpus;
  const told = (number) => (number === null ? `fewer than ${floor}` : whole(number));
  const hidden = [named, otherNamed, together].includes(null);
  const both = el("strong", {}, `${told(together)} of ${whole(lists)} lists`);
  return el(
    "div",
    { class: "counted" },
    el("p", {}, both, ` name both ${skill} and ${other}`, chance(corpus)),
    el("p", { class: "fine" }, `${told(named)} lists name ${skill}, ${told(otherNamed)} name ${other}.${place}`),
    hidden && el("p", { class: "fine" }, `Counts below ${floor} are not told, so that nobody is given away.`),
  );
}

/** How that compares with chance, where it may be told. */
function chance({ together, expected, pmi }) {
  if (expected === null) return ".";
  const by = `; by chance it would be ${rough(expected)}`;
  if (together === null || pmi === null) return `${by}.`;
  const times = rough(together / expected);
  return `${by}: ${times === "1" ? "about as often" : `${times} times as often`} (PMI ${pmi.toFixed(2)} bits).`;
}
