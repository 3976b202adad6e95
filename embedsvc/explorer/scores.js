/** The scores of a release, each beside what simpler ways reach on the same items. */

import { el, listed, whole } from "./elements.js";

/** A table of primary scores, and how to read it. */
export function scoreTable(scores) {
  const titles = ["Task", "Score", "95 % interval", "Baselines", el("span", { class: "hear" }, "Drawn")];
  const head = el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title))));
  return [
    el("p", { class: "fine" }, "Drawn from 0 to 1: the point is the score, the line its interval, each tick a baseline."),
    el("div", { class: "wide" }, el("table", { class: "scores" }, head, el("tbody", {}, scores.map(row)))),
  ];
}

function row(score) {
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
    el("td", {}, told || "–", beaten.length ? el("span", { class: "fine below" }, ` better: ${listed(beaten)}`) : null),
    el("td", { class: "drawn" }, drawing(score, known)),
  );
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
