/* Coordinates as people write them, and where a place lies. Pure functions. */

const MOST = { lon: 180, lat: 90 };
const AXES = { E: "lon", W: "lon", 东: "lon", 西: "lon", N: "lat", S: "lat", 北: "lat", 南: "lat" };
const NEGATIVE = new Set(["W", "S", "西", "南"]);
const SIDE = "([NSEW]|[东西]经?|[南北]纬?)?";
const SIDED = new RegExp(`^${SIDE}(.*?)${SIDE}$`);
const NUMBER = "(\\d+(?:\\.\\d+)?)";
// Degrees, then perhaps minutes, then perhaps seconds, each followed by its sign, a colon or a space.
const ANGLE = new RegExp(`^([+-]?)${NUMBER}(?:[°度: ] *(?:${NUMBER}(?:['分: ] *(?:${NUMBER}(?:"|''|秒)?)?)?)?)?$`);

/** The text with one sign for each meaning: full width, primes and quotes of all kinds become plain. */
function plain(text) {
  return text.replace(/[º˚]/g, "°").replace(/[′’‘´`]/g, "'").replace(/[″“”]/g, '"').replace(/[−–]/g, "-")
    .normalize("NFKC").toUpperCase().trim().replace(/\s*([°度分秒'":])\s*/g, "$1");
}

/**
 * Read a longitude or latitude (axis: lon | lat) in degrees, degrees and minutes, or degrees, minutes and seconds:
 * 113.9012, 113°54.07′, 113°54′04.3″E, 113 54 04.3, 东经113度54分4.3秒.
 * Throws an Error whose message is a code: missing, form, axis (the letter is the other one's), parts (minutes or
 * seconds of 60 and more, or decimals before the last part), range.
 */
export function readAngle(text, axis) {
  const said = plain(text);
  if (!said) throw new Error("missing");
  const [, before, angle, after] = SIDED.exec(said);
  if (before && after) throw new Error("form");
  const side = (before ?? after)?.[0];
  if (side && AXES[side] !== axis) throw new Error("axis");
  const match = ANGLE.exec(angle.trim());
  if (!match) throw new Error("form");
  const parts = match.slice(2).filter((part) => part !== undefined);
  const isBroken = parts.slice(0, -1).some((part) => part.includes("."));
  if (isBroken || parts.slice(1).some((part) => Number(part) >= 60)) throw new Error("parts");
  const size = parts.reduce((sum, part, place) => sum + Number(part) / 60 ** place, 0);
  if (size > MOST[axis]) throw new Error("range");
  return match[1] === "-" || NEGATIVE.has(side) ? -size : size;
}

function isInRing({ lon, lat }, ring) {
  let isInside = false;
  ring.forEach(([x, y], place) => {
    const [beforeX, beforeY] = ring.at(place - 1);
    if (y > lat !== beforeY > lat && lon < ((beforeX - x) * (lat - y)) / (beforeY - y) + x) isInside = !isInside;
  });
  return isInside;
}

/** Whether a place {lon, lat} lies within any of some GeoJSON Polygons and MultiPolygons. */
export function isWithin(place, geometries) {
  const polygons = geometries.flatMap(({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates));
  return polygons.some((rings) => rings.filter((ring) => isInRing(place, ring)).length % 2 === 1);
}
