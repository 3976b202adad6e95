/** Elements and the words of numbers. Texts become text nodes and never markup: nothing here parses HTML. */

/**
 * An element with attributes and children; a child may be text, an element, or nothing (null, false).
 * `on` holds listeners. An attribute that is null or false is left out; `true` is an empty one.
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? "" : String(value));
    }
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A bar as long as `share` of its place, from 0 to 1; for the eye alone, as its number stands beside it. */
export function bar(share, kind = "") {
  const filled = el("span", { class: "filled" });
  filled.style.width = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
  return el("span", { class: `scale ${kind}`, "aria-hidden": "true" }, filled);
}

/** A sentence that stands where an answer would. */
export const note = (...inside) => el("p", { class: "note" }, ...inside);

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

/** 1575 -> "1,575". */
export const whole = (number) => WHOLE.format(number);

/** Two digits of any number: 10.66 -> "11". */
export const rough = (number) => SHORT.format(number);

/** "1 candidate", "2 candidates". */
export const many = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;

/** "a", "a and b", "a, b and c". */
export function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** What a relatedness says: how rare it is among pairs taken at random. */
export function rarity(relatedness, pairs = "pairs of skills") {
  if (relatedness < 0.2) return `no nearer than random ${pairs} often are`;
  const decade = Math.min(4, Math.floor(relatedness * 5 + 1e-9));
  return `fewer than 1 in ${whole(10 ** decade)} random ${pairs} are so near`;
}

/** Bytes in words: 170228072 -> "170 MB". */
export function size(bytes) {
  const steps = ["bytes", "kB", "MB", "GB", "TB"];
  const step = bytes > 0 ? Math.min(steps.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0;
  return `${new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(bytes / 1000 ** step)} ${steps[step]}`;
}

/** A moment as people of this browser write it; the text itself where it is none. */
export function moment(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return iso;
  return new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" }).format(when);
}
