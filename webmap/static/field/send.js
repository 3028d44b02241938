/* Sends what waits: records, then fixes, then photos. Nothing counts as sent without its receipt. */

import { t } from "../js/i18n.js";
import { chainOf } from "./chain.js";
import { serverNow } from "./clock.js";
import { ask, Refusal } from "./server.js";
import { photosWhere, settlePhoto, settleRecords, waitingRecords } from "./store.js";
import { changeStream, fixesFrom, streamsOf } from "./streams.js";

const BATCH = 100;
const FIXES = 500;
const PIECE = 256 * 1024;
const ACCEPTED = new Set(["created", "duplicate", "revised"]);

let receipts = 0;

/** How often the server has given receipts since the page was opened. */
export const receiptsSoFar = () => receipts;

const sentAt = () => new Date().toISOString();

/** Where each kind of record goes, by its round for what is told of one. */
function destination(record) {
  if (record.type === "point") return "/api/v1/field/records";
  return `/api/v1/field/rounds/${record.round_id}/${record.type}s`;
}

function payload(records, deviceId) {
  const items = records.map(({ client_id, revision, sequence, body, type }) =>
    type === "point" ? { type, client_id, revision, sequence, ...body } : { client_id, sequence, ...body });
  const [{ type }] = records;
  if (type === "point") return { sent_at: sentAt(), device_id: deviceId, records: items };
  return { sent_at: sentAt(), [`${type}s`]: items };
}

/** Send all waiting records of an account, a hundred at a time. */
export async function sendRecords(account, token, deviceId) {
  for (;;) {
    const batch = await waitingRecords(account, BATCH);
    if (!batch.length) return;
    const groups = new Map();
    for (const record of batch) {
      groups.set(destination(record), [...(groups.get(destination(record)) ?? []), record]);
    }
    for (const [path, records] of groups) await sendGroup(path, records, token, deviceId);
  }
}

async function sendGroup(path, records, token, deviceId) {
  let results;
  try {
    const { content } = await ask(path, { method: "POST", token, json: payload(records, deviceId) });
    results = new Map(content.results.map((result) => [result.client_id, result]));
  } catch (error) {
    if (!(error instanceof Refusal) || error.mayPass || error.isAboutMe || (error.status === 404 && records[0].type === "point")) {
      throw error;
    }
    if (records.length > 1 && error.status !== 404) {
      // Too large, or one of them spoils the rest: halves find out.
      const middle = records.length >> 1;
      await sendGroup(path, records.slice(0, middle), token, deviceId);
      await sendGroup(path, records.slice(middle), token, deviceId);
      return;
    }
    results = new Map(records.map(({ client_id }) => [client_id, { outcome: "rejected", detail: error.message }]));
  }
  const answered = records.filter(({ client_id }) => results.has(client_id));
  if (!answered.length) throw new Error("the server answered for no record");
  receipts += 1;
  await settleRecords(answered.map(({ client_id, revision }) => ({ client_id, revision, ...outcomeOf(results.get(client_id)) })));
}

function outcomeOf({ outcome, sha256 = null, detail, code, pointer = null }) {
  if (ACCEPTED.has(outcome)) return { state: "sent", detail: "", pointer: null, receipt: { sha256, at: serverNow() } };
  return { state: "refused", detail: detail || code || outcome, pointer, receipt: null };
}

/** Send the fixes of an account's walks from where the server's receipts end. */
export async function sendFixes(account, token) {
  for (const stream of await streamsOf(account)) {
    if (stream.state !== "refused") await sendStream(stream, token);
  }
}

/** Whether the server holds what this phone recorded, by the chain over it. */
async function holdsTheSame(stream_id, known, { stored, sha256 }) {
  const from = known && known.stored <= stored ? known : { stored: 0, sha256: null };
  const fixes = await fixesFrom(stream_id, from.stored, Infinity);
  return (await chainOf(fixes.slice(0, stored - from.stored), from.sha256)) === sha256;
}

async function sendStream({ stream_id, device_id, round_id, stored, total, is_closed, is_told, receipt }, token) {
  let first = stored;
  let known = receipt && { stored, sha256: receipt.sha256 };
  let round = round_id ?? undefined;
  while (first < total || (is_closed && !is_told)) {
    const fixes = await fixesFrom(stream_id, first, FIXES);
    const isLast = is_closed && first + fixes.length >= total;
    try {
      const { content } = await ask(`/api/v1/field/tracks/${stream_id}/fixes`, {
        method: "POST", token,
        json: { sent_at: sentAt(), device_id, round_id: round, first, fixes, is_last: isLast },
      });
      if (content.stored <= first && fixes.length) throw new Error("the server stored no fix");
      if (!(await holdsTheSame(stream_id, known, content))) {
        await changeStream(stream_id, { state: "refused", detail: t("The server holds other positions than this phone.") });
        return;
      }
      known = content;
      first = content.stored;
      is_told = isLast;
      receipts += 1;
      await changeStream(stream_id, { stored: first, is_told, receipt: { sha256: content.sha256, at: serverNow() } });
    } catch (error) {
      if (!(error instanceof Refusal) || error.mayPass || error.isAboutMe) throw error;
      const { wanted } = error.body ?? {};
      if (error.status === 409 && Number.isInteger(wanted) && wanted < first) {
        first = wanted; // the server was put back to an older state
      } else if (error.pointer === "round_id" && round !== undefined) {
        round = undefined; // the round is gone; the walk was walked
      } else {
        await changeStream(stream_id, { state: "refused", detail: error.message });
        return;
      }
    }
  }
}

/** Send the photos of an account, each from where its last piece ended. */
export async function sendPhotos(account, token) {
  for (const photo of await photosWhere(account, "waiting")) {
    try {
      await sendPhoto(photo, token);
    } catch (error) {
      if (!(error instanceof Refusal) || error.mayPass || error.isAboutMe) throw error;
      await settlePhoto(photo.client_id, { state: "refused", detail: error.message });
    }
  }
}

async function sendPhoto(photo, token) {
  const { client_id, record_id, sha256, media_type, taken_at, lon, lat } = photo;
  const bytes = photo.blob.size;
  let { content } = await ask("/api/v1/field/photos", {
    method: "POST", token, json: { client_id, record_id, sha256, bytes, media_type, taken_at, lon, lat },
  });
  while (content.state === "uploading") {
    const { offset } = content;
    try {
      ({ content } = await ask(`/api/v1/field/photos/${client_id}`, {
        method: "PATCH", token,
        body: await photo.blob.slice(offset, offset + PIECE).arrayBuffer(),
        headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
      }));
    } catch (error) {
      const wanted = Number(error.headers?.get("Upload-Offset") ?? NaN);
      if (error.status !== 409 || Number.isNaN(wanted) || wanted === offset) throw error;
      content = { ...content, offset: wanted };
    }
    await settlePhoto(client_id, { offset: content.offset });
  }
  if (content.state !== "complete" || content.receipt.sha256 !== sha256) {
    await settlePhoto(client_id, { state: "refused", detail: content.refusal ?? "sha256" });
    return;
  }
  receipts += 1;
  await settlePhoto(client_id, { state: "sent", offset: bytes, detail: "", receipt: { sha256, at: serverNow() } });
}
