/* The map of the phone page: made by Folium, drawn from what this phone has, with or without a network. */

import { button, el } from "../js/dom.js";
import { locale, t, time } from "../js/i18n.js";
import { inWgs84 } from "./datum.js";
import { setDistrict } from "./district.js";
import { choose } from "./finding.js";
import { position } from "./position.js";
import { ask, Refusal } from "./server.js";
import { latestRecords, readMeta, writeMeta } from "./store.js";
import { plan } from "./today.js";
import { walk } from "./walk.js";

const element = (id) => document.getElementById(id);
const POINTS_SHOWN = 500;
const COLOURS = { visited: "#1a6b3c", near: "#c98a0a", open: "#a3221c" };
const STYLES = {
  community: { color: "#4a5b66", weight: 2.5, fill: false },
  cell: { color: "#8b9aa3", weight: 1, fill: false },
  parcel: { color: "#7d5200", weight: 2, fillColor: "#f2b544", fillOpacity: 0.18 },
};
const DOTS = { facility: "#1d4f91", check_point: "#657681" };

let map = null;
let layers = {};
let account = 0;
let tools = null; // {say, changed, open}
let bounds = null; // what is shown first, once the map has a size
let hasArea = false;
let isPicking = false; // a place is to be chosen: a tap will do

function named(layer, { name, name_en, code }) {
  const text = (locale.startsWith("en") && name_en) || name || code;
  // Leaflet takes markup or an element: an element's text stays text.
  return text ? layer.bindTooltip(el("span", {}, text)) : layer;
}

function draw(collection) {
  layers.area.clearLayers();
  L.geoJSON(collection, {
    style: ({ properties }) => STYLES[properties.layer],
    pointToLayer: ({ properties }, at) => L.circleMarker(at, { radius: 4, weight: 1, color: "#fff", fillColor: DOTS[properties.layer], fillOpacity: 0.9 }),
    onEachFeature: ({ properties }, layer) => named(layer, properties),
  }).addTo(layers.area);
}

async function showArea() {
  const area = await readMeta(`area:${account}`);
  hasArea = Boolean(area);
  element("area-state").textContent = area
    ? t("Saved on %(time)s: %(size)s MB", { time: time(area.saved_at), size: (area.bytes / 1e6).toFixed(1) })
    : t("Not saved yet: without a network the map shows outlines only.");
  if (area) draw(area.collection);
}

async function saveArea() {
  const { say, changed } = tools;
  const save = element("save-area");
  save.disabled = true;
  try {
    const { content, headers } = await ask("/api/v1/field/area");
    const bytes = new Blob([JSON.stringify(content)]).size;
    await writeMeta(`area:${account}`, { collection: content, bytes, etag: headers.get("ETag"), saved_at: Date.now() });
    await showArea();
    say(t("Your area is saved on this phone."), "ok");
    changed();
  } catch (error) {
    const isSignedOut = error instanceof Refusal && error.isAboutMe;
    say(isSignedOut ? t("Sign in again to save your area.") : t("Not saved") + `: ${error.message}`, "warn");
  } finally {
    save.disabled = false;
  }
}

function showRounds() {
  layers.rounds.clearLayers();
  const walked = plan.rounds.filter(({ round }) => !walk.current?.round_id || round.id === walk.current.round_id);
  for (const { geometry } of plan.parcels) {
    L.geoJSON(geometry, { style: { ...STYLES.parcel, dashArray: "4 4" }, interactive: false }).addTo(layers.rounds);
  }
  for (const { round, progress } of walked) {
    for (const point of round.points) {
      if (!Number.isFinite(point.lon)) continue;
      const state = progress.visited.has(point.check_point_id) ? "visited" : plan.watch?.stateOf(point.check_point_id) ?? "open";
      L.circle([point.lat, point.lon], { radius: point.radius_m, color: COLOURS[state], weight: 2, fillOpacity: 0.12 }).addTo(layers.rounds);
      named(L.circleMarker([point.lat, point.lon], { radius: 7, color: "#fff", weight: 2, fillColor: COLOURS[state], fillOpacity: 1 }), { name: point.name_zh, code: point.code })
        .addTo(layers.rounds);
    }
  }
}

