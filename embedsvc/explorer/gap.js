/** The view of the gap: what of a job a CV covers, covers by a related skill, or lacks. */

import { skillAddress } from "./address.js";
import { bar, el, listed, many, note } from "./elements.js";
import { commonSkill, related } from "./served.js";
import { ask } from "./service.js";
import { textView } from "./texts.js";

const cv = document.getElementById("cv-text");
const job = document.getElementById("job-text");

/** Show the view. */
export const open = textView("gap", "Paste a CV and a job, or take an example.", question, async () => {
  const skill = await commonSkill();
  const [one, two, three] = await related(skill, "used_with", 3);
  const [near] = await related(skill, "similar", 1);
  cv.value = `Four years of ${skill} and ${one}. Also ${three}.`;
  job.value = `We ask for ${listed([skill, near, two, await commonSkill()])}.`;
});

async function question(signal) {
  const answer = await ask("v1/skills/gap", { body: { cv: cv.value, job: job.value }, signal });
  const { covered, related: near, missing, extra, coverage } = answer;
  if (coverage === null) return { status: "", content: [note("The job names no skill of this release.")] };
  const percent = `${Math.round(coverage * 100)} %`;
  const wanted = many(covered.length + near.length + missing.length, "skill");
  return {
    status: `${percent} covered.`,
    heard: true,
    content: [
      el(
        "p",
        { class: "verdict" },
        el("strong", {}, percent),
        ` of the job's ${wanted} covered, a related one counting as much as it is related.`,
      ),
      bar(coverage, "used_with"),
      el(
        "div",
        { class: "columns three" },
        group("Has", "✓", covered, (each) => [name(each.skill), written(each)]),
        group("Has something related", "≈", near, (each) => [name(each.skill), written(each), by(each)]),
        group("Lacks", "✗", missing, (each) => [name(each.skill), written(each)]),
      ),
      extra.length > 0 && el("h3", {}, "In the CV and not asked for"),
      el("ul", { class: "chips" }, extra.map((skill) => el("li", { class: "chip" }, name(skill)))),
    ],
  };
}

const name = (skill) => el("a", { href: skillAddress(skill) }, skill);

function written({ skill, asked }) {
  return asked.toLowerCase() === skill.toLowerCase() ? null : el("span", { class: "fine" }, ` asked as “${asked}”`);
}

function by({ by: cover, relatedness, score }) {
  const how = relatedness === null ? `score ${score.toFixed(2)}` : `relatedness ${relatedness.toFixed(2)}`;
  return el("span", { class: "fine" }, ` by ${cover}, ${how}`);
}

function group(title, sign, skills, tell) {
  return el(
    "section",
    { class: "column", "aria-label": title },
    el("h3", {}, el("span", { "aria-hidden": "true" }, `${sign} `), title, el("span", { class: "fine" }, ` ${skills.length}`)),
    skills.length ? el("ul", { class: "plain" }, skills.map((each) => el("li", {}, tell(each)))) : note("None."),
  );
}
