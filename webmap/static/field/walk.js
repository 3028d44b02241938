/* The walk that is under way: records fixes while the page is open, and goes on after a reload. */

import { uuid } from "../js/dom.js";
import { deviceId } from "./log.js";
import { askAgain, position } from "./position.js";
import { readMeta, writeMeta } from "./store.js";
import { appendFix, changeStream, fixesFrom, openStream } from "./streams.js";
import { flushNow } from "./sync.js";
import { isNew, Walked } from "./track.js";

const SEND_EVERY_MS = 30_000;
const SILENCE_MS = 15_000;
const LATE_MS = 10_000; // how long after a pause a position taken in it may still arrive

/** "change" is dispatched when it starts, stops or grows. current: {stream_id, account, round_id, is_paused}. */
export const walk = new EventTarget();
walk.current = null;
walk.walked = new Walked();

let lastFix = null;
let resumed = null; // {at: by the clock of the positions, heardAt: by the page's}
let sentAt = 0;
let lock = null;
let heardAt = 0;

const tell = () => walk.dispatchEvent(new Event("change"));

async function keep(current) {
  walk.current = current;
  await writeMeta(`walk:${current.account}`, current);
  await holdScreen();
  tell();
}

/** Take up the walk an account had under way, with its line so far. */
export async function takeUp(account) {
  const current = await readMeta(`walk:${account}`);
  if (!current) return;
  walk.walked = new Walked();
  for (const [at, lon, lat, accuracy_m] of await fixesFrom(current.stream_id, 0)) {
    lastFix = { at, lon, lat, accuracy_m: accuracy_m ?? 0 };
    walk.walked.add(lastFix);
  }
  await keep(current);
}

export async function begin(account, roundId) {
  const stream = { stream_id: uuid(), account, device_id: await deviceId(), round_id: roundId ?? null };
  await openStream(stream);
  walk.walked = new Walked();
  lastFix = null;
  resumed = null;
  await keep({ ...stream, is_paused: false });
}

/** Stop or go on recording from this moment; `setPaused` writes it down. */
export function hold(isPaused) {
  if (walk.current.is_paused && !isPaused) {
    const now = performance.now();
    // At least this late was it by the clock of the positions: that may be the satellites' and not the phone's.
    if (position.latest) resumed = { at: position.latest.at + now - heardAt, heardAt: now };
  }
  walk.current = { ...walk.current, is_paused: isPaused };
}

export function setPaused(isPaused) {
  hold(isPaused);
  return keep(walk.current);
}

/** Whether a position belongs to the walk: not one of a pause, also where it arrives after it. */
export function counts(fix) {
  if (!walk.current || walk.current.is_paused) return false;
  return !resumed || fix.at > resumed.at || performance.now() > resumed.heardAt + LATE_MS;
}

export async function end() {
  const { account, stream_id } = walk.current;
  await queue; // what was heard before the end belongs to the walk
  await changeStream(stream_id, { is_closed: true });
  await writeMeta(`walk:${account}`, null);
  walk.current = null;
  await holdScreen();
  tell();
}

/** Keep the screen on while walking: a page that is not seen gets no positions. */
async function holdScreen() {
  const wanted = walk.current && !walk.current.is_paused && !document.hidden;
  if (!wanted) {
    await lock?.release().catch(() => {});
    lock = null;
  } else if (!lock || lock.released) {
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }
}

async function record(streamId, fix) {
  await appendFix(streamId, [Math.round(fix.at), fix.lon, fix.lat, fix.accuracy_m, fix.speed, fix.heading]);
  walk.walked.add(fix);
  tell();
  if (Date.now() - sentAt > SEND_EVERY_MS || Date.now() < sentAt) {
    sentAt = Date.now();
    flushNow();
  }
}

// One after the other: a walk keeps the order its fixes came in.
let queue = Promise.resolve();
position.addEventListener("fix", () => {
  heardAt = performance.now();
  const fix = position.latest;
  // Judged when it is heard: when its turn comes, the walk may have gone on or ended.
  if (!counts(fix) || !isNew(lastFix, fix)) return;
  lastFix = fix;
  const { stream_id } = walk.current;
  queue = queue.then(() => record(stream_id, fix)).catch((error) => {
    walk.trouble = error;
    tell();
  });
});
document.addEventListener("visibilitychange", holdScreen);
setInterval(() => {
  if (walk.current && !walk.current.is_paused && performance.now() - heardAt > SILENCE_MS) askAgain();
}, SILENCE_MS);
