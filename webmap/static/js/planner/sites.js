// Drafts over the map, and candidates picked by a click.
import { el } from "../dom.js";
import { getJSON } from "../http.js";

const SITE = { radius: 7, color: "#17252e", weight: 2, fillColor: "#cc79a7", fillOpacity: 0.95 };
const PICKED = { radius: 6, color: "#17252e", weight: 2, fillColor: "#ffffff", fillOpacity: 0.9 };

export function sites(map, config, page) {
  drafts(map, config, page);
  picks(map);
}

function drafts(map, config, page) {
  const drawn = L.layerGroup().addTo(map);
  for (const button of document.querySelectorAll("[data-draft]")) {
    button.addEventListener("click", async () => {
      try {
        const found = await getJSON(config.draft_url.replace("/0.geojson", `/${button.dataset.draft}.geojson`));
        drawn.clearLayers();
        const layer = L.geoJSON(found, {
          pointToLayer: (_feature, at) => L.circleMarker(at, SITE),
          onEachFeature: ({ properties }, shape) => shape.on("click", (event) => {
            L.DomEvent.stop(event);
            page.show(properties.draft, el("p", {}, `${properties.position}. ${properties.name}`));
          }),
        }).addTo(drawn);
        if (found.features.length) map.fitBounds(layer.getBounds().pad(0.3), { maxZoom: 15 });
        document.getElementById("map-frame").scrollIntoView({ block: "center" });
      } catch (error) {
        page.say(error.message, { bad: true });
      }
    });
  }
}

// Only the fields that the choice of candidates and the goal need.
function asks(candidates, goal) {
  const needed = { picked: candidates === "picked", list_id: candidates === "list", k: goal !== "lscp" };
  for (const [name, is] of Object.entries(needed)) {
    document.getElementById(`ask-${name}`).closest(".field").hidden = !is;
  }
}

function picks(map) {
  const field = document.getElementById("ask-picked");
  const choice = document.getElementById("ask-candidates");
  const drawn = L.layerGroup().addTo(map);
  const draw = () => {
    drawn.clearLayers();
    for (const [lon, lat] of field.value.split(";").map((text) => text.split(",").map(Number))) {
      if (Number.isFinite(lon) && Number.isFinite(lat)) L.circleMarker([lat, lon], PICKED).addTo(drawn);
    }
  };
  const pick = (event) => {
    if (choice.value !== "picked") return;
    const place = `${event.latlng.lng.toFixed(5)},${event.latlng.lat.toFixed(5)}`;
    const kept = field.value.trim().replace(/;$/, "");
    field.value = kept ? `${kept}; ${place}` : place;
    draw();
  };
  map.on("preclick", pick); // comes before a place of the division takes the click
  field.addEventListener("input", draw);
  const goal = document.getElementById("ask-goal");
  for (const one of [choice, goal]) one.addEventListener("change", () => asks(choice.value, goal.value));
  asks(choice.value, goal.value);
  draw();
}
