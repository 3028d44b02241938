/* Where the district lies, as the page says: for what is asked here. What is stored the server decides. */

import { isWithin } from "./coordinates.js";
import { inWgs84 } from "./datum.js";

let outlines = []; // GeoJSON geometries in WGS84

export function setDistrict(geometries) {
  outlines = geometries;
}

/** Whether a place {lon, lat, crs} lies in the district, by its outline as it is drawn; where there is none, all do. */
export function isInDistrict(place) {
  return !outlines.length || isWithin(inWgs84(place), outlines);
}
