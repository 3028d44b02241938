/* The phone page: one point, where one stands. Nothing is forgotten before the server has answered for it. */

import { t } from "../js/i18n.js";
import { allPoints, forgetOld, keep, settle } from "./store.js";

const BATCH = 100;
const ANSWER_WITHIN_MS = 15_000;
const FRESH_MS = 30_000;
const KEEP_DAYS = 30;
const GOOD_M = 15;
const FAIR_M = 50;

const element = (id) => document.getElementById(id);
const account = Number(element("field-form").dataset.account);
let fix = null;
let pause = 2_000;
let timer = 0;

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http on an intranet has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The same for as long as this browser keeps it: tells the order of the records of one phone. */
function deviceId() {
  const known = localStorage.getItem("guangming-device");
  if (known) return known;
  const made = uuid();
  localStorage.setItem("guangming-device", made);
  return made;
}

function say(text, kind = "") {
  const message = element("message");
  message.className = `notice ${kind}`;
  message.textContent = text;
  message.hidden = false;
}

function showFix() {
  const box = document.querySelector(".fix");
  box.classList.remove("fix-good", "fix-fair", "fix-bad");
  element("log").disabled = !fix;
  if (!fix) return;
  const accuracy = fix.coords.accuracy;
  box.classList.add(accuracy <= GOOD_M ? "fix-good" : accuracy <= FAIR_M ? "fix-fair" : "fix-bad");
  element("fix-state").textContent = t("Accurate to %(metres)s m", { metres: Math.round(accuracy) });
  element("fix-detail").textContent = `${fix.coords.longitude.toFixed(6)}, ${fix.coords.latitude.toFixed(6)}`;
}

function watchPosition() {
  if (!window.isSecureContext || !navigator.geolocation) {
    element("fix-state").textContent = t("No position: this address is not served over HTTPS.");
    return;
  }
  navigator.geolocation.watchPosition(
    (position) => {
      fix = position;
      showFix();
    },
    (error) => {
      if (!fix) element("fix-state").textContent = t("No position") + `: ${error.message}`;
    },
    { enableHighAccuracy: true, maximumAge: 5_000, timeout: 20_000 },
  );
}

async function show() {
  const points = await allPoints(account);
  const sent = points.filter((point) => point.state === "sent");
  const waiting = points.filter((point) => point.state === "waiting");
  element("saved").textContent = points.length;
  element("sent").textContent = sent.length;
  element("waiting").textContent = waiting.length;
  const words = { sent: t("on the server"), waiting: t("waiting"), refused: t("refused") };
  element("ledger").replaceChildren(
    ...points.slice(0, 10).map((point) => {
      const line = document.createElement("li");
      const what = document.createElement("span");
      const label = document.querySelector(`input[name=kind][value="${CSS.escape(point.kind)}"] + span`);
      const at = new Date(point.device_at).toLocaleTimeString();
      what.textContent = `${at} ${label ? label.textContent : point.kind} ${point.note}`;
      const state = document.createElement("span");
      state.className = `badge ${{ sent: "badge-ok", waiting: "badge-warn", refused: "badge-danger" }[point.state]}`;
      state.textContent = words[point.state] + (point.detail ? `: ${point.detail}` : "");
      line.append(what, state);
      return line;
    }),
  );
}

async function send(points) {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
  try {
    return await fetch("/api/v1/field/records", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      body: JSON.stringify({
        sent_at: new Date().toISOString(),
        device_id: deviceId(),
        records: points.map(({ account: _, state: __, detail: ___, ...point }) => ({ type: "point", ...point })),
      }),
      signal: abort.signal,
    });
  } finally {
    clearTimeout(limit);
  }
}

async function flush() {
  for (;;) {
    const waiting = (await allPoints(account)).filter((point) => point.state === "waiting").reverse();
    const batch = waiting.slice(0, BATCH);
    if (!batch.length) return;
    const answer = await send(batch);
    if (!answer.ok) {
      if (answer.status === 401 || answer.status === 403) {
        say(t("Signed out: your points are safe on this phone. Sign in again to send them."), "notice-warn");
      }
      throw new Error(`HTTP ${answer.status}`);
    }
    const { results } = await answer.json();
    const byId = new Map(results.map((result) => [result.client_id, result]));
    const settled = batch
      .filter((point) => byId.has(point.client_id))
      .map((point) => {
        const { outcome, detail } = byId.get(point.client_id);
        const accepted = ["created", "duplicate", "revised"].includes(outcome);
        return { ...point, state: accepted ? "sent" : "refused", detail: accepted ? "" : detail || outcome };
      });
    if (!settled.length) throw new Error("no answer for any point");
    await settle(settled);
  }
}

async function sync() {
  clearTimeout(timer);
  try {
    // Two open tabs must not send the same points at once; the server would not mind, the network would.
    if (navigator.locks) await navigator.locks.request("field-flush", flush);
    else await flush();
    pause = 2_000;
  } catch {
    // Every failure is answered alike: keep everything, tell the ledger, try again later.
    timer = setTimeout(sync, pause);
    pause = Math.min(pause * 2, 60_000);
  }
  await show();
}

async function log(event) {
  event.preventDefault();
  const button = element("log");
  button.disabled = true;
  try {
    const stale = Date.now() - fix.timestamp > FRESH_MS;
    const points = await allPoints(account);
    await keep({
      client_id: uuid(),
      account,
      state: "waiting",
      lon: fix.coords.longitude,
      lat: fix.coords.latitude,
      accuracy_m: fix.coords.accuracy,
      fix_at: new Date(fix.timestamp).toISOString(),
      method: "gps",
      device_at: new Date().toISOString(),
      sequence: points.length ? points[0].sequence + 1 : 1,
      kind: new FormData(element("field-form")).get("kind"),
      note: element("note").value,
    });
    element("note").value = "";
    say(
      stale ? t("Saved on this phone, with a position older than 30 seconds.") : t("Saved on this phone."),
      stale ? "notice-warn" : "notice-ok",
    );
  } catch (error) {
    say(t("Not saved") + `: ${error.message}`, "notice-danger");
  } finally {
    button.disabled = !fix;
  }
  await sync();
}

element("field-form").addEventListener("submit", log);
element("sync").addEventListener("click", sync);
addEventListener("online", sync);
document.addEventListener("visibilitychange", () => document.hidden || sync());
navigator.storage?.persist?.();
watchPosition();
await forgetOld(account, KEEP_DAYS);
await sync();
