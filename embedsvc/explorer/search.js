/** The view of search: candidates who read like a text, narrowed by what the release can filter by. */

import { addressOf, go } from "./address.js";
import { bar, el, listed, many, note, whole } from "./elements.js";
import { Panel, problem, sendByKeyboard } from "./panel.js";
import { commonSkill, related, served } from "./served.js";
import { ask, path } from "./service.js";

/** A longer text (a CV, say) is asked for, but not written into the address and so into the browser's history. */
const MAX_ADDRESS = 300;
const panel = new Panel("search");
const form = document.getElementById("search-form");
const text = document.getElementById("search-text");
const k = document.getElementById("search-k");
const filters = document.getElementById("search-filters");
let declared = null;
let count = 0;

/** Show what the address asks: `q`, `k`, and `where.FIELD`. */
export async function open(parameters) {
  const q = parameters.get("q") ?? "";
  if (q !== "") {
    text.value = q;
    k.value = parameters.get("k") ?? "10";
  } else if (panel.answer.childElementCount === 0) {
    panel.say("Type a text, or take an example.");
  }
  await declareFilters();
  if (q === "") return;
  for (const field of filters.querySelectorAll("select")) field.value = parameters.get(`where.${field.name}`) ?? "";
  search(q);
}

/** A choice for each column of texts that the release can filter by; made anew for another release. */
async function declareFilters() {
  const info = await served().catch(() => null);
  if (info === null || info.name === declared) return;
  declared = info.name;
  const columns = (info.served?.filters ?? []).filter((each) => each.values.length > 0);
  filters.replaceChildren(...columns.map(choice));
}

function choice({ field, values }) {
  const options = values.map(({ value, candidates }) => el("option", { value }, `${value} (${whole(candidates)})`));
  const name = field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
  return el("label", { class: "small" }, `${name} `, el("select", { name: field }, el("option", { value: "" }, "any"), options));
}

function chosen() {
  return [...filters.querySelectorAll("select")].filter((each) => each.value !== "").map((each) => [each.name, each.value]);
}

function search(q) {
  const conditions = chosen().map(([field, value]) => ({ field, in: [value] }));
  const body = { queries: [q], k: Number(k.value) || 10 };
  if (conditions.length > 0) body.where = conditions.length > 1 ? { and: conditions } : conditions[0];
  panel.show(async (signal) => {
    const answer = await ask("v1/search", { body, signal });
    const [{ hits, error, truncated }] = answer.results;
    if (error) throw Object.assign(new Error(error.message), error);
    const cut = truncated && note("The text is longer than was read: its end did not count.");
    return { status: found(answer, hits), content: [cut, list(hits)] };
  });
}

/** How many were found, among whom, and on which path. */
function found({ path: way, matching }, hits) {
  const among = matching === null ? "" : ` among ${many(matching, "candidate")} that the filters let through`;
  const by = { index: "by the index", scan: "by comparing each one" }[way];
  return `${many(hits.length, "candidate")}${among}, nearest first${by ? `, found ${by}` : ""}.`;
}

function list(hits) {
  return hits.length ? el("ol", { class: "hits" }, hits.map(hit)) : note("Nobody is let through by these filters.");
}

function hit({ id, score, title, label }) {
  const place = `similar-${++count}`;
  const like = el("div", { class: "evidence", id: place, hidden: true });
  const opening = { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": place };
  const button = el("button", opening, "Similar candidates");
  button.addEventListener("click", () => {
    like.hidden = !like.hidden;
    button.setAttribute("aria-expanded", String(!like.hidden));
    if (!like.hidden && like.childElementCount === 0) showSimilar(like, id);
  });
  return el("li", {}, summary({ id, score, title, label }, button), like);
}

function summary({ id, score, title, label }, button = null) {
  return el(
    "div",
    { class: "hit" },
    el(
      "p",
      { class: "title" },
      title || el("em", {}, "without a title"),
      label !== null && el("span", { class: "tag" }, label),
      el("code", { class: "fine" }, id),
    ),
    button,
    el("p", { class: "scored" }, bar(score, "similar"), el("span", { class: "score" }, score.toFixed(3))),
  );
}

async function showSimilar(place, id) {
  place.replaceChildren(el("p", { class: "fine" }, "Asking…"));
  try {
    const { hits } = await ask(`${path("v1/candidates", id, "similar")}?k=5`);
    place.replaceChildren(el("ol", { class: "hits" }, hits.map((each) => el("li", {}, summary(each)))));
  } catch (error) {
    place.replaceChildren(problem(error, () => showSimilar(place, id)));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const q = text.value.trim();
  if (q === "") return;
  if (q.length > MAX_ADDRESS) search(q);
  else go(addressOf("search", [["q", q], ["k", k.value], ...chosen().map(([field, value]) => [`where.${field}`, value])]));
});
sendByKeyboard(form);
form.querySelector("[data-example]").addEventListener("click", () => {
  panel.show(async () => {
    const skill = await commonSkill();
    go(addressOf("search", [["q", listed([skill, ...(await related(skill, "used_with", 2))])], ["k", 10]]));
    return { status: "", content: [] };
  });
});
