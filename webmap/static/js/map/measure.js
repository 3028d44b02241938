// Measure: click points on the map; the length of the line and, from three points on, the area inside.
import { button, el } from "../dom.js";
import { area, distance, t } from "../i18n.js";

const EARTH_M = 6371008.8;
const RAD = Math.PI / 180;

// Spherical excess by the trapezoid rule; within 0.4 % of the ellipsoid at this latitude.
export function ringArea(points) {
  let sum = 0;
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length];
    sum += (b.lng - a.lng) * RAD * (2 + Math.sin(a.lat * RAD) + Math.sin(b.lat * RAD));
  });
  return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

export function lineLength(map, points) {
  return points.slice(1).reduce((sum, point, i) => sum + map.distance(points[i], point), 0);
}

export function measure(map, _config, page) {
  const drawn = L.layerGroup().addTo(map);
  const tool = page.addTool("measure", t("Measure"), () => (page.mode?.name === "measure" ? page.leaveMode() : start()));
  tool.setAttribute("aria-pressed", "false");
  let points = [];
  let bar;
  let result;

  function draw() {
    drawn.clearLayers();
    if (points.length > 2) L.polygon(points, { stroke: false, fillColor: "#1a5fd0", fillOpacity: 0.12, interactive: false }).addTo(drawn);
    if (points.length > 1) L.polyline(points, { color: "#1a5fd0", weight: 3, interactive: false }).addTo(drawn);
    for (const point of points) L.circleMarker(point, { radius: 5, color: "#1a5fd0", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false }).addTo(drawn);
    const parts = [];
    if (points.length > 1) parts.push(t("Length %(length)s", { length: distance(lineLength(map, points)) }));
    if (points.length > 2) parts.push(t("Area %(area)s", { area: area(ringArea(points)) }));
    result.textContent = parts.join(" · ") || t("Click points on the map");
  }

  function add(event) {
    points.push(event.latlng);
    draw();
  }

  function start() {
    points = [];
    result = el("span", { role: "status" });
    const undo = button(t("Undo"), { class: "btn btn-small" });
    undo.addEventListener("click", () => { points.pop(); draw(); });
    const done = button(t("Done"), { class: "btn btn-small btn-primary" });
    done.addEventListener("click", () => page.leaveMode());
    bar = el("div", { class: "mode-bar" }, result, undo, done);
    page.part("map-frame").append(bar);
    tool.setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("drawing");
    map.doubleClickZoom.disable();
    map.on("click", add);
    draw();
    page.enterMode("measure", () => {
      map.off("click", add);
      map.doubleClickZoom.enable();
      map.getContainer().classList.remove("drawing");
      drawn.clearLayers();
      bar.remove();
      tool.setAttribute("aria-pressed", "false");
    });
  }
}
