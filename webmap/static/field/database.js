/* The phone's database: opened once, brought up to date, written to so that a power cut loses nothing.

   records   points, and what was told of rounds, by the UUID made here
   photos    pictures as blobs, by their UUID
   streams   walks; their fixes are in `fixes` by walk and number
   meta      device id, tokens, counters, today's rounds, the saved area, by name

   Version 1 (until November 2026) kept points alone; they are carried over as they were. */

const NAME = "guangming-field";
const VERSION = 2;

let opened = null;

function upgrade(database, transaction, from) {
  const records = database.createObjectStore("records", { keyPath: "client_id" });
  records.createIndex("state", ["account", "state", "sequence"]);
  records.createIndex("latest", ["account", "sequence"]);
  records.createIndex("round", ["account", "round_id"]);
  const photos = database.createObjectStore("photos", { keyPath: "client_id" });
  photos.createIndex("state", ["account", "state"]);
  photos.createIndex("record", "record_id");
  const streams = database.createObjectStore("streams", { keyPath: "stream_id" });
  streams.createIndex("account", "account");
  database.createObjectStore("fixes", { keyPath: ["stream_id", "number"] });
  const meta = database.createObjectStore("meta");
  if (from === 1) carryOver(database, transaction, records, meta);
}

function carryOver(database, transaction, records, meta) {
  let highest = 0;
  transaction.objectStore("points").openCursor().onsuccess = ({ target }) => {
    const cursor = target.result;
    if (cursor) {
      highest = Math.max(highest, cursor.value.sequence ?? 0);
      records.put(ofVersion1(cursor.value));
      cursor.continue();
    } else {
      meta.put(highest, "sequence");
      database.deleteObjectStore("points");
    }
  };
}

/** A point of version 1 as a record. When its receipt came was not kept: its 30 days begin now. */
function ofVersion1({ client_id, account, state, detail, sequence = 0, ...body }) {
  return {
    client_id, account, state, detail: detail ?? "", sequence, body,
    type: "point",
    revision: 1,
    grade: null,
    receipt: state === "sent" ? { sha256: null, at: null } : null,
  };
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = (event) => upgrade(request.result, request.transaction, event.oldVersion);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const forget = () => { opened = null; };
      request.result.onclose = forget;
      // A page of a later version waits for this one to let go.
      request.result.onversionchange = () => { request.result.close(); forget(); };
      resolve(request.result);
    };
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** The answer of one request within a transaction. */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function begin(stores, mode) {
  try {
    return (await open()).transaction(stores, mode, { durability: "strict" });
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opened = null; // the browser had closed it
    return (await open()).transaction(stores, mode, { durability: "strict" });
  }
}

/**
 * Do some work in one transaction; resolves with what the work gives once it is on the disk.
 * The work gets its stores by name and awaits nothing but their requests.
 */
export async function transact(stores, mode, work) {
  const transaction = await begin(stores, mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
  done.catch(() => {}); // told below, also where the work failed first
  let result;
  try {
    result = await work(Object.fromEntries(stores.map((name) => [name, transaction.objectStore(name)])));
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // it has ended by itself
    }
    throw error;
  }
  await done;
  return result;
}
