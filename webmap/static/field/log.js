/* Makes records of what a person does, with their grade, and keeps them. Each resolves once it is on the disk. */

import { uuid } from "../js/dom.js";
import { hasSteppedBack, offsetSeconds } from "./clock.js";
import { gradeOf } from "./evidence.js";
import { asFix } from "./position.js";
import { metaOnce, readMeta, saveRecord } from "./store.js";

export const deviceId = () => metaOnce("device_id", uuid);

async function moment(account) {
  const now = Date.now();
  const clock = { offset_s: offsetSeconds(), has_jumped: hasSteppedBack(await readMeta(`last:${account}`), now) };
  return { deviceAt: new Date(now).toISOString(), clock };
}

/**
 * Log a point.
 * place: {lon, lat, accuracy_m, at} of the phone, or {lon, lat, method: map | typed, crs} chosen by hand.
 * said: {kind, note, round_id, check_point_id}.
 */
export async function logPoint(account, place, said, photos = []) {
  const { deviceAt, clock } = await moment(account);
  const fix = place.method ? place : asFix(place);
  const body = { ...fix, device_at: deviceAt, ...said };
  for (const [name, value] of Object.entries(body)) if (value === undefined || value === null) delete body[name];
  const id = uuid();
  return saveRecord(
    { client_id: id, account, type: "point", round_id: said.round_id, grade: gradeOf(fix, deviceAt, clock), body },
    photos.map((photo) => ({ ...photo, record_id: id })),
  );
}

/** Tell that a round was started, paused, resumed or ended. */
export async function logEvent(account, roundId, kind) {
  const { deviceAt } = await moment(account);
  const body = { kind, device_at: deviceAt, device_id: await deviceId() };
  return saveRecord({ client_id: uuid(), account, type: "event", round_id: roundId, grade: null, body });
}

/**
 * Tell that a check point was visited.
 * visit: {by: pass | qr | manual, check_point_id, dwell_s, qr_token}; fix: the position then, if there is one.
 */
export async function logVisit(account, roundId, visit, fix = null) {
  const { deviceAt, clock } = await moment(account);
  const how = { pass: () => asFix(fix), qr: () => ({ method: "qr" }), manual: () => ({ method: "typed" }) }[visit.by]();
  const grade = gradeOf(how, deviceAt, clock);
  const body = { ...visit, device_at: deviceAt, device_id: await deviceId(), grade };
  return saveRecord({ client_id: uuid(), account, type: "visit", round_id: roundId, grade, body });
}
