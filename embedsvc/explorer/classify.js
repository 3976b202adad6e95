/** The view of classification: labels with probabilities, and what the classifier would have said where it abstains. */

import { bar, el, note } from "./elements.js";
import { commonSkill, related, served } from "./served.js";
import { ask, askTogether } from "./service.js";
import { itemOf, textView } from "./texts.js";

const K = 5;
const text = document.getElementById("classify-text");
const classifier = document.getElementById("classifier");
const threshold = document.getElementById("threshold");
let declared = null;

const shown = textView("classify", "Type a text, or take an example.", question, async () => {
  const skill = await commonSkill();
  text.value = [skill, ...(await related(skill, "used_with", 4))].join(", ");
});

/** Show the view, and the classifiers of the release to choose from. */
export function open() {
  shown();
  declare();
}

async function declare() {
  const info = await served().catch(() => null);
  if (info === null || info.name === declared) return;
  declared = info.name;
  // The one that the service takes by itself comes first.
  const known = [...(info.served?.classifiers ?? [])];
  const sorted = known.sort((one, other) => (other.name === "label") - (one.name === "label"));
  const choice = ({ name, labels }) => el("option", { value: name }, `${name} (${labels.length} labels)`);
  classifier.replaceChildren(...sorted.map(choice));
}

async function question(signal) {
  await declare();
  const body = { texts: [text.value], top_k: K };
  if (classifier.value) body.classifier = classifier.value;
  const own = threshold.value === "" ? {} : { threshold: Number(threshold.value) };
  const [answer, all] = await askTogether(() => [
    ask("v1/classify", { body: { ...body, ...own }, signal }),
    ask("v1/classify", { body: { ...body, threshold: 0 }, signal }),
  ]);
  const reached = new Set(itemOf(answer.results).labels.map((each) => each.label));
  const labels = itemOf(all.results).labels;
  const certain = labels.filter((each) => reached.has(each.label));
  const rest = labels.filter((each) => !reached.has(each.label));
  const abstains = certain.length === 0;
  return {
    status: abstains ? "It abstains." : `${certain[0].label}, ${percent(certain[0].probability)}.`,
    heard: true,
    content: [
      abstains ? note(el("strong", {}, "It abstains: "), "no label is probable enough to be given.") : list(certain),
      rest.length > 0 && el("h3", {}, abstains ? "What it would have guessed" : "Not probable enough to be given"),
      rest.length > 0 && list(rest, "faint"),
    ],
  };
}

function list(labels, kind = "") {
  const row = ({ label, probability }) => el(
    "li",
    { class: "row" },
    el("span", { class: "name" }, label),
    el("span", { class: "why" }, bar(probability, "similar"), el("span", { class: "score" }, percent(probability))),
  );
  return el("ol", { class: `rows labels ${kind}` }, labels.map(row));
}

const percent = (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
