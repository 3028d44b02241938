/* GCJ-02 and BD-09 for what this page draws and asks, by the formulas of gis/geometry/datum.py, which say their
   source. What a record says the server converts. */

const SEMI_MAJOR_M = 6_378_245;
const ECCENTRICITY_SQUARED = 0.00669342162296594323;
const ROUNDS = 30;
const CLOSE_DEG = 1e-11;

const { PI, sin, cos, sqrt, abs } = Math;
const degrees = (radians) => (radians * 180) / PI;

function gcj02({ lon, lat }) {
  const [x, y] = [lon - 105, lat - 35];
  const root = sqrt(abs(x));
  const shared = ((20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2) / 3;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    + ((20 * sin(PI * y) + 40 * sin((PI * y) / 3) + 160 * sin((PI * y) / 12) + 320 * sin((PI * y) / 30)) * 2) / 3;
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    + ((20 * sin(PI * x) + 40 * sin((PI * x) / 3) + 150 * sin((PI * x) / 12) + 300 * sin((PI * x) / 30)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const w2 = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2;
  const meridian = (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / (w2 * sqrt(w2));
  return { lon: lon + degrees(east / ((SEMI_MAJOR_M / sqrt(w2)) * cos(phi))), lat: lat + degrees(north / meridian) };
}

function bd09(place) {
  const { lon, lat } = gcj02(place);
  const turn = (PI * 3000) / 180;
  const radius = Math.hypot(lon, lat) + 0.00002 * sin(lat * turn);
  const angle = Math.atan2(lat, lon) + 0.000003 * cos(lon * turn);
  return { lon: radius * cos(angle) + 0.0065, lat: radius * sin(angle) + 0.006 };
}

const SHIFTS = { gcj02, bd09 };

/** A place {lon, lat, crs} in China in WGS84; a crs that is not named, or is CGCS2000, is taken as equal. */
export function inWgs84({ lon, lat, crs }) {
  const guess = { lon, lat };
  for (let round = 0; SHIFTS[crs] && round < ROUNDS; round += 1) {
    const there = SHIFTS[crs](guess);
    const [aside, up] = [lon - there.lon, lat - there.lat];
    guess.lon += aside;
    guess.lat += up;
    if (abs(aside) < CLOSE_DEG && abs(up) < CLOSE_DEG) break;
  }
  return guess;
}
