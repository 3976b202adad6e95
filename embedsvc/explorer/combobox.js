/** A text field that proposes skills while one types: the pattern "combobox with list autocomplete" of WAI-ARIA. */

import { el, many } from "./elements.js";
import { ask, Latest } from "./service.js";

const PAUSE = 120;
const LIMIT = 8;

/** Proposals of the service below an input. */
export class Combobox {
  #latest = new Latest();
  #timer = 0;
  #options = [];
  #active = -1;

  /** `choose(skill)` is called with a proposal that was picked; Enter on none of them is left to the form. */
  constructor(input, list, choose) {
    this.input = input;
    this.list = list;
    this.choose = choose;
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => this.#pressed(event));
    input.addEventListener("blur", () => this.close());
    // The list takes no focus away from the input.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.#pick(Number(row.dataset.place));
    });
  }

  /** Close the list, and forget what is being asked for it. */
  close() {
    clearTimeout(this.#timer);
    this.#latest.end();
    this.list.hidden = true;
    this.#active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#latest.end();
    if (this.input.value.trim() === "") this.close();
    else this.#timer = setTimeout(() => this.#propose(), PAUSE);
  }

  async #propose() {
    const signal = this.#latest.begin();
    const query = new URLSearchParams({ prefix: this.input.value.trim(), limit: LIMIT });
    try {
      const answer = await ask(`v1/skills?${query}`, { signal });
      if (!signal.aborted) this.#open(answer.skills);
    } catch {
      // The question itself will say what is wrong; proposals are a help and no more.
      if (!signal.aborted) this.close();
    }
  }

  #open(skills) {
    this.#options = skills;
    this.#active = -1;
    this.list.replaceChildren(...skills.map((each, place) => this.#row(each, place)));
    this.list.hidden = skills.length === 0;
    this.input.setAttribute("aria-expanded", String(skills.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  #row(each, place) {
    const written = each.surface.toLowerCase() === each.skill.toLowerCase() ? null : each.surface;
    return el(
      "li",
      { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false", "data-place": place },
      el("span", { class: "name" }, each.skill, written && el("span", { class: "fine" }, ` written “${written}”`)),
      el("span", { class: "fine" }, many(each.candidates, "candidate")),
    );
  }

  #pressed(event) {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.#move(event.key === "ArrowDown" ? 1 : -1);
      else if (this.input.value.trim()) this.#propose();
    } else if (event.key === "Enter" && open && this.#active >= 0) {
      event.preventDefault();
      this.#pick(this.#active);
    } else if (event.key === "Escape" && (open || this.input.value)) {
      event.preventDefault();
      if (!open) this.input.value = "";
      this.close();
    }
  }

  #move(step) {
    // One place more than there are proposals: there, the reader is back in the input.
    const places = this.#options.length + 1;
    this.#active = ((this.#active + 1 + step + places) % places) - 1;
    for (const [place, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(place === this.#active));
      if (place === this.#active) row.scrollIntoView({ block: "nearest" });
    }
    if (this.#active < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.#active}`);
  }

  #pick(place) {
    const picked = this.#options[place];
    this.close();
    this.choose(picked.skill);
  }
}
