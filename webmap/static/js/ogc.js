// Pages of the OGC API: the small map, and buttons that copy an address or a command.
import { el } from "./dom.js";
import { t } from "./i18n.js";

const registry = { ground };

for (const { map, tool, config } of window.gridTools || []) {
  registry[tool](map, JSON.parse(document.getElementById(config).textContent));
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
document.documentElement.dataset.mapReady = "true";

function ground(map, config) {
  const [west, south, east, north] = config.bounds;
  map.fitBounds([[south, west], [north, east]], { padding: [16, 16], animate: false, maxZoom: 17 });
  map.getContainer().setAttribute("aria-label", t("Map: arrow keys move it, plus and minus zoom"));
  map.scrollWheelZoom.disable(); // the page scrolls; plus and minus zoom
  L.control.zoom({ position: "bottomright", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
  const credit = L.control.attribution({ position: "bottomleft", prefix: false }).addTo(map);
  if (config.attribution) credit.addAttribution(el("span", {}, config.attribution).innerHTML); // escaped text

  L.geoJSON(config.outlines, { interactive: false, style: { color: "#8b9aa3", weight: 1, fillColor: "#ffffff", fillOpacity: 0.6 } }).addTo(map);
  if (config.extent) {
    const [w, s, e, n] = config.extent;
    L.rectangle([[s, w], [n, e]], { interactive: false, color: config.colour, weight: 2, dashArray: "6 4", fillOpacity: 0.06 }).addTo(map);
  }
  L.geoJSON(config.features, {
    // Points have their own look; a style given to all would take it from them.
    style: (feature) => (feature.geometry?.type === "Point" ? {} : { color: config.colour, weight: 2, fillColor: config.colour, fillOpacity: 0.12 }),
    pointToLayer: (feature, at) => L.circleMarker(at, { radius: 6, color: "#22323b", weight: 1, fillColor: feature.properties.colour || config.colour, fillOpacity: 0.9 }),
    onEachFeature: (feature, layer) => {
      const { title, href } = feature.properties;
      if (title) layer.bindTooltip(el("span", {}, title), { sticky: true });
      if (href) layer.on("click", () => { location.href = href; });
    },
  }).addTo(map);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = t("Copied");
  } catch {
    // Without HTTPS there is no clipboard: mark the text, so that one key press copies it.
    getSelection().selectAllChildren(source);
    button.textContent = t("Selected: copy it with Ctrl+C");
  }
  setTimeout(() => { button.textContent = before; }, 2500);
}
