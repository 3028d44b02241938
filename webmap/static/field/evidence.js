/* What a record is worth as evidence, as the server grades it (gis/patrol/evidence.py). Shown, never used to refuse. */

const GOOD_M = 10;
const FAIR_M = 30;
const FRESH_MS = 30_000;

/**
 * Grade a record, A to D.
 * fix: {method: gps | qr | map | typed, fix_at, accuracy_m, is_mock}; times in ISO 8601 by the phone's clock.
 * clock: {offset_s: how far the clock is off, null if it is believed; has_jumped}.
 */
export function gradeOf(fix, deviceAt, { offset_s = null, has_jumped = false } = {}) {
  if (fix.method === "typed" || fix.is_mock || has_jumped) return "D";
  const isFresh = Boolean(fix.fix_at) && Math.abs(Date.parse(deviceAt) - Date.parse(fix.fix_at)) <= FRESH_MS;
  if (fix.method !== "gps" || !isFresh || (fix.accuracy_m ?? null) === null || offset_s !== null) return "C";
  if (fix.accuracy_m <= GOOD_M) return "A";
  return fix.accuracy_m <= FAIR_M ? "B" : "C";
}
