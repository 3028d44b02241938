// The query page: draw a point, circle or polygon; see what lies there, on the map and as a table.
import { debounce, el, fault } from "../dom.js";
import { getJSON, postJSON } from "../http.js";
import { area, distance, number, t } from "../i18n.js";
import { sortable } from "../table.js";
import { position } from "./locate.js";
import { lineLength, ringArea } from "./measure.js";
import { label, showFeature, text, title } from "./record.js";
import { OUTLINE, Symbol, classKey, colourOf, learn, look } from "./symbols.js";
import { whereabouts } from "./where.js";

const DRAWN = { color: "#1a5fd0", weight: 2.5, fillColor: "#1a5fd0", fillOpacity: 0.1, interactive: false };
const NEAREST = new Set(["rental_unit", "facility", "cell"]);
const HINTS = {
  point: t("Click a place on the map"),
  circle: t("Click the centre on the map"),
  polygon: t("Click the corners; click the first one again to close"),
};
const COLUMNS = ["distance_m", "grade", "category", "state", "kind", "at", "reported_at", "cell"];

export function query(map, config, page) {
  for (const layer of config.layers) learn(layer);
  new Query(map, config, page).start();
}

class Query {
  constructor(map, config, page) {
    Object.assign(this, { map, config, page });
    this.form = page.part("query-form");
    this.output = page.part("query-results");
    this.status = page.part("query-status");
    this.drawn = L.layerGroup().addTo(map);
    this.found = L.layerGroup().addTo(map);
  }

