// Requests to our own API; a failure is a Problem whose message can be shown (RFC 9457).
import { t } from "./i18n.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || t("The server did not answer (%(status)s)", { status: status || "–" }));
    this.status = status;
    this.body = body;
  }
}

async function request(url, options) {
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
  return body;
}

export function address(path, parameters = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

export function getJSON(path, parameters = {}, signal = undefined) {
  return request(address(path, parameters), { signal, headers: { Accept: "application/json, application/geo+json" } });
}

export function postJSON(path, body, signal = undefined) {
  return request(address(path), {
    method: "POST",
    signal,
    headers: {
      Accept: "application/json, application/geo+json",
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content || "",
    },
    body: JSON.stringify(body),
  });
}
