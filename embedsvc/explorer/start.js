/** The page: which view is shown, by the address. */

import { here } from "./address.js";
import * as classify from "./classify.js";
import * as extract from "./extract.js";
import * as gap from "./gap.js";
import * as release from "./release.js";
import * as search from "./search.js";
import { nothingServed, served } from "./served.js";
import * as similarity from "./similarity.js";
import * as skills from "./skills.js";

const VIEWS = { skills, search, similarity, classify, extract, gap, release };
const links = [...document.querySelectorAll("nav a")];

function show() {
  const { view, parameters } = here();
  const shown = view in VIEWS ? view : "skills";
  for (const link of links) {
    if (link.dataset.view === shown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const name of Object.keys(VIEWS)) document.getElementById(`view-${name}`).hidden = name !== shown;
  const title = links.find((link) => link.dataset.view === shown).textContent;
  document.title = [parameters.get("q"), title, "embedsvc explorer"].filter(Boolean).join(" · ");
  VIEWS[shown].open(parameters);
}

// A link to a place of the page would be taken for a view.
document.getElementById("skip").addEventListener("click", () => {
  document.querySelector(".view:not([hidden]) h1").focus();
});
addEventListener("hashchange", show);
show();
served().catch(nothingServed);
