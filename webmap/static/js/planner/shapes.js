// Shapes that are no places of the division (gaps, proposed sites, clusters), drawn over the areas: one layer and
// one line of the legend for each table; a click shows the row they belong to.
import { el } from "../dom.js";

const COLOURS = ["#d55e00", "#f0e442", "#56b4e9", "#cc79a7"]; // Okabe and Ito's, as webmap/planner/palette.py
const BORDER = "#17252e";
const ROOM = [26, 16]; // pixels: a smaller shape shows its number when one zooms in
// A number one can click where the map below keeps its own clicks.
const LABEL = { permanent: true, interactive: true, direction: "center", className: "border-label" };

export function drawShapes(map, tables, page) {
  const legend = page.part("shape-legend");
  tables.forEach(({ title, heads, features, isBorder }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    // What divides the map leaves what is below it to be seen.
    const look = isBorder
      ? { color: BORDER, weight: 2.5, fill: false }
      : { color: "#17252e", weight: 1.5, fillColor: colour, fillOpacity: 0.5 };
    const layer = L.geoJSON({ type: "FeatureCollection", features }, {
      style: look,
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: 8, fillOpacity: 0.95 }),
      onEachFeature: ({ properties }, shape) => {
        shape.on("click", (event) => {
          L.DomEvent.stop(event);
          const facts = heads.flatMap((head, at) => [el("dt", {}, head), el("dd", {}, properties.texts[at])]);
          page.show(title, el("dl", { class: "record" }, ...facts));
        });
        if (isBorder) shape.bindTooltip(el("span", {}, properties.label), LABEL);
      },
    }).addTo(map);
    page.addShapes(layer);
    if (isBorder) {
      showLabels(map, layer);
      map.on("zoomend", () => showLabels(map, layer));
    }
    const box = el("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => (box.checked ? layer.addTo(map).bringToFront() : layer.remove()));
    const swatch = el("i", { class: "dot", "aria-hidden": "true" });
    swatch.style.background = isBorder ? BORDER : colour;
    legend.append(el("li", {}, el("label", { class: "choice" }, box, swatch, title)));
  });
}

function showLabels(map, layer) {
  layer.eachLayer((shape) => {
    const bounds = shape.getBounds();
    const { x, y } = map.latLngToLayerPoint(bounds.getNorthEast()).subtract(map.latLngToLayerPoint(bounds.getSouthWest()));
    if (x < ROOM[0] || -y < ROOM[1]) shape.closeTooltip();
    else if (map.hasLayer(layer)) shape.openTooltip();
  });
}
