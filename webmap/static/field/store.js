/* What this phone keeps, for each account apart: written before the screen says saved, kept until 30 days
   after the server's receipt.

   A record: client_id, account, type (point, event, visit), revision, sequence, state (waiting, sent, refused),
   body (what is sent), grade, round_id, receipt {sha256, at} and, of a refused one, detail. */

import { answer, transact } from "./database.js";

const KEEP_MS = 30 * 86_400_000;
const REFERENCES = new Set(["round_id", "check_point_id"]);
const ALL = ["records", "photos", "streams", "fixes", "meta"];

const between = (...start) => IDBKeyRange.bound(start, [...start, []]);

export function readMeta(name) {
  return transact(["meta"], "readonly", ({ meta }) => answer(meta.get(name)));
}

export function writeMeta(name, value) {
  return transact(["meta"], "readwrite", ({ meta }) => answer(value === null ? meta.delete(name) : meta.put(value, name)));
}

/** A value of `meta`, made and kept when there is none yet. */
export function metaOnce(name, make) {
  return transact(["meta"], "readwrite", async ({ meta }) => {
    const known = await answer(meta.get(name));
    if (known !== undefined) return known;
    const made = make();
    meta.put(made, name);
    return made;
  });
}

/** Accounts by the name of a kind of entry, e.g. all that have a "token:7". */
export async function accountsWith(kind) {
  const names = await transact(["meta"], "readonly", ({ meta }) =>
    answer(meta.getAllKeys(IDBKeyRange.bound(`${kind}:`, `${kind};`, false, true))));
  return names.map((name) => Number(name.slice(kind.length + 1)));
}

/** Keep a new record and its photos, all or nothing; gives it its number in the order of this phone. */
export function saveRecord(record, photos = []) {
  return transact(["records", "photos", "meta"], "readwrite", async ({ records, photos: pictures, meta }) => {
    const sequence = ((await answer(meta.get("sequence"))) ?? 0) + 1;
    const kept = { revision: 1, state: "waiting", detail: "", receipt: null, ...record, sequence };
    meta.put(sequence, "sequence");
    meta.put(record.body.device_at, `last:${record.account}`);
    records.add(kept);
    for (const photo of photos) pictures.add(photo);
    return kept;
  });
}

/** Change what a record says: a new revision, sent anew. It no longer names the round or place it was refused for. */
export function reviseRecord(clientId, changes) {
  return transact(["records"], "readwrite", async ({ records }) => {
    const record = await answer(records.get(clientId));
    const body = { ...record.body, ...changes };
    if (REFERENCES.has(record.pointer)) delete body[record.pointer];
    const revised = {
      ...record,
      body,
      pointer: null,
      revision: record.revision + 1,
      state: "waiting",
      detail: "",
      receipt: null,
    };
    records.put(revised);
    return revised;
  });
}

/** Write down what became of records: {client_id, revision, state, detail, receipt}. A newer revision stays. */
export function settleRecords(outcomes) {
  return transact(["records"], "readwrite", async ({ records }) => {
    for (const { client_id, revision, ...outcome } of outcomes) {
      const record = await answer(records.get(client_id));
      if (record && record.revision === revision) records.put({ ...record, ...outcome });
    }
  });
}

export function waitingRecords(account, most) {
  return transact(["records"], "readonly", ({ records }) =>
    answer(records.index("state").getAll(between(account, "waiting"), most)));
}

/** The latest records of an account, newest first. */
export function latestRecords(account, most) {
  return transact(["records"], "readonly", ({ records }) => new Promise((resolve, reject) => {
    const found = [];
    const request = records.index("latest").openCursor(between(account), "prev");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length === most) {
        resolve(found);
        return;
      }
      found.push(cursor.value);
      cursor.continue();
    };
  }));
}

export function refusedRecords(account) {
  return transact(["records"], "readonly", ({ records }) =>
    answer(records.index("state").getAll(between(account, "refused"))));
}

export function recordsOfRound(account, roundId) {
  return transact(["records"], "readonly", ({ records }) =>
    answer(records.index("round").getAll(IDBKeyRange.only([account, roundId]))));
}

export function photosWhere(account, state) {
  return transact(["photos"], "readonly", ({ photos }) =>
    answer(photos.index("state").getAll(IDBKeyRange.only([account, state]))));
}

export function settlePhoto(clientId, outcome) {
  return transact(["photos"], "readwrite", async ({ photos }) => {
    const photo = await answer(photos.get(clientId));
    if (photo) photos.put({ ...photo, ...outcome });
  });
}

/** How many of an account's records and photos are in each state. */
export function countStates(account) {
  return transact(["records", "photos"], "readonly", async ({ records, photos }) => {
    const counts = { records: {}, photos: {} };
    for (const state of ["waiting", "sent", "refused"]) {
      counts.records[state] = await answer(records.index("state").count(between(account, state)));
      counts.photos[state] = await answer(photos.index("state").count(IDBKeyRange.only([account, state])));
    }
    return counts;
  });
}

/** Forget what the server has answered for more than 30 days ago by its own clock, never by the phone's. */
export function forgetOld(serverNow) {
  return transact(ALL, "readwrite", async ({ records, photos, streams, fixes }) => {
    for (const store of [records, photos, streams]) {
      for (const item of await answer(store.getAll())) {
        if (!item.receipt || (item.state !== "sent" && store !== streams)) continue;
        if (item.receipt.at === null) {
          store.put({ ...item, receipt: { ...item.receipt, at: serverNow } });
        } else if (item.receipt.at < serverNow - KEEP_MS && (store !== streams || isWhole(item))) {
          store.delete(item[store.keyPath]);
          if (store === streams) fixes.delete(between(item.stream_id));
        }
      }
    }
  });
}

/** Whether the server has all of a walk that has ended. */
export function isWhole(stream) {
  return stream.is_closed && stream.is_told && stream.stored >= stream.total;
}
