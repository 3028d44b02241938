/* The rescue: what is on this phone as one file, and such a file back onto a phone. */

import { sha256 } from "./photos.js";
import { answer, transact } from "./database.js";
import { readMeta } from "./store.js";
import { fixesFrom, restoreStream, streamsOf } from "./streams.js";

const FORMAT = "guangming-field";

async function asBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  // In slices: String.fromCharCode takes only so many at once.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function asBlob(base64, type) {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type });
}

async function itemsOf(store, index, account) {
  return transact([store], "readonly", (stores) =>
    answer(stores[store].index(index).getAll(IDBKeyRange.bound([account], [account, []]))));
}

/**
 * An account's records, photos and walks as a file; those the server has too only if `withSent`.
 * The username tells an administrator of any server whose they are; `gis/rescue/model.py` reads the file.
 */
export async function exportFile(account, username, withSent) {
  const wanted = (item) => withSent || item.state !== "sent";
  const photos = [];
  for (const { blob, ...photo } of (await itemsOf("photos", "state", account)).filter(wanted)) {
    photos.push({ ...photo, base64: await asBase64(blob) });
  }
  const streams = [];
  for (const stream of await streamsOf(account)) {
    if (withSent || stream.stored < stream.total) streams.push({ ...stream, fixes: await fixesFrom(stream.stream_id, 0) });
  }
  const content = {
    device_id: await readMeta("device_id"),
    account,
    username,
    exported_at: new Date().toISOString(),
    records: (await itemsOf("records", "latest", account)).filter(wanted),
    photos,
    streams,
  };
  const text = JSON.stringify(content);
  const hash = await sha256(new TextEncoder().encode(text));
  return new Blob([`{"format":"${FORMAT}","version":1,"sha256":"${hash}","content":${text}}`], { type: "application/json" });
}

/** Read an export; resolves with its content. Rejects with a code: not-ours or damaged. */
export async function readExport(file) {
  let whole;
  try {
    whole = JSON.parse(await file.text());
  } catch {
    throw new Error("damaged");
  }
  if (whole?.format !== FORMAT || whole.version !== 1) throw new Error("not-ours");
  const hash = await sha256(new TextEncoder().encode(JSON.stringify(whole.content)));
  if (hash !== whole.sha256) throw new Error("damaged");
  return whole.content;
}

/** Put an export back, to be sent anew under an account; the server knows what it has. Gives how many were new here. */
export async function importContent(content, account) {
  const anew = { account, state: "waiting", detail: "", receipt: null };
  const photos = content.photos.map(({ base64, ...photo }) =>
    ({ ...photo, ...anew, offset: 0, blob: asBlob(base64, photo.media_type) }));
  let added = await transact(["records", "photos"], "readwrite", async (stores) => {
    let count = 0;
    const items = [...content.records.map((record) => ["records", { ...record, ...anew }]), ...photos.map((photo) => ["photos", photo])];
    for (const [store, item] of items) {
      if (await answer(stores[store].getKey(item.client_id))) continue;
      stores[store].add(item);
      count += 1;
    }
    return count;
  });
  for (const { fixes, ...stream } of content.streams) {
    const fresh = { ...stream, ...anew, total: fixes.length, stored: 0, is_closed: true, is_told: false };
    added += (await restoreStream(fresh, fixes)) ? 1 : 0;
  }
  return added;
}
