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
  const remember = debounce(() => {
    const { lat, lng } = map.getCenter();
    const zoom = Number(map.getZoom().toFixed(2));
    history.replaceState(null, "", `#${zoom}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }, 300);
  map.whenReady(() => setTimeout(() => map.on("moveend", remember), 400));
  // The frame changes size with the sheet, the window and the on-screen keyboard.
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
}
