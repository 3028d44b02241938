/* Requests to the server: answered within 15 seconds or not at all, with the device token or the session. */

import { hearServer } from "./clock.js";

const ANSWER_WITHIN_MS = 15_000;

/** No answer, or one that was cut: nothing is known of what the server did. */
export class NoAnswer extends Error {}

/** The server answered that it did not do it. */
export class Refusal extends Error {
  constructor(status, body, headers) {
    const first = body?.errors?.[0];
    super(first?.detail || body?.title || `HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.code = first?.code || body?.type || "";
    this.pointer = first?.pointer || "";
    this.retryAfterMs = 1000 * (Number(headers.get("Retry-After")) || 0);
    this.headers = headers;
  }

  /** The server is ill or busy: the same again later may do. */
  get mayPass() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }

  /** Whoever asks is not known, or may not do this. */
  get isAboutMe() {
    return this.status === 401 || this.status === 403;
  }
}

/**
 * Ask; resolves with the body and the headers.
 * token: the device's; without it the session decides. csrf: for what a session writes.
 */
export async function ask(path, { method = "GET", token = null, csrf = null, json, body, headers = {} } = {}) {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
  try {
    const answer = await fetch(path, {
      method,
      body: json === undefined ? body : JSON.stringify(json),
      credentials: token ? "omit" : "same-origin",
      redirect: "error",
      signal: abort.signal,
      headers: {
        Accept: "application/json, application/geo+json",
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(csrf ? { "X-CSRFToken": csrf } : {}),
        ...headers,
      },
    });
    const isJson = /json/.test(answer.headers.get("Content-Type") ?? "");
    const content = isJson ? await answer.json() : null;
    hearServer(answer.headers.get("Date"));
    if (!answer.ok) throw new Refusal(answer.status, content, answer.headers);
    return { content, headers: answer.headers };
  } catch (error) {
    throw error instanceof Refusal ? error : new NoAnswer(error.message);
  } finally {
    clearTimeout(limit);
  }
}
