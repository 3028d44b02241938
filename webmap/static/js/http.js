// Requests to our own API; a failure is a Problem whose message can be shown (RFC 9457).
import { t } from "./i18n.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || t("The server did not answer (%(status)s)", { status: status || "–" }));
    this.status = status;
    this.body = body;
  }
}

// The body, and the tag of the state it shows.
async function exchange(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: t("No connection to the server") });
  }
  const isJson = /json/.test(answer.headers.get("Content-Type") || "");
  const body = isJson ? await answer.json() : null;
  if (!answer.ok || !isJson) throw new Problem(answer.status, body);
  return { body, tag: answer.headers.get("ETag") };
}

async function request(url, options) {
  return (await exchange(url, options)).body;
}

const JSON_TYPES = "application/json, application/geo+json";

function csrf() {
  return document.querySelector('meta[name="csrf-token"]')?.content || "";
}

export function address(path, parameters = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

export function getJSON(path, parameters = {}, signal = undefined) {
  return request(address(path, parameters), { signal, headers: { Accept: JSON_TYPES } });
}

export function getTagged(path) {
  return exchange(address(path), { headers: { Accept: JSON_TYPES } });
}

// Changes a record that is still in the state of that tag; 412 where somebody was faster.
export function patchJSON(path, patch, tag) {
  return request(address(path), {
    method: "PATCH",
    headers: { Accept: JSON_TYPES, "Content-Type": "application/merge-patch+json", "If-Match": tag, "X-CSRFToken": csrf() },
    body: JSON.stringify(patch),
  });
}

// Sends a piece of a file to where the server said it goes on.
export function patchPiece(path, offset, piece) {
  return request(address(path), {
    method: "PATCH",
    headers: { Accept: JSON_TYPES, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), "X-CSRFToken": csrf() },
    body: piece,
  });
}

// Stores a new feature; the answer's body is the feature as stored.
export function sendFeature(path, feature) {
  return request(address(path), {
    method: "POST",
    headers: { Accept: JSON_TYPES, "Content-Type": "application/geo+json", "X-CSRFToken": csrf() },
    body: JSON.stringify(feature),
  });
}

// Removes a record that is still in the state of that tag.
export async function removeTagged(path, tag) {
  const answer = await fetch(address(path), {
    method: "DELETE", credentials: "same-origin", headers: { Accept: JSON_TYPES, "If-Match": tag, "X-CSRFToken": csrf() },
  });
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => null));
}

export function postJSON(path, body, signal = undefined) {
  return request(address(path), {
    method: "POST",
    signal,
    headers: {
      Accept: JSON_TYPES,
      "Content-Type": "application/json",
      "X-CSRFToken": csrf(),
    },
    body: JSON.stringify(body),
  });
}
