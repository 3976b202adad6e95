/** The view of similarity: two texts, one cosine, and what it means. */

import { bar, el, listed, note, rarity } from "./elements.js";
import { commonSkill, related } from "./served.js";
import { ask } from "./service.js";
import { textView } from "./texts.js";

const one = document.getElementById("one-text");
const other = document.getElementById("other-text");

/** Show the view. */
export const open = textView("similarity", "Type two texts, or take an example.", question, async () => {
  const skill = await commonSkill();
  one.value = listed([skill, ...(await related(skill, "used_with", 2))]);
  other.value = listed(await related(skill, "similar", 3));
});

async function question(signal) {
  const answer = await ask("v1/similarity", { body: { pairs: [[one.value, other.value]] }, signal });
  const [failed] = answer.errors;
  if (failed) throw Object.assign(new Error(failed.error.message), failed.error);
  const [score] = answer.scores;
  if (score === null) {
    return { status: "", content: [note("One of the texts holds no word that this release knows.")] };
  }
  const relatedness = answer.relatedness?.[0] ?? null;
  const truncated = answer.truncated?.[0] ?? [false, false];
  const cut = truncated.some(Boolean) && note("A text is longer than was read: its end did not count.");
  return {
    status: `Cosine ${score.toFixed(3)}.`,
    heard: true,
    content: [
      el("p", { class: "verdict" }, el("strong", {}, verdict(relatedness ?? score)), ` Cosine ${score.toFixed(3)}.`),
      bar(relatedness ?? score, "similar"),
      el("p", { class: "fine" }, meaning(relatedness)),
      cut,
    ],
  };
}

function meaning(relatedness) {
  if (relatedness === null) return "The bar is the cosine; this release says nothing of what random texts reach.";
  return `The bar is the relatedness, ${relatedness.toFixed(2)}: ${rarity(relatedness, "pairs of sentences")}.`;
}

function verdict(relatedness) {
  if (relatedness >= 0.6) return "Very alike.";
  if (relatedness >= 0.4) return "Alike.";
  if (relatedness >= 0.2) return "Somewhat alike.";
  return "Not alike, as far as can be told.";
}
