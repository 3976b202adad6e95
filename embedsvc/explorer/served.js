/** The release that answers: its name in the head of the page, its parts for forms, and examples made of it. */

import { ask, path, watchRelease } from "./service.js";

let known = null;
let turn = 0;
const label = document.getElementById("served");

/** The release that answers, as `GET /v1/releases/{name}` tells it; asked for once, and again after a swap. */
export function served() {
  known ??= look().catch((error) => {
    known = null;
    throw error;
  });
  return known;
}

async function look() {
  const ready = await ask("health/ready");
  return ask(path("v1/releases", ready.release));
}

watchRelease((name) => {
  if (label.dataset.name === name) return;
  if (label.dataset.name !== undefined) known = null;
  label.dataset.name = name;
  label.textContent = `Release ${name}`;
});

/** Say in the head of the page that nothing answers. */
export function nothingServed(error) {
  if (error.status === 503) label.textContent = "No release is being served";
  if (error.status === 0) label.textContent = "The service does not answer";
}

/** The spaces of the release that can be asked one by one; none where that cannot be told. */
export async function servedSpaces() {
  const info = await served().catch(() => null);
  return info?.served?.spaces ?? [];
}

/** One of the commonest skills of the release, another at each call. */
export async function commonSkill() {
  const { served: parts } = await served();
  const common = parts?.commonest ?? [];
  if (common.length === 0) throw new Error("This release has no skills to make an example of.");
  turn = (turn + 1) % common.length;
  return common[(turn * 7) % common.length].skill;
}

/** The `k` best skills of a relation to a skill, by their names. */
export async function related(skill, relation, k) {
  const query = new URLSearchParams({ relation, k });
  const answer = await ask(`${path("v1/skills", skill, "related")}?${query}`);
  return answer.related.map((each) => each.skill);
}
