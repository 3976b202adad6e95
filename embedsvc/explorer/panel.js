/** The place of a view where its answer stands: while it is asked, when it is there, and when it failed. */

import { el, many } from "./elements.js";
import { Latest } from "./service.js";

const WORDS = {
  unknown_skill: "No such skill",
  unknown_candidate: "No such candidate",
  unknown_release: "No such release",
  no_active_release: "No release is being served yet",
  invalid_request: "This cannot be asked so",
  0: "No answer",
  401: "This service asks for an API key",
  403: "This is not allowed",
  404: "There is no such thing",
  413: "This text is too long",
  429: "Too many questions in a minute",
  500: "The service failed on this question",
  503: "The service cannot answer just now",
};

/** One view's answer. */
export class Panel {
  #latest = new Latest();

  constructor(view) {
    this.root = document.getElementById(`view-${view}`);
    this.status = this.root.querySelector(".status");
    this.answer = this.root.querySelector(".answer");
  }

  /**
   * Run `question(signal)`, which gives back `{status, content}`, and show them; the newest question wins. A status that
   * repeats the content is only `heard`, by screen readers. A failure is told in words, with a button that asks again.
   */
  async show(question) {
    const signal = this.#latest.begin();
    const inside = this.answer.contains(document.activeElement);
    this.answer.setAttribute("aria-busy", "true");
    this.say("Asking…");
    try {
      const { status, content, heard = false } = await question(signal);
      if (signal.aborted) return;
      this.say(status, heard);
      this.answer.replaceChildren(...content.filter(Boolean));
      // Whoever followed a link of the old answer by keyboard goes on at the head of the new one.
      if (inside) this.root.querySelector(".answer [tabindex='-1'], h1").focus();
    } catch (error) {
      if (signal.aborted) return;
      this.say("");
      this.answer.replaceChildren(problem(error, () => this.show(question)));
    }
    this.answer.removeAttribute("aria-busy");
  }

  /** Show nothing but a sentence. */
  clear(status = "") {
    this.#latest.end();
    this.answer.removeAttribute("aria-busy");
    this.say(status);
    this.answer.replaceChildren();
  }

  /** Say how it stands; read out by screen readers. */
  say(status, heard = false) {
    this.status.textContent = status;
    this.status.classList.toggle("hear", heard);
  }
}

/** A failure in words: what, why, its request id, and a button that asks again once that may help. */
export function problem(error, again) {
  const about = el("p", { class: "fine" }, `Code ${error.code ?? error.name}`);
  if (error.requestId) about.append(" · request ", el("code", {}, error.requestId));
  return el(
    "div",
    { class: "problem", role: "alert" },
    el("h2", {}, WORDS[error.code] ?? WORDS[error.status] ?? "This went wrong"),
    el("p", {}, error.status === 401 ? "Nothing is shown without one." : error.message),
    error.hints?.length ? el("p", { class: "line" }, "Near it: ", error.hints) : null,
    about,
    againButton(error, again),
  );
}

function againButton({ status, retryAfter }, again) {
  const button = el("button", { type: "button", class: "quiet", on: { click: again } });
  const words = status === 401 ? "Give a key" : "Ask again";
  const count = (left) => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${words} in ${many(left, "second")}` : words;
    if (left > 0) setTimeout(() => count(left - 1), 1000);
  };
  count(Math.ceil(retryAfter ?? 0));
  return button;
}

/** Let Ctrl+Enter (or Cmd+Enter) in a text send its form, as Enter begins a line there. */
export function sendByKeyboard(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
