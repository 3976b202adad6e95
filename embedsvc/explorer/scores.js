/** The scores of a release, each beside what simpler ways and the active release reach. */

import { el, listed, whole } from "./elements.js";

/** A table of primary scores, and how to read it; `active` are those of the active release, where it is another one. */
export function scoreTable(scores, active = null) {
  const drawn = el("span", { class: "hear" }, "Drawn");
  const titles = ["Task", "Score", "95 % interval", active && "Active release", "Baselines", drawn].filter(Boolean);
  const head = el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title))));
  const rows = scores.map((score) => row(score, active));
  return [
    el("p", { class: "fine" }, "Drawn from 0 to 1: the point is the score, the line its interval, each tick a baseline."),
    active && el("p", { class: "fine" }, "Better or worse than the active release: where its score lies outside the interval."),
    el("div", { class: "wide" }, el("table", { class: "scores" }, head, el("tbody", {}, rows))),
  ];
}

function row(score, active) {
  const { task, metric, value, low, high, items, baselines } = score;
  const known = Object.entries(baselines).filter(([, reached]) => reached !== null);
  const told = known.map(([name, reached]) => `${name} ${digits(reached)}`).join(", ");
  // 1 is the most there can be: something to be near to, and no rival.
  const above = ([, reached]) => (score.higher_is_better ? reached > value && reached < 1 : reached < value);
  const beaten = known.filter(above).map(([name]) => name);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, task, el("span", { class: "fine" }, ` ${metric}, ${whole(items)} items`)),
    el("td", { class: "number" }, el("strong", {}, digits(value))),
    el("td", { class: "number" }, low === null || high === null ? "–" : `${digits(low)} to ${digits(high)}`),
    active && compared(score, active),
    el("td", {}, told || "–", beaten.length ? el("span", { class: "fine below" }, ` better: ${listed(beaten)}`) : null),
    el("td", { class: "drawn" }, drawing(score, known)),
  );
}

/** The same score of the active release, and whether this one differs by more than its interval. */
function compared({ task, metric, value, low, high, higher_is_better: up }, active) {
  const same = active.find((each) => each.task === task && each.metric === metric);
  if (same === undefined) return el("td", { class: "active" }, "–");
  const apart = low === null || high === null ? same.value !== value : same.value < low || same.value > high;
  const better = value > same.value === up;
  const told = !apart ? "alike" : better ? "this is better" : "this is worse";
  const kind = apart && !better ? "fine below" : "fine";
  return el("td", { class: "active" }, digits(same.value), el("span", { class: kind }, ` ${told}`));
}

function drawing({ value, low, high }, known) {
  const place = el("span", { class: "track", "aria-hidden": "true" });
  const at = (share) => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
  if (low !== null && high !== null) {
    const interval = el("span", { class: "interval" });
    interval.style.left = at(low);
    interval.style.width = `calc(${at(high)} - ${at(low)})`;
    place.append(interval);
  }
  for (const [, reached] of known) {
    const tick = el("span", { class: "tick" });
    tick.style.left = at(reached);
    place.append(tick);
  }
  const point = el("span", { class: "point" });
  point.style.left = at(value);
  place.append(point);
  return place;
}

const digits = (number) => number.toFixed(3);
