/* Walks on this phone: fixes numbered from 0 in the order they came, appended and never changed. */

import { answer, transact } from "./database.js";

/** Begin a walk; `stored` is how many of its fixes the server has. */
export function openStream(stream) {
  return transact(["streams"], "readwrite", ({ streams }) => answer(streams.add(
    { total: 0, stored: 0, is_closed: false, is_told: false, state: "waiting", detail: "", receipt: null, ...stream })));
}

/** Append a fix: [milliseconds of the phone's clock, lon, lat, accuracy, speed, heading]. */
export function appendFix(streamId, fix) {
  return transact(["streams", "fixes"], "readwrite", async ({ streams, fixes }) => {
    const stream = await answer(streams.get(streamId));
    fixes.add({ stream_id: streamId, number: stream.total, fix });
    streams.put({ ...stream, total: stream.total + 1 });
  });
}

export function changeStream(streamId, changes) {
  return transact(["streams"], "readwrite", async ({ streams }) => {
    const stream = await answer(streams.get(streamId));
    streams.put({ ...stream, ...changes });
  });
}

export function streamsOf(account) {
  return transact(["streams"], "readonly", ({ streams }) => answer(streams.index("account").getAll(account)));
}

/** Fixes of a walk from a number on, in their order. */
export async function fixesFrom(streamId, first, most) {
  const rows = await transact(["fixes"], "readonly", ({ fixes }) =>
    answer(fixes.getAll(IDBKeyRange.bound([streamId, first], [streamId, []]), Number.isFinite(most) ? most : undefined)));
  return rows.map((row) => row.fix);
}

/** Put a walk of an export file back, unless it is here already. */
export function restoreStream(stream, allFixes) {
  return transact(["streams", "fixes"], "readwrite", async ({ streams, fixes }) => {
    if (await answer(streams.get(stream.stream_id))) return false;
    streams.add(stream);
    allFixes.forEach((fix, number) => fixes.add({ stream_id: stream.stream_id, number, fix }));
    return true;
  });
}
