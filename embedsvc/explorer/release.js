/** The view of releases: which there are, and of one its sizes, its scores beside their baselines, its model card. */

import { addressOf } from "./address.js";
import { el, listed, moment, note, size, whole } from "./elements.js";
import { key } from "./key.js";
import { Panel } from "./panel.js";
import { scoreTable } from "./scores.js";
import { ask, path } from "./service.js";

const panel = new Panel("release");

/** Show the release that the address names, or the active one. */
export function open(parameters) {
  panel.show(async (signal) => {
    const { releases } = await ask("v1/releases", { signal });
    const active = releases.find((each) => each.active);
    const name = parameters.get("name") ?? active?.name ?? releases[0]?.name;
    if (name === undefined) return { status: "", content: [note("There is no release in the store yet: train one.")] };
    const names = active === undefined || active.name === name ? [name] : [name, active.name];
    const [info, other] = await Promise.all(names.map((each) => ask(path("v1/releases", each), { signal })));
    return { status: name, heard: true, content: [...about(info, other), releases.length > 1 && others(releases, name)] };
  });
}

function about(info, active) {
  const { served } = info;
  const facts = [
    ["Made", moment(info.created)],
    ["By", info.kind === "reindex" ? "re-indexing" : "training"],
    ["Size", size(info.bytes)],
  ];
  for (const part of served ? ["skills", "words", "candidates"] : []) {
    facts.push([part.charAt(0).toUpperCase() + part.slice(1), whole(served[part])]);
  }
  const state = info.active ? "It is the active release." : "It is not active: another one answers.";
  return [
    el("h2", { tabindex: "-1", class: "code" }, info.name),
    el("p", { class: "facts" }, state, info.parent ? ` Made of ${info.parent}.` : ""),
    el("dl", { class: "cards" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    card(info),
    served && parts(served),
    el("h3", {}, "How good it is"),
    ...(info.scores.length ? scoreTable(info.scores, active?.scores) : [note("It was not evaluated.")]),
  ];
}

function parts({ classifiers, filters }) {
  const told = classifiers.map(({ name, labels }) => `${name} (${labels.length} labels)`);
  const columns = filters.map(({ field }) => field);
  return el(
    "p",
    {},
    told.length > 0 && `Classifiers: ${listed(told)}. `,
    columns.length > 0 && `A search can be narrowed by ${listed(columns)}.`,
  );
}

/** The model card: a page of its own, or, as no link can carry a key, a file to save. */
function card(info) {
  if (!info.card) return el("p", { class: "fine" }, "It has no model card.");
  const address = path("v1/releases", info.name, "card");
  if (key() === null) {
    const opening = { class: "button", href: address, target: "_blank", rel: "noopener" };
    return el("p", {}, el("a", opening, "Open the model card"));
  }
  const saving = { type: "button", class: "quiet", on: { click: () => save(address, info.name) } };
  return el("p", {}, el("button", saving, "Save the model card"));
}

async function save(address, name) {
  const headers = { Authorization: `Bearer ${key()}` };
  const answer = await fetch(new URL(address, document.baseURI), { headers });
  if (!answer.ok) {
    panel.say(`The card could not be had (status ${answer.status}).`);
    return;
  }
  const url = URL.createObjectURL(await answer.blob());
  el("a", { href: url, download: `card-${name}.html` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function others(releases, shown) {
  const titles = ["Release", "Made", "Size"].map((title) => el("th", { scope: "col" }, title));
  const rows = releases.map((release) => row(release, shown));
  const table = el("table", {}, el("thead", {}, el("tr", {}, titles)), el("tbody", {}, rows));
  return el("section", {}, el("h3", {}, "All releases"), el("div", { class: "wide" }, table));
}

function row({ name, created, bytes, active }, shown) {
  const link = el("a", { href: addressOf("release", [["name", name]]) }, name);
  return el(
    "tr",
    { "aria-current": name === shown ? "true" : null },
    el("th", { scope: "row" }, link, active && el("span", { class: "tag" }, "active")),
    el("td", {}, moment(created)),
    el("td", { class: "number" }, size(bytes)),
  );
}
