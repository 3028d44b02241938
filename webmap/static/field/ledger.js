/* The ledger: what is saved here, what the server has, what waits; each record with its state, grade and receipt. */

import { button, el } from "../js/dom.js";
import { t, time } from "../js/i18n.js";
import { gradeBadge, wayWords } from "./finding.js";
import { countStates, latestRecords, photosWhere, refusedRecords, reviseRecord } from "./store.js";
import { streamsOf } from "./streams.js";
import { sync } from "./sync.js";

const SHOWN = 50;
const FULL_SHARE = 0.8;

const element = (id) => document.getElementById(id);
const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

const EVENTS = { start: t("Round started"), pause: t("Paused"), resume: t("Resumed"), end: t("Round ended") };
const WAYS = { pass: t("visited by passing"), qr: t("visited by code"), manual: t("visited, by hand") };
const STATES = {
  waiting: [t("waiting"), "badge-warn"],
  sent: [t("on the server"), "badge-ok"],
  refused: [t("refused"), "badge-danger"],
};

function kindName(code) {
  return document.querySelector(`input[name=kind][value="${CSS.escape(code)}"] + span`)?.textContent ?? code;
}

function whatOf({ type, body, round_id }) {
  if (type === "point") return kindName(body.kind);
  if (type === "event") return `${EVENTS[body.kind]} · ${round_id}`;
  return t("Check point %(id)s", { id: body.check_point_id ?? "" }) + `: ${WAYS[body.by]}`;
}

function correct(record, changed) {
  const kind = el("select", { id: "correct-kind" }, ...[...document.querySelectorAll("input[name=kind]")].map((input) =>
    el("option", { value: input.value, selected: input.value === record.body.kind }, kindName(input.value))));
  const note = el("textarea", { id: "correct-note", rows: 3, maxlength: 500 }, record.body.note ?? "");
  const dialog = el("dialog", { class: "dialog", "aria-label": t("Correct") },
    el("div", { class: "field" }, el("label", { for: "correct-kind" }, t("What is here?")), kind),
    el("div", { class: "field" }, el("label", { for: "correct-note" }, t("Note")), note),
    el("div", { class: "form-actions" },
      button(t("Save the correction"), { class: "btn btn-primary", onclick: async () => {
        await reviseRecord(record.client_id, { kind: kind.value, note: note.value.trim() });
        dialog.close();
        changed();
      } }),
      button(t("Cancel"), { onclick: () => dialog.close() })));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function line(record, changed) {
  const { body, state, receipt, detail, grade, type, revision } = record;
  const [words, badge] = STATES[state];
  return el("li", { class: "entry" },
    el("details", {},
      el("summary", {},
        el("span", { class: "entry-what" }, `${time(body.device_at)} ${whatOf(record)}`),
        grade ? gradeBadge(grade) : null,
        el("span", { class: `badge ${badge}` }, words)),
      detail ? el("p", { class: "error" }, detail) : null,
      body.note ? el("p", {}, body.note) : null,
      wayWords(body) ? el("p", { class: "hint" }, `${wayWords(body)}: ${body.lon.toFixed(5)}, ${body.lat.toFixed(5)}`) : null,
      el("p", { class: "hint" }, receipt?.sha256
        ? t("Receipt %(hash)s of %(time)s", { hash: receipt.sha256.slice(0, 12), time: time(receipt.at) })
        : t("No receipt yet")),
      revision > 1 ? el("p", { class: "hint" }, t("Revision %(number)s", { number: revision })) : null,
      type === "point" ? button(t("Correct"), { class: "btn btn-small", onclick: () => correct(record, changed) }) : null));
}

/** The line that is always to be seen. */
async function showLine(account) {
  const { records, photos } = await countStates(account);
  const saved = sum(records) + sum(photos);
  const sent = records.sent + photos.sent;
  const refused = records.refused + photos.refused;
  const waiting = saved - sent - refused;
  element("saved").textContent = saved;
  element("sent").textContent = sent;
  element("waiting").textContent = waiting;
  element("refused").textContent = refused;
  element("refused-part").hidden = !refused;
  element("ledger-line").classList.toggle("has-waiting", waiting > 0);
  element("photo-count").textContent = t("Photos: %(saved)s saved here, %(sent)s on the server", { saved: sum(photos), sent: photos.sent });
  return { waiting, refused };
}

async function showTracks(account) {
  const streams = await streamsOf(account);
  const total = streams.reduce((all, stream) => all + stream.total, 0);
  const waiting = streams.reduce((all, stream) => all + Math.max(0, stream.total - stream.stored), 0);
  const refused = streams.filter((stream) => stream.state === "refused").map((stream) => stream.detail);
  element("track-count").textContent = t("Track: %(total)s positions, %(waiting)s waiting", { total, waiting })
    + (refused.length ? " · " + t("refused") + `: ${refused.join(", ")}` : "");
}

async function showList(account, changed) {
  const latest = await latestRecords(account, SHOWN);
  const known = new Set(latest.map((record) => record.client_id));
  const refused = (await refusedRecords(account)).filter((record) => !known.has(record.client_id));
  element("ledger").replaceChildren(...[...refused, ...latest].map((record) => line(record, changed)));
  const photos = await photosWhere(account, "refused");
  element("refused-photos").replaceChildren(...photos.map((photo) => el("li", {}, t("Photo refused") + `: ${photo.detail}`)));
}

/** Tell how full this phone is, before it is. */
async function showStorage() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const isKept = await navigator.storage?.persisted?.().catch(() => false);
  const megabytes = (bytes) => Math.round(bytes / 1e6);
  element("storage").textContent = quota
    ? t("%(used)s MB of %(all)s MB used", { used: megabytes(usage), all: megabytes(quota) }) + (isKept ? " · " + t("protected from clearing") : "")
    : "";
  element("storage-warning").hidden = usage <= quota * FULL_SHARE;
}

function showSync() {
  const { isRunning, problem } = sync.state;
  element("sync-state").textContent = isRunning ? t("Sending …") : problem ? t("Not sent yet, trying again") + `: ${problem}` : "";
  element("sync").toggleAttribute("aria-busy", isRunning);
}

/** Show all of it; the list only where it is open to be read. */
export async function showLedger(account, changed) {
  await showLine(account);
  showSync();
  await showStorage();
  if (element("view-ledger").hidden) return;
  await showTracks(account);
  await showList(account, changed);
}
