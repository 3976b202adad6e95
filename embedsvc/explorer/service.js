/** Asking the service: one function for every endpoint, typed failures, and questions that overtake each other. */

import { askForKey, key } from "./key.js";

/** What the service answered instead of an answer; `status` is 0 where it did not answer at all. */
export class ServiceError extends Error {
  constructor(status, body, headers) {
    const told = body?.error ?? {};
    super(told.message ?? "The service did not answer; it may have been stopped, or the network is gone.");
    this.status = status;
    this.code = told.code ?? "no_answer";
    this.details = told.details ?? {};
    this.requestId = told.request_id ?? headers?.get("x-request-id") ?? null;
    const wait = Number(headers?.get("retry-after"));
    this.retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  }
}

const watchers = new Set();

/** Call `watcher` with the name of the release that each answer came from. */
export function watchRelease(watcher) {
  watchers.add(watcher);
}

/**
 * GET `path`, or POST `body` to it, and give back the JSON answered. Where the service wants a key, the reader is asked
 * for it and the question sent again.
 */
export async function ask(path, { body, signal } = {}) {
  for (;;) {
    const held = key();
    const answer = await send(path, body, signal, held);
    const told = await answer.json().catch(() => null);
    if (answer.ok && told !== null) {
      if (typeof told.release === "string") watchers.forEach((watcher) => watcher(told.release));
      return told;
    }
    const wantsKey = answer.status === 401 && !signal?.aborted;
    if (!wantsKey || !(await askForKey(held))) throw new ServiceError(answer.status, told, answer.headers);
  }
}

/**
 * The answers of several questions, all of one release: `question()` gives back their promises, and is called again where
 * the release was swapped between them.
 */
export async function askTogether(question) {
  for (let left = 3; ; left -= 1) {
    const answers = await Promise.all(question());
    if (left === 0 || new Set(answers.map((each) => each.release)).size === 1) return answers;
  }
}

async function send(path, body, signal, held) {
  const headers = held === null ? {} : { Authorization: `Bearer ${held}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method: body === undefined ? "GET" : "POST", headers, signal, credentials: "omit" };
  if (body !== undefined) options.body = JSON.stringify(body);
  try {
    return await fetch(new URL(path, document.baseURI), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError(0, null, null);
  }
}

/** A path with a name of outside in it: `path("v1/skills", "c#", "related")`. */
export function path(...parts) {
  const [root, ...names] = parts;
  return [root, ...names.map(encodeURIComponent)].join("/");
}

/** Questions of one place, of which the newest counts: an earlier one is cut off, and its answer never shown. */
export class Latest {
  #controller = null;

  /** The signal of a new question; those before it are cut off. */
  begin() {
    this.#controller?.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  /** Cut off what is asked. */
  end() {
    this.#controller?.abort();
    this.#controller = null;
  }
}
