// First view, credit line, scale, zoom buttons, and the view kept in the address.
import { debounce, el } from "../dom.js";
import { t } from "../i18n.js";

const VIEW = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;

export function frame(map, config, page) {
  const [west, south, east, north] = config.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  page.home = bounds;
  const view = VIEW.exec(location.hash);
  if (view) map.setView([Number(view[2]), Number(view[3])], Number(view[1]), { animate: false });
  else map.fitBounds(bounds, { padding: [24, 24], animate: false });
  map.setMaxBounds(bounds.pad(4));

  const container = map.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", t("Map: arrow keys move it, plus and minus zoom"));

  L.control.zoom({ position: "bottomright", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
  const credit = L.control.attribution({ position: "bottomleft", prefix: false }).addTo(map);
  if (config.attribution) {
    const safe = el("span", {}, config.attribution); // Leaflet takes markup: hand it escaped text
    credit.addAttribution(safe.innerHTML);
  }
  follow(map, page);
  const remember = debounce(() => {
    const { lat, lng } = map.getCenter();
    const zoom = Number(map.getZoom().toFixed(2));
    history.replaceState(null, "", `#${zoom}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }, 300);
  map.whenReady(() => setTimeout(() => map.on("moveend", remember), 400));
  // The frame changes size with the sheet, the window and the on-screen keyboard.
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
}

// The record in the panel is ringed on the map and stays in sight beside the panel.
function follow(map, page) {
  const ring = L.layerGroup().addTo(map);
  page.select = (geometry) => {
    ring.clearLayers();
    if (geometry?.type !== "Point") return;
    const at = L.latLng(geometry.coordinates[1], geometry.coordinates[0]);
    L.circleMarker(at, { radius: 15, color: "#1a5fd0", weight: 3, fill: false, interactive: false }).addTo(ring);
    requestAnimationFrame(() => {
      const frame = map.getContainer().getBoundingClientRect();
      const panel = page.panel.getBoundingClientRect();
      const room = panel.width > frame.width * 0.9
        ? { paddingTopLeft: [40, 80], paddingBottomRight: [70, Math.max(40, frame.bottom - panel.top + 40)] }
        : { paddingTopLeft: [40, 80], paddingBottomRight: [Math.max(40, frame.right - panel.left + 40), 40] };
      map.panInside(at, room);
    });
  };
  page.onPanelClosed = () => ring.clearLayers();
}
