/** Where the reader is: a view and what it asks, behind the `#` of the address, so that Back works and links can be sent. */

const FIRST = "skills";

/** The view of the address and its parameters. */
export function here() {
  const [view, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
  return { view: view || FIRST, parameters: new URLSearchParams(query) };
}

/** The address of a view; parameters are pairs, and those without a value are left out. */
export function addressOf(view, pairs = []) {
  const kept = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return query ? `#${view}?${query}` : `#${view}`;
}

/** Go to an address; asks again where it is this one already. */
export function go(address) {
  if (location.hash === address) dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = address;
}

/** The address of a skill as the query. */
export const skillAddress = (skill) => addressOf("skills", [["q", skill]]);
