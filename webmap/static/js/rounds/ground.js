// What all maps of check points share: the first view, the controls, the parcels, and how a check point looks.
import { el } from "../dom.js";
import { t } from "../i18n.js";

export function ground(map, config) {
  const [west, south, east, north] = config.bounds;
  map.fitBounds([[south, west], [north, east]], { padding: [24, 24], animate: false, maxZoom: 17 });
  map.getContainer().setAttribute("aria-label", t("Map: arrow keys move it, plus and minus zoom"));
  map.scrollWheelZoom.disable(); // the page scrolls; plus and minus zoom
  L.control.zoom({ position: "bottomright", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
  if (config.attribution) {
    const credit = L.control.attribution({ position: "bottomleft", prefix: false }).addTo(map);
    credit.addAttribution(el("span", {}, config.attribution).innerHTML); // escaped text
  }
  L.geoJSON(config.communities, { interactive: false, style: { color: "#8b9aa3", weight: 1, fillColor: "#ffffff", fillOpacity: 0.6 } }).addTo(map);
  L.geoJSON(config.outlines, {
    style: { color: "#7a6a2f", weight: 1.5, fillColor: "#e8dfb5", fillOpacity: 0.5 },
    interactive: false,
  }).addTo(map);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}

export function lookAt(map, points) {
  if (points.length) map.fitBounds(points.map(({ lat, lon }) => [lat, lon]), { padding: [40, 40], animate: false, maxZoom: 17 });
}

// A marker that takes the keyboard as well: a word or a number in a disc.
export function disc(point, label, kind, options = {}) {
  const marker = L.marker([point.lat, point.lon], { icon: face(label, kind), title: point.name, alt: point.name, ...options });
  marker.bindTooltip(() => el("span", {}, `${point.name} · ${point.code}`));
  return marker;
}

export function face(label, kind) {
  return L.divIcon({ className: `disc disc-${kind}`, html: el("span", {}, label), iconSize: [28, 28] });
}

export function reach(point) {
  return L.circle([point.lat, point.lon], { radius: point.radius_m, color: "#0b5f6d", weight: 1, fillOpacity: 0.08, interactive: false });
}
