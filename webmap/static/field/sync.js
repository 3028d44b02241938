/* The upload engine: one flush at a time, again and again until the server has answered for everything. */

import { serverNow } from "./clock.js";
import { receiptsSoFar, sendFixes, sendPhotos, sendRecords } from "./send.js";
import { Refusal } from "./server.js";
import { accountsWith, forgetOld, readMeta, writeMeta } from "./store.js";

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const FORGET_EVERY_MS = 3_600_000;

let pause = FIRST_PAUSE_MS;
let timer = 0;
let running = null;
let wantsMore = false;
let forgetAfter = 0;

/** What a page shows of it; "change" is dispatched when something was sent or could not be. */
export const sync = new EventTarget();
sync.state = { isRunning: false, problem: "" };

/** What is done before each flush, e.g. seeing to a token; rejects where the network is away. */
sync.prepare = async () => {};

function tell(changes) {
  Object.assign(sync.state, changes);
  sync.dispatchEvent(new Event("change"));
}

/** Send now; of several calls at once one flush does the work, and one more if something came meanwhile. */
export function flushNow() {
  if (running) {
    wantsMore = true;
    return running;
  }
  running = run().finally(() => {
    running = null;
    if (wantsMore) {
      wantsMore = false;
      flushNow();
    }
  });
  return running;
}

async function run() {
  clearTimeout(timer);
  tell({ isRunning: true });
  const before = receiptsSoFar();
  try {
    await sync.prepare();
    // Two open tabs must not send the same at once; the server would not mind, the network would.
    if (navigator.locks) await navigator.locks.request("field-flush", flush);
    else await flush();
    pause = FIRST_PAUSE_MS;
    tell({ isRunning: false, problem: "" });
  } catch (error) {
    // Every failure is answered alike: everything is kept, told, and tried again later.
    tell({ isRunning: false, problem: error.message });
    if (receiptsSoFar() > before) pause = FIRST_PAUSE_MS; // some of it got through: soon again
    const jitter = 0.75 + Math.random() / 2;
    timer = setTimeout(flushNow, Math.max(pause * jitter, error.retryAfterMs ?? 0));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Send for everybody who ever signed in on this phone, by each one's own token. */
async function flush() {
  const deviceId = await readMeta("device_id");
  let failure = null;
  for (const account of await accountsWith("token")) {
    const token = await readMeta(`token:${account}`);
    for (const send of [sendRecords, sendFixes, sendPhotos]) {
      try {
        await send(account, token, deviceId);
        tell({});
      } catch (error) {
        failure = error;
        if (error instanceof Refusal && error.isAboutMe) {
          // Only the application itself says so in JSON; a proxy in front may be wrong.
          if (error.status === 401 && error.body) await forgetToken(account, token);
          break;
        }
        if (!(error instanceof Refusal)) throw error; // no network: nothing else will get through either
      }
    }
  }
  if (serverNow() !== null && performance.now() > forgetAfter) {
    await forgetOld(serverNow());
    forgetAfter = performance.now() + FORGET_EVERY_MS;
  }
  if (failure) throw failure;
}

async function forgetToken(account, token) {
  if ((await readMeta(`token:${account}`)) === token) await writeMeta(`token:${account}`, null);
}

/** Send whenever it may help: the network is back, the page is seen again. */
export function keepSending() {
  addEventListener("online", flushNow);
  document.addEventListener("visibilitychange", () => document.hidden || flushNow());
}
