// Ramps of even steps in lightness, so that they survive colour blindness and a grey printer.

const RAMPS = {
  warm: ["#fdf1d0", "#fbd98a", "#f4b04a", "#de7f22", "#b4540a", "#743003"],
  cool: ["#e6f0f7", "#c2dbea", "#8fbddb", "#5799c4", "#2a71a5", "#0f4775"],
  green: ["#e7f3ea", "#c0e1ca", "#8ac9a4", "#4fa981", "#1d7d5e", "#055040"],
};
const RAMP_OF = { rental_units: "cool", patrol_coverage: "green" };

export const NO_DATA = "#dfe4e7";

export function colours(figure, count) {
  const ramp = RAMPS[RAMP_OF[figure] || "warm"];
  if (count <= 1) return [ramp[3]];
  return Array.from({ length: count }, (_, i) => ramp[Math.round((i * (ramp.length - 1)) / (count - 1))]);
}

// Class of a value: how many of the inner bounds it reaches.
export function classOf(value, bounds) {
  let index = 0;
  while (index < bounds.length && value >= bounds[index]) index += 1;
  return index;
}

export function isDark(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 135;
}

// Whether a place (lon, lat) lies in one of the polygons of GeoJSON features; even-odd rule.
export function inside(features, [lon, lat]) {
  return features.some(({ geometry }) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.some((rings) => {
      let odd = false;
      for (const ring of rings) {
        for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
          const [x1, y1] = ring[i];
          const [x2, y2] = ring[j];
          if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
        }
      }
      return odd;
    });
  });
}