async function showPoints() {
  layers.points.clearLayers();
  for (const { type, body } of await latestRecords(account, POINTS_SHOWN)) {
    if (type !== "point") continue;
    const { lon, lat } = inWgs84(body);
    L.circleMarker([lat, lon], { radius: 5, color: "#fff", weight: 1.5, fillColor: body.kind === "OK" ? "#1a6b3c" : "#a3221c", fillOpacity: 1, interactive: false })
      .addTo(layers.points);
  }
}

function showMe() {
  layers.me.clearLayers();
  const here = position.latest;
  if (!here) return;
  L.circle([here.lat, here.lon], { radius: here.accuracy_m, color: "#1a5fd0", weight: 1, fillOpacity: 0.1, interactive: false }).addTo(layers.me);
  L.circleMarker([here.lat, here.lon], { radius: 7, color: "#fff", weight: 2.5, fillColor: "#1a5fd0", fillOpacity: 1, interactive: false }).addTo(layers.me);
}

function showWalk() {
  layers.walk.clearLayers();
  if (walk.current) L.polyline(walk.walked.parts, { color: "#1a5fd0", weight: 3, interactive: false }).addTo(layers.walk);
}

/** Draw all anew, when the map comes into sight; the first time, keep what it needs where there is no network. */
export async function showMap() {
  if (!map) return; // the page is only just opening
  setPicking(false);
  map.invalidateSize({ animate: false });
  if (bounds) {
    const here = position.latest;
    const isInside = here && L.latLngBounds(bounds).contains([here.lat, here.lon]);
    if (isInside) map.setView([here.lat, here.lon], 15, { animate: false });
    else map.fitBounds(bounds, { animate: false });
    bounds = null;
    if (!hasArea && navigator.onLine) saveArea();
  }
  showRounds();
  showMe();
  showWalk();
  await showPoints();
}

function setPicking(value) {
  isPicking = value;
  map.getContainer().classList.toggle("is-picking", value);
}

function offer({ latlng }) {
  const log = button(t("Log a point here"), { class: "btn btn-primary", onclick: () => {
    map.closePopup();
    if (choose({ lon: latlng.lng, lat: latlng.lat, method: "map" })) tools.open("log");
  } });
  map.openPopup(log, latlng);
}

function frame(config) {
  setDistrict(config.outlines.geometries);
  const [west, south, east, north] = config.bounds;
  bounds = [[south, west], [north, east]];
  L.control.zoom({ position: "topright", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
  const credit = L.control.attribution({ position: "bottomright", prefix: false }).addTo(map);
  if (config.attribution) credit.addAttribution(el("span", {}, config.attribution).innerHTML);
  map.getContainer().setAttribute("role", "application");
  map.getContainer().setAttribute("aria-label", t("Map: arrow keys move it, plus and minus zoom"));
  L.geoJSON(config.outlines, { style: STYLES.community, interactive: false }).addTo(map);
}

/** Bring the Folium map of the page to life. tools: {say, changed, open: shows a view}. */
export async function startMap(forAccount, pageTools) {
  const [{ map: made, config }] = window.gridTools;
  map = made;
  account = forAccount;
  tools = pageTools;
  frame(JSON.parse(element(config).textContent));
  for (const name of ["area", "rounds", "walk", "points", "me"]) layers[name] = L.layerGroup().addTo(map);
  element("save-area").addEventListener("click", saveArea);
  element("to-me").addEventListener("click", () => {
    if (position.latest) map.setView([position.latest.lat, position.latest.lon], Math.max(map.getZoom(), 17));
  });
  map.on("contextmenu", offer);
  map.on("click", (event) => isPicking && offer(event));
  element("pick-place").addEventListener("click", () => {
    tools.open("map");
    setPicking(true);
    tools.say(t("Tap the place on the map."));
  });
  const isSeen = () => !element("view-map").hidden;
  position.addEventListener("fix", () => isSeen() && showMe());
  walk.addEventListener("change", () => isSeen() && showWalk());
  await showArea();
}
