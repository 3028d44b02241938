// Records by area: below CLUSTERS nothing but the coloured areas, then counts per place made by the
// database, from POINTS on the records themselves. One request per layer and view; the last one wins.
import { debounce, el } from "../dom.js";
import { getJSON } from "../http.js";
import { number, t } from "../i18n.js";
import { showFeature, showStack } from "./record.js";
import { inside } from "./palette.js";
import { OUTLINE, Symbol, classKey, colourOf, learn, look, swatch } from "./symbols.js";

const CLUSTERS = 14;
const POINTS = 17;
const LIMIT = 1000;
// Lowest first; what is drawn later lies above.
const ORDER = ["parcel", "patrol_track", "patrol_point", "building", "check_point", "rental_unit", "facility", "incident"];
const SHIFTS = [[-10, -8], [10, 8], [10, -8], [-10, 8], [0, -15], [0, 15]];

export function layers(map, config, page) {
  for (const layer of config.layers) learn(layer);
  const asked = new URL(location.href).searchParams.get("layers");
  const shown = new Set(asked === null ? config.shown : asked.split(",").filter(Boolean));
  const box = page.part("layer-list");
  const all = config.layers.map((layer) => new Layer(map, page, layer, config));
  const hint = el("p", { class: "hint", id: "layer-hint" });
  const rows = all.map((layer) => layer.row(shown.has(layer.id), () => {
    page.remember({ layers: all.filter((other) => other.on).map((other) => other.id).join(",") || "none", record: null });
    tell();
    for (const other of all) if (other.on) other.refresh();
  }));
  box.replaceChildren(el("ul", { class: "layer-rows" }, ...rows), hint);

  function tell() {
    const any = all.some((layer) => layer.on);
    const points = all.filter((layer) => layer.on && layer.kind === "point");
    points.forEach((layer, index) => { layer.shift = points.length > 1 ? SHIFTS[index % SHIFTS.length] : null; });
    const crowded = any && map.getZoom() >= CLUSTERS - 0.5;
    if (crowded !== page.crowded) {
      page.crowded = crowded;
      page.onCrowded?.();
    }
    hint.textContent = any && map.getZoom() < CLUSTERS - 0.5 ? t("Zoom in to see the records of the chosen layers") : "";
  }
  const refresh = debounce(() => {
    tell();
    for (const layer of all) if (layer.on) layer.refresh();
  }, 180);
  map.on("moveend", refresh);
  page.refreshLayers = refresh;
  page.layer = (id) => all.find((layer) => layer.id === id);
  tell();
  refresh();
  if (config.cell || config.community) for (const layer of all) layer.total();
  page.stackLayers = () => {
    for (const id of ORDER) page.layer(id)?.raise();
  };
  const [shownLayer, id] = (new URL(location.href).searchParams.get("record") || "").split(".");
  const opened = id && page.layer(shownLayer);
  if (opened) showFeature(page, opened.id, opened.name, { id, properties: {} });
}

class Layer {
  constructor(map, page, description, scope) {
    Object.assign(this, { map, page, scope, id: description.id, name: description.label, kind: description.kind || "point" });
    this.group = L.layerGroup().addTo(map);
    this.hidden = new Set();
    this.on = false;
  }

  // Legend row -------------------------------------------------------------

  row(on, changed) {
    this.on = on;
    this.box = el("input", { type: "checkbox", value: this.id });
    this.box.checked = on;
    this.count = el("span", { class: "layer-count num" });
    this.classes = el("ul", { class: "layer-classes", hidden: true });
    this.box.addEventListener("change", () => {
      this.on = this.box.checked;
      if (this.on) this.total();
      else this.clear();
      changed();
    });
    return el("li", {}, el("label", { class: "choice" }, this.box, swatch(this.id), el("span", { class: "layer-name" }, this.name), this.count), this.classes);
  }

  async total() {
    if (this.counted || (this.scope.cell && this.kind === "line")) return; // tracks belong to communities
    this.counted = true;
    try {
      const answer = await getJSON(`/api/v1/counts/${this.id}`, { by: this.scope.cell ? "cell" : "community" });
      const own = this.scope.cell || this.scope.community;
      const rows = own ? answer.items.filter((item) => item.code === own) : answer.items;
      this.count.textContent = number(rows.reduce((sum, item) => sum + item.count, 0));
    } catch {
      this.count.textContent = "";
    }
  }

