/* When a check point counts as visited by passing: near enough for long enough, by positions that are good enough. */

import { metresBetween } from "./track.js";

const GOOD_ENOUGH_M = 30;
const LEAVE_M = 15; // one has left only beyond the radius and this much: positions waver
const LONGEST_STEP_S = 60; // of a longer silence nobody knows where one was

/** Follows the check points of a round: {check_point_id, lon, lat, radius_m, dwell_s}. */
export class DwellWatch {
  constructor(points, visited = []) {
    // Of a point that is not theirs to see a team is not told the place.
    const placed = points.filter((point) => Number.isFinite(point.lon));
    this.points = new Map(placed.map((point) => [point.check_point_id, { ...point, dwelt_s: 0, since: null }]));
    this.visited = new Set(visited);
  }

  /** Take a fix {lon, lat, accuracy_m} at some seconds of a clock that never goes back; gives the points visited by it. */
  take(fix, nowS) {
    if (!(fix.accuracy_m <= GOOD_ENOUGH_M)) return [];
    const reached = [];
    for (const point of this.points.values()) {
      if (this.visited.has(point.check_point_id)) continue;
      const metres = metresBetween(fix, point);
      const wasInside = point.since !== null;
      if (metres > point.radius_m + (wasInside ? LEAVE_M : 0)) {
        point.since = null;
        point.dwelt_s = 0;
        continue;
      }
      const step = wasInside ? nowS - point.since : 0;
      if (step <= LONGEST_STEP_S) point.dwelt_s += step;
      point.since = nowS;
      if (point.dwelt_s >= (point.dwell_s ?? 0)) {
        this.visited.add(point.check_point_id);
        reached.push({ check_point_id: point.check_point_id, dwell_s: Math.floor(point.dwelt_s) });
      }
    }
    return reached;
  }

  /** visited, near (inside now) or open. */
  stateOf(checkPointId) {
    if (this.visited.has(checkPointId)) return "visited";
    return (this.points.get(checkPointId)?.since ?? null) === null ? "open" : "near";
  }
}
