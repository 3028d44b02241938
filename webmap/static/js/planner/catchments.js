// A click on a facility draws from where one walks to it; a click beside it takes that away.
import { getJSON } from "../http.js";

const AREA = { color: "#0072b2", weight: 1.5, fillColor: "#56b4e9", fillOpacity: 0.3, interactive: false };
const STREETS = { color: "#0f4775", weight: 2.5, opacity: 0.8, interactive: false };

export function catchments(map, config, page) {
  const drawn = L.layerGroup().addTo(map);
  let request = null;
  const show = async (code) => {
    request?.abort();
    request = new AbortController();
    const [path, query] = config.url.split("?");
    try {
      const found = await getJSON(`${path}${encodeURIComponent(code)}?${query ?? ""}`, {}, request.signal);
      drawn.clearLayers();
      const shape = L.geoJSON(found, { style: ({ properties }) => (properties.is_area ? AREA : STREETS) });
      shape.addTo(drawn);
      if (found.features.length && !map.getBounds().contains(shape.getBounds())) map.fitBounds(shape.getBounds());
    } catch (error) {
      if (error.name !== "AbortError") page.say(error.message, { bad: true });
    }
  };
  map.eachLayer((layer) => {
    const code = layer.feature?.properties?.code;
    if (code && layer instanceof L.CircleMarker) layer.on("click", () => show(code));
  });
  map.on("preclick", () => {
    request?.abort();
    drawn.clearLayers();
  });
}