  legend(features) {
    const known = look(this.id).classes;
    if (!known) return;
    const counts = new Map();
    for (const feature of features) {
      const key = classKey(this.id, feature.properties);
      counts.set(key, (counts.get(key) || 0) + 1);
    }
    const rows = Object.entries(known).filter(([key]) => counts.has(key)).map(([key, { colour, label }]) => {
      const box = el("input", { type: "checkbox" });
      box.checked = !this.hidden.has(key);
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(key);
        else this.hidden.add(key);
        this.points(features);
      });
      return el("li", {}, el("label", { class: "choice" }, box, swatch(this.id, colour), el("span", { class: "layer-name" }, label),
        el("span", { class: "layer-count num" }, number(counts.get(key)))));
    });
    this.classes.replaceChildren(...rows);
    this.classes.hidden = rows.length === 0;
  }

  // Loading ----------------------------------------------------------------

  clear() {
    this.request?.abort();
    this.group.clearLayers();
    this.classes.hidden = true;
  }

  async refresh() {
    this.request?.abort();
    const zoom = Math.round(this.map.getZoom());
    if (zoom < CLUSTERS) {
      this.clear();
      return;
    }
    this.request = new AbortController();
    const { signal } = this.request;
    const box = this.map.getBounds().pad(0.1);
    const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((value) => value.toFixed(6)).join(",");
    try {
      if (this.kind !== "point") {
        this.shapes(await this.items({ bbox, community: this.scope.community, limit: LIMIT }, signal));
      } else if (this.scope.cell) {
        this.points(await this.items({ cell: this.scope.cell, limit: LIMIT }, signal));
      } else if (zoom >= POINTS) {
        this.points(await this.items({ bbox, community: this.scope.community, limit: LIMIT }, signal));
      } else {
        this.clusters(this.own((await getJSON(`/api/v1/clusters/${this.id}`, { bbox, zoom }, signal)).features));
      }
    } catch (error) {
      if (error.name !== "AbortError") this.page.say(`${this.name}: ${error.message}`, { bad: true });
      return;
    }
    this.page.stackLayers();
  }

  raise() {
    if (this.on) for (const mark of this.group.getLayers()) mark.bringToFront();
  }

  // A community's map shows what is the community's.
  own(features) {
    const areas = this.page.ownAreas;
    return areas ? features.filter(({ geometry }) => inside(areas, geometry.coordinates)) : features;
  }

  async items(parameters, signal) {
    const answer = await getJSON(`/ogc/collections/${this.id}/items`, parameters, signal);
    if (answer.links?.some((link) => link.rel === "next")) {
      this.page.say(t("%(layer)s: the first %(count)s are shown; zoom in for the rest", { layer: this.name, count: number(answer.features.length) }));
    }
    return answer.features;
  }

  // Drawing ----------------------------------------------------------------

  clusters(features) {
    this.group.clearLayers();
    this.classes.hidden = true;
    const { colour } = look(this.id);
    for (const feature of [...features].sort((a, b) => b.properties.count - a.properties.count)) {
      const [lon, lat] = feature.geometry.coordinates;
      const { count } = feature.properties;
      if (count === 1) {
        this.mark([lon, lat], [feature]);
        continue;
      }
      const text = count < 10_000 ? number(count) : `${number(Math.round(count / 1000))}k`;
      const radius = 9 + 3.2 * Math.log10(count) + (text.length > 3 ? 3 : 0);
      new Symbol([lat, lon], { shape: "circle", radius, color: "#ffffff", weight: 2, fillColor: colour, fillOpacity: 0.9, text, shift: this.shift })
        .on("click", (event) => {
          if (this.page.mode) return;
          L.DomEvent.stop(event);
          this.map.setView([lat, lon], Math.min(18, Math.round(this.map.getZoom()) + 2));
        })
        .addTo(this.group);
    }
  }

  points(features) {
    this.group.clearLayers();
    this.legend(features);
    // Units of one building share its place: they become one symbol that says how many.
    const stacks = new Map();
    for (const feature of features) {
      if (this.hidden.has(classKey(this.id, feature.properties)) || feature.geometry?.type !== "Point") continue;
      const key = feature.geometry.coordinates.map((value) => value.toFixed(6)).join();
      if (stacks.has(key)) stacks.get(key).push(feature);
      else stacks.set(key, [feature]);
    }
    for (const stack of stacks.values()) this.mark(stack[0].geometry.coordinates, stack);
  }

  mark([lon, lat], stack) {
    const ring = look(this.id).shape === "ring";
    const order = Object.keys(look(this.id).classes || {});
    const rank = (feature) => (order.indexOf(classKey(this.id, feature.properties)) + 1) || 99;
    const worst = stack.reduce((a, b) => (rank(b) < rank(a) ? b : a));
    const colour = colourOf(this.id, worst.properties);
    new Symbol([lat, lon], {
      shape: look(this.id).shape, radius: stack.length > 1 ? 9 : 6.5, color: ring ? colour : OUTLINE, weight: ring ? 3 : 1,
      fillColor: ring ? "#ffffff" : colour, fillOpacity: 0.95,
      text: stack.length > 1 ? String(stack.length) : "", textSize: 11,
    }).on("click", (event) => {
      if (this.page.mode) return;
      L.DomEvent.stop(event);
      if (stack.length > 1) showStack(this.page, this.id, this.name, stack);
      else showFeature(this.page, this.id, this.name, stack[0]);
    }).addTo(this.group);
  }

  shapes(features) {
    this.group.clearLayers();
    const { colour } = look(this.id);
    const area = this.kind === "area";
    for (const feature of features) {
      L.geoJSON(feature, { style: { color: colour, weight: area ? 2 : 2.5, dashArray: area ? "6 4" : null, fillColor: colour, fillOpacity: 0.08, opacity: area ? 1 : 0.7 } })
        .on("click", (event) => {
          if (this.page.mode) return;
          L.DomEvent.stop(event);
          showFeature(this.page, this.id, this.name, feature);
        })
        .addTo(this.group);
    }
  }
}
