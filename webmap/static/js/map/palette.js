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
