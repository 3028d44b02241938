/* Where the district lies, as the page says: for what is asked and drawn here. What is stored the server decides. */

import { isWithin } from "./coordinates.js";

let outlines = []; // GeoJSON geometries
let shifts = {}; // by datum: degrees its maps lie east and north of WGS84 here

export function setDistrict(config) {
  outlines = config.outlines.geometries;
  ({ shifts } = config);
}

/** A place {lon, lat, crs} in WGS84, within 40 m; the server converts exactly what the record says. */
export function inWgs84({ lon, lat, crs }) {
  const [east, north] = shifts[crs] ?? [0, 0];
  return { lon: lon - east, lat: lat - north };
}

/** Whether a place lies in the district, by its outline as it is drawn; where there is none, all do. */
export function isInDistrict(place) {
  return !outlines.length || isWithin(inWgs84(place), outlines);
}
