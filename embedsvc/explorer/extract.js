/** The view of extraction: a text with its skills marked where they stand. */

import { skillAddress } from "./address.js";
import { el, many, note } from "./elements.js";
import { commonSkill, related } from "./served.js";
import { ask } from "./service.js";
import { itemOf, textView } from "./texts.js";

const text = document.getElementById("extract-text");

/** Show the view. */
export const open = textView("extract", "Type a text, or take an example.", question, async () => {
  const skill = await commonSkill();
  const [one, two, three] = await related(skill, "used_with", 3);
  text.value = `Five years of ${skill} and ${one}; some ${two}.\nAlso: ${three}.`;
});

async function question(signal) {
  const sent = text.value;
  const { skills } = itemOf((await ask("v1/skills/extract", { body: { texts: [sent] }, signal })).results);
  const counts = new Map();
  for (const { skill } of skills) counts.set(skill, (counts.get(skill) ?? 0) + 1);
  if (skills.length === 0) return { status: "", content: [note("The text names no skill of this release.")] };
  return {
    status: `${many(counts.size, "skill")} in ${many(skills.length, "place")}.`,
    content: [
      el("p", { class: "marked" }, marked(sent, skills)),
      el("h3", {}, "Skills"),
      el("ul", { class: "chips" }, [...counts].map(chip)),
    ],
  };
}

function chip([skill, times]) {
  return el("li", { class: "chip" }, el("a", { href: skillAddress(skill) }, skill), times > 1 && ` ×${times}`);
}

/** The text in pieces, each skill a link within a mark. Offsets count code points, JavaScript's strings do not. */
function marked(sent, skills) {
  const points = [...sent];
  const pieces = [];
  let at = 0;
  for (const { skill, surface, start, end } of skills) {
    pieces.push(points.slice(at, start).join(""));
    const title = surface === skill ? skill : `${skill}, written “${surface}”`;
    const written = points.slice(start, end).join("");
    pieces.push(el("mark", {}, el("a", { href: skillAddress(skill), title }, written)));
    at = end;
  }
  return [...pieces, points.slice(at).join("")];
}