  start() {
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.ask(); });
    for (const choice of this.form.elements.shape) choice.addEventListener("change", () => this.reset());
    this.form.elements.layer.addEventListener("change", () => { this.fit(); this.ask(); });
    const again = debounce(() => { if (this.shape === "circle") this.redraw(); this.ask(); }, 350);
    for (const name of ["radius_m", "k", "from", "to"]) this.form.elements[name]?.addEventListener("input", again);
    this.page.part("query-clear").addEventListener("click", () => this.reset());
    this.page.part("query-here").addEventListener("click", () => this.here());
    this.map.on("click", (event) => this.click(event));
    this.map.on("dblclick", () => this.close());
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("drawing");
    this.reset();
  }

  get shape() {
    return this.form.elements.shape.value;
  }

  // Only what the chosen shape needs is asked.
  fit() {
    const nearest = NEAREST.has(this.form.elements.layer.value);
    this.page.part("field-radius").hidden = this.shape !== "circle";
    this.page.part("field-k").hidden = this.shape !== "point";
    this.page.part("query-nearest-hint").hidden = this.shape !== "point" || nearest;
  }

  reset() {
    this.request?.abort();
    this.points = [];
    this.closed = false;
    this.drawn.clearLayers();
    this.found.clearLayers();
    this.output.replaceChildren();
    this.status.textContent = HINTS[this.shape];
    this.fit();
  }

  async here() {
    try {
      const { lon, lat } = await position();
      this.reset();
      this.map.setView([lat, lon], Math.max(this.map.getZoom(), 16));
      this.click({ latlng: L.latLng(lat, lon) });
    } catch (error) {
      this.page.say(error.message, { bad: true });
    }
  }

  // Drawing ----------------------------------------------------------------

  click({ latlng }) {
    if (this.shape === "polygon") {
      if (this.closed) this.reset();
      const first = this.points[0] && this.map.latLngToContainerPoint(this.points[0]);
      if (this.points.length > 2 && first.distanceTo(this.map.latLngToContainerPoint(latlng)) < 14) {
        this.close();
        return;
      }
      this.points.push(latlng);
      this.redraw();
      return;
    }
    this.points = [latlng];
    this.closed = true;
    this.redraw();
    this.ask();
  }

  close() {
    if (this.shape !== "polygon" || this.closed || this.points.length < 3) return;
    this.closed = true;
    this.redraw();
    this.ask();
  }

  redraw() {
    this.drawn.clearLayers();
    const [first] = this.points;
    if (!first) return;
    if (this.shape === "circle") L.circle(first, { ...DRAWN, radius: this.radius() }).addTo(this.drawn);
    if (this.shape === "polygon" && this.closed) L.polygon(this.points, DRAWN).addTo(this.drawn);
    if (this.shape === "polygon" && !this.closed) {
      L.polyline(this.points, { ...DRAWN, fill: false, dashArray: "6 4" }).addTo(this.drawn);
      const length = this.points.length > 1 ? distance(lineLength(this.map, this.points)) : "";
      this.status.textContent = [HINTS.polygon, length].filter(Boolean).join(" · ");
    }
    for (const point of this.closed && this.shape === "polygon" ? [] : this.points) {
      L.circleMarker(point, { radius: 6, color: "#1a5fd0", weight: 2.5, fillColor: "#ffffff", fillOpacity: 1, interactive: false }).addTo(this.drawn);
    }
  }

  radius() {
    return Math.min(5000, Math.max(1, Number(this.form.elements.radius_m.value) || 300));
  }

  // Asking -----------------------------------------------------------------

  async ask() {
    if (!this.closed) return;
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.status.textContent = t("Searching…");
    try {
      if (this.shape === "point") await this.askPoint(signal);
      else await this.askArea(signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.status.textContent = "";
      this.found.clearLayers();
      this.output.replaceChildren(fault(error.message));
    }
  }

  async askPoint(signal) {
    const { lng, lat } = this.points[0];
    const place = { lon: lng.toFixed(7), lat: lat.toFixed(7) };
    const layer = this.form.elements.layer.value;
    const where = await getJSON("/api/v1/locate", place, signal);
    const parts = [el("h2", {}, t("Where this is")), ...whereabouts(where)];
    let features = [];
    if (NEAREST.has(layer)) {
      const k = Math.min(50, Math.max(1, Number(this.form.elements.k.value) || 5));
      ({ features } = await getJSON(`/api/v1/nearest/${layer}`, { ...place, k }, signal));
      parts.push(el("h2", {}, t("Nearest: %(layer)s", { layer: this.layerName() })), this.table(features));
    }
    this.status.textContent = where.cell ? `${where.community.name} · ${where.cell.name}` : t("Outside the district");
    this.output.replaceChildren(...parts.filter(Boolean));
    this.mark(features);
  }

  async askArea(signal) {
    const layer = this.form.elements.layer.value;
    const body = { layer, limit: 1000 };
    if (this.shape === "circle") {
      body.geometry = { type: "Point", coordinates: [this.points[0].lng, this.points[0].lat] };
      body.radius_m = this.radius();
    } else {
      const ring = [...this.points, this.points[0]].map(({ lng, lat }) => [lng, lat]);
      body.geometry = { type: "Polygon", coordinates: [ring] };
    }
    const { from, to } = this.form.elements;
    if (from?.value || to?.value) body.datetime = `${from.value || ".."}/${to.value || ".."}`;
    const answer = await postJSON("/api/v1/query", body, signal);
    const total = answer.numberMatched ?? answer.counts?.total ?? answer.features.length;
    const size = this.shape === "circle" ? Math.PI * this.radius() ** 2 : ringArea(this.points);
    this.status.textContent = t("%(count)s found in %(area)s", { count: number(total), area: area(size) });
    const parts = [this.summary(answer, total)];
    if (answer.features.length < total) {
      parts.push(el("p", { class: "notice" }, t("The first %(count)s are listed and shown.", { count: number(answer.features.length) })));
    }
    parts.push(this.table(answer.features));
    this.output.replaceChildren(...parts);
    this.mark(answer.features);
  }

  layerName() {
    const { options, selectedIndex } = this.form.elements.layer;
    return options[selectedIndex].textContent.trim();
  }

  summary(answer, total) {
    const layer = this.form.elements.layer.value;
    const counts = new Map();
    const { classes } = look(layer);
    for (const feature of answer.features) {
      const key = classKey(layer, feature.properties);
      counts.set(key, (counts.get(key) || 0) + 1);
    }
    const badges = classes && answer.features.length === total
      ? Object.entries(classes).filter(([key]) => counts.has(key)).map(([key, entry]) => {
        const dot = el("i", { class: "dot", "aria-hidden": "true" });
        dot.style.background = entry.colour;
        return el("span", { class: "badge" }, dot, `${entry.label} ${number(counts.get(key))}`);
      })
      : [];
    return el("div", { class: "query-summary" }, el("span", { class: "stat-value" }, number(total)), el("span", { class: "stat-label" }, this.layerName()), el("div", { class: "toolbar" }, ...badges));
  }

  // Showing ----------------------------------------------------------------

  table(features) {
    if (!features.length) return el("p", { class: "empty" }, t("Nothing here."));
    const columns = COLUMNS.filter((key) => key !== "category" && features.some(({ properties }) => properties[key] !== undefined && properties[key] !== null)
      && !(`${key}_name` in features[0].properties)).slice(0, 3);
    const head = el("tr", {}, el("th", { scope: "col" }, t("Record")), ...columns.map((key) => el("th", { scope: "col", class: key.endsWith("_m") ? "num" : "" }, label(key))));
    const body = features.slice(0, 200).map((feature) => {
      const open = el("button", { type: "button", class: "link" }, title(feature.properties, String(feature.id)));
      open.addEventListener("click", () => this.open(feature));
      return el("tr", {}, el("th", { scope: "row" }, open), ...columns.map((key) => {
        const value = feature.properties[key];
        return el("td", { class: key.endsWith("_m") ? "num" : "", "data-value": typeof value === "number" ? value : null }, text(key, value));
      }));
    });
    const table = el("table", { class: "data compact" }, el("caption", { class: "visually-hidden" }, this.layerName()), el("thead", {}, head), el("tbody", {}, ...body));
    sortable(table);
    return el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": this.layerName() }, table);
  }

  open(feature) {
    const layer = this.form.elements.layer.value;
        showFeature(this.page, layer, this.layerName(), feature);
  }

  mark(features) {
    this.found.clearLayers();
    const layer = this.form.elements.layer.value;
    for (const feature of features) {
      const colour = colourOf(layer, feature.properties);
      if (feature.geometry?.type !== "Point") {
        L.geoJSON(feature, { style: { color: colour, weight: 2, fillOpacity: 0.12 }, interactive: false }).addTo(this.found);
        continue;
      }
      const [lon, lat] = feature.geometry.coordinates;
      new Symbol([lat, lon], { shape: look(layer).shape, radius: 6.5, color: OUTLINE, weight: 1, fillColor: colour, fillOpacity: 0.95, bubblingMouseEvents: false })
        .on("click", () => this.open(feature)).addTo(this.found);
    }
  }
}
