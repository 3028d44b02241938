/* How far this phone's clock is off, by the Date of the server's answers. Known only once it has answered. */

const SANE_MS = 5 * 60_000;
const STEP_BACK_MS = 30_000;

let offset = null; // milliseconds to add to the phone's clock

/** Take the Date header of an answer. */
export function hearServer(date) {
  const at = Date.parse(date ?? "");
  if (!Number.isNaN(at)) offset = at - Date.now();
}

/** The server's time in milliseconds, or null before it has answered. */
export function serverNow() {
  return offset === null ? null : Date.now() + offset;
}

/** Seconds to add to the phone's time where it is not to be believed, else null: as gis/patrol/evidence.py says. */
export function offsetSeconds() {
  return offset === null || Math.abs(offset) <= SANE_MS ? null : Math.round(offset / 1000);
}

/** Whether the clock was set back since the record before. */
export function hasSteppedBack(lastDeviceAt, now) {
  return Boolean(lastDeviceAt) && now < Date.parse(lastDeviceAt) - STEP_BACK_MS;
}
