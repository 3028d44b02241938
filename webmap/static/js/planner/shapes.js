// Shapes that are no places of the division (gaps, proposed sites, clusters), drawn over the areas; a click
// shows the row they belong to.
import { el } from "../dom.js";

const AREA = { color: "#17252e", weight: 1.5, fillColor: "#d55e00", fillOpacity: 0.35 };
const POINT = { radius: 8, color: "#17252e", weight: 2, fillColor: "#f0e442", fillOpacity: 0.95 };

export function drawShapes(map, tables, page) {
  for (const { title, heads, features } of tables) {
    L.geoJSON({ type: "FeatureCollection", features }, {
      style: ({ geometry }) => (geometry.type === "Point" ? POINT : AREA),
      pointToLayer: (feature, at) => L.circleMarker(at, POINT),
      onEachFeature: ({ properties }, layer) => layer.on("click", (event) => {
        L.DomEvent.stop(event);
        const facts = heads.flatMap((head, at) => [el("dt", {}, head), el("dd", {}, properties.texts[at])]);
        page.show(title, el("dl", { class: "record" }, ...facts));
        const row = document.querySelector(`.ws-table tr[data-code="${CSS.escape(properties.code)}"]`);
        document.querySelector(".ws-table tr.selected")?.classList.remove("selected");
        row?.classList.add("selected");
      }),
    }).addTo(map);
  }
}
