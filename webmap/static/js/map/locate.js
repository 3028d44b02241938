// Locate me: the device's position on the map, then what the server knows about it.
import { el } from "../dom.js";
import { getJSON } from "../http.js";
import { distance, t } from "../i18n.js";
import { whereabouts } from "./where.js";

const REASONS = {
  1: t("The device does not allow this page to see its position."),
  2: t("The device cannot find its position."),
  3: t("Finding the position took too long."),
};

export function position() {
  return new Promise((resolve, reject) => {
    if (!window.isSecureContext || !navigator.geolocation) {
      reject(new Error(t("The position is available over HTTPS only.")));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy }),
      (error) => reject(new Error(REASONS[error.code] || error.message)),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 5000 });
  });
}

export function locate(map, _config, page) {
  const mark = L.layerGroup().addTo(map);
  const tool = page.addTool("locate", t("Locate me"), async () => {
    tool.setAttribute("aria-busy", "true");
    try {
      const here = await position();
      mark.clearLayers();
      L.circle([here.lat, here.lon], { radius: here.accuracy_m, color: "#1a5fd0", weight: 1, fillColor: "#1a5fd0", fillOpacity: 0.12, interactive: false }).addTo(mark);
      L.circleMarker([here.lat, here.lon], { radius: 7, color: "#ffffff", weight: 2.5, fillColor: "#1a5fd0", fillOpacity: 1, interactive: false }).addTo(mark);
      map.setView([here.lat, here.lon], Math.max(map.getZoom(), 16));
      const answer = await getJSON("/api/v1/locate", { lon: here.lon.toFixed(7), lat: here.lat.toFixed(7) });
      page.show(t("Where I am"), ...whereabouts(answer), el("p", { class: "hint" }, t("Accuracy %(distance)s", { distance: distance(here.accuracy_m) })));
    } catch (error) {
      page.say(error.message, { bad: true });
    } finally {
      tool.removeAttribute("aria-busy");
    }
  });
}
