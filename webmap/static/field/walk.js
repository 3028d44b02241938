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

/** "change" is dispatched when it starts, stops or grows. current: {stream_id, account, round_id, is_paused}. */
export const walk = new EventTarget();
walk.current = null;
walk.walked = new Walked();

let lastFix = null;
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
    walk.walked.add({ at, lon, lat, accuracy_m: accuracy_m ?? 0 });
  }
  await keep(current);
}

export async function begin(account, roundId) {
  const stream = { stream_id: uuid(), account, device_id: await deviceId(), round_id: roundId ?? null };
  await openStream(stream);
  walk.walked = new Walked();
  lastFix = null;
  await keep({ ...stream, is_paused: false });
}

export function setPaused(isPaused) {
  return keep({ ...walk.current, is_paused: isPaused });
}

export async function end() {
  const { account, stream_id } = walk.current;
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

async function record() {
  const fix = position.latest;
  if (!walk.current || walk.current.is_paused || !isNew(lastFix, fix)) return;
  lastFix = fix;
  await appendFix(walk.current.stream_id, [Math.round(fix.at), fix.lon, fix.lat, fix.accuracy_m, fix.speed, fix.heading]);
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
  queue = queue.then(record).catch((error) => {
    walk.trouble = error;
    tell();
  });
});
document.addEventListener("visibilitychange", holdScreen);
setInterval(() => {
  if (walk.current && !walk.current.is_paused && performance.now() - heardAt > SILENCE_MS) askAgain();
}, SILENCE_MS);
