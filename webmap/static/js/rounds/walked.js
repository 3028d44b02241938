// A round's check points: visited, passed too quickly, or still open.
import { disc, ground, reach } from "./ground.js";

const KINDS = { visited: "ok", short: "warn", open: "open" };

export function walked(map, config) {
  ground(map, config);
  if (config.is_ordered) {
    const line = config.points.map((point) => [point.lat, point.lon]);
    L.polyline(line, { color: "#5b6b75", weight: 2, dashArray: "4 6", interactive: false }).addTo(map);
  }
  for (const point of config.points) {
    reach(point).addTo(map);
    disc(point, String(point.position), KINDS[point.standing], { keyboard: false }).addTo(map);
  }
}
