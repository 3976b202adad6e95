/** What each model of the release by itself holds to be near a skill, side by side. */

import { skillAddress } from "./address.js";
import { el, note } from "./elements.js";
import { problem } from "./panel.js";
import { ask, path } from "./service.js";

const K = 12;
const TITLES = { word2vec: "word2vec", fasttext: "fastText", glove: "GloVe", sentences: "Sentence encoder" };

/**
 * A fold that asks each of the `spaces` for its nearest once it is opened; what `similar` names too is marked.
 * `remember(open)` is told of each opening and closing.
 */
export function models(skill, spaces, similar, open, remember) {
  const fold = el("details", { class: "models" }, el("summary", {}, "What each model says by itself"));
  const place = el("div", {});
  fold.append(place);
  fold.addEventListener("toggle", () => {
    remember(fold.open);
    if (fold.open && place.childElementCount === 0) fill(place, skill, spaces, similar);
  });
  fold.open = open;
  return fold;
}

async function fill(place, skill, spaces, similar) {
  place.replaceChildren(el("p", { class: "fine" }, "Asking every model…"));
  try {
    const answers = await Promise.all(spaces.map((space) => nearest(skill, space)));
    const joined = new Set(similar.map((each) => each.skill));
    place.replaceChildren(
      el("p", { class: "fine" }, "Numbers: cosine in that space. Bold: also among “Could stand in for it” above."),
      el("div", { class: "grid" }, spaces.map((space, at) => column(space, answers[at], joined))),
    );
  } catch (error) {
    place.replaceChildren(problem(error, () => fill(place, skill, spaces, similar)));
  }
}

/** The nearest in one space, or why it has none: a skill that a space lacks is no failure of the others. */
async function nearest(skill, space) {
  const query = new URLSearchParams({ space, k: K });
  try {
    return await ask(`${path("v1/skills", skill, "related")}?${query}`);
  } catch (error) {
    if (error.status !== 404) throw error;
    return { related: [], refusal: error.message };
  }
}

function column(space, { related, refusal = "Nothing is near enough." }, joined) {
  const title = TITLES[space] ?? space;
  const row = ({ skill, score }) => el(
    "li",
    { class: joined.has(skill) ? "both" : null },
    el("a", { class: "name", href: skillAddress(skill) }, skill),
    el("span", { class: "score" }, score.toFixed(2)),
  );
  const body = related.length ? el("ol", { class: "plain" }, related.map(row)) : note(refusal);
  return el("section", { class: "column", "aria-label": title }, el("h3", {}, title), body);
}
