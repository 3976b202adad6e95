/** What the views of texts share: a form that asks a panel, never through the address, and an example made of the release. */

import { Panel, sendByKeyboard } from "./panel.js";

/**
 * A view whose form asks `question(signal)` and whose example button first runs `example()`. Texts are not written into
 * the address: they may be CVs, and addresses are kept in histories.
 */
export function textView(name, empty, question, example) {
  const panel = new Panel(name);
  const form = document.getElementById(`${name}-form`);
  const asked = () => panel.show(question);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asked();
  });
  sendByKeyboard(form);
  form.querySelector("[data-example]").addEventListener("click", () => {
    panel.show(async (signal) => {
      await example();
      return question(signal);
    });
  });
  return () => {
    if (panel.answer.childElementCount === 0 && panel.status.textContent === "") panel.say(empty);
  };
}

/** The error of one item of a batch, thrown as if the whole had failed. */
export function itemOf(results) {
  const [result] = results;
  if (result.error) throw Object.assign(new Error(result.error.message), result.error);
  return result;
}
