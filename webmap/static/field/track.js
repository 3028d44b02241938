/* What a walk's positions mean, by the limits of the server's cleaning (gis/geometry/tracks.py). Pure functions. */

export const LIMITS = { accuracy_m: 50, speed_mps: 12, gap_s: 300, gap_m: 200 };

const EARTH_M = 6_371_008.8;
const LEAST_S = 1;

/** Metres between two {lon, lat} in degrees, on a sphere: right to 0.5 %, enough for what a phone shows. */
export function metresBetween(a, b) {
  const toRadians = Math.PI / 180;
  const up = (b.lat - a.lat) * toRadians;
  const aside = (b.lon - a.lon) * toRadians * Math.cos(((a.lat + b.lat) / 2) * toRadians);
  return EARTH_M * Math.hypot(up, aside);
}

/** Whether a fix comes after the one before: browsers repeat the last one. A clock that was set back may. */
export function isNew(before, fix) {
  return !before || fix.at > before.at || fix.at < before.at - 60_000;
}

/** Metres of a leg, 0 where the line breaks, null where the second fix cannot be and is to be passed over. */
export function legMetres(before, fix) {
  if (fix.accuracy_m > LIMITS.accuracy_m) return null;
  if (!before) return 0;
  const seconds = (fix.at - before.at) / 1000;
  const metres = metresBetween(before, fix);
  if (seconds >= 0 && metres / Math.max(seconds, LEAST_S) > LIMITS.speed_mps) return null;
  return seconds < 0 || seconds > LIMITS.gap_s || metres > LIMITS.gap_m ? 0 : metres;
}

/** Adds up a walk as its fixes come: metres, and the parts of its line as [[lat, lon], …]. */
export class Walked {
  constructor() {
    this.metres = 0;
    this.parts = [];
    this.last = null;
    this.dropped = 0;
  }

  add(fix) {
    const metres = legMetres(this.last, fix);
    if (metres === null) {
      this.dropped += 1;
      // Two in a row that cannot be reached: it is the one before them that was wrong.
      if (this.dropped < 3 || fix.accuracy_m > LIMITS.accuracy_m) return;
    }
    this.dropped = 0;
    if (metres) this.parts.at(-1).push([fix.lat, fix.lon]);
    else if (this.last === null || metres === null || metresBetween(this.last, fix) > 0) this.parts.push([[fix.lat, fix.lon]]);
    this.metres += metres ?? 0;
    this.last = fix;
  }
}
