/** The API key: asked for where the service wants one, kept for this tab alone, forgotten on demand. */

const PLACE = "embedsvc-key";
const dialog = document.getElementById("key-dialog");
const input = document.getElementById("key-input");
const why = document.getElementById("key-why");
const forgetter = document.getElementById("key-button");
const FIRST = why.textContent;
let asking = null;

/** The key of this tab, or null. */
export function key() {
  return sessionStorage.getItem(PLACE);
}

/**
 * Ask the reader for a key; true once there is another than `refused`, false where they would not give one.
 * Questions that fail together share one dialog.
 */
export function askForKey(refused) {
  if (key() !== null && key() !== refused) return Promise.resolve(true);
  sessionStorage.removeItem(PLACE);
  show();
  asking ??= new Promise((settle) => {
    why.textContent = refused === null ? FIRST : "The key that was sent is not taken, or no longer. Try another one.";
    input.value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      asking = null;
      settle(dialog.returnValue === "use");
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

function show() {
  forgetter.hidden = key() === null;
}

document.getElementById("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(PLACE, input.value.trim());
  input.value = "";
  show();
  dialog.close("use");
});
document.getElementById("key-cancel").addEventListener("click", () => dialog.close());
forgetter.addEventListener("click", () => {
  sessionStorage.removeItem(PLACE);
  location.reload();
});
show();
