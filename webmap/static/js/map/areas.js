// Communities and cells: coloured by a figure, with a legend, a ranking and the way down.
import { el } from "../dom.js";
import { getJSON } from "../http.js";
import { locale, number, t, time } from "../i18n.js";
import { NO_DATA, classOf, colours, isDark } from "./palette.js";
import { learn } from "./symbols.js";

const PLAIN = { color: "#4f6470", weight: 1, fillColor: "#ffffff", fillOpacity: 0.55 };
const RANKED = 8;
const MOST_LABELS = 1200; // more could not be read, and each is an element

// Names come in both languages.
function nameOf({ name, name_en: english }) {
  return locale.startsWith("zh") ? name : english || name;
}

// A sign that no dash is taken for.
function signed(text) {
  return text.replace("-", "−");
}

export function areas(map, config, page) {
  new Areas(map, config, page).start();
}

class Areas {
  constructor(map, config, page) {
    Object.assign(this, { map, config, page });
    this.level = config.level;
    this.figure = config.figure;
    this.values = new Map();
    this.outlines = { [config.level]: config.outlines };
    this.labels = L.layerGroup().addTo(map);
    this.marked = {}; // codes: the selected one, the hovered one
    page.areas = this;
  }

  start() {
    if (this.config.community && !this.config.cell) this.page.ownAreas = this.config.outlines.features;
    this.draw();
    const list = this.page.part("figure-list");
    list?.addEventListener("change", (event) => this.choose(event.target.value));
    this.page.part("level-list")?.addEventListener("change", (event) => this.changeLevel(event.target.value));
    this.map.on("zoomend resize", () => this.thinLabels());
    this.page.onCrowded = () => {
      if (this.figure) this.shape.setStyle((feature) => this.style(feature));
      this.tintLabels();
      this.thinLabels();
    };
    const asked = new URL(location.href).searchParams.get("level") || this.config.open;
    if (this.config.cell) this.facts();
    else if (asked !== this.config.level && this.levelUrl(asked)) this.changeLevel(asked);
    else if (this.figure) this.load();
  }

  features() {
    return this.outlines[this.level].features;
  }

  // Outlines ---------------------------------------------------------------

  draw() {
    // A record tells the codes of its places: the outlines know their names.
    learn({ names: { [this.level]: Object.fromEntries(this.features().map(({ properties }) => [properties.code, nameOf(properties)])) } });
    const choice = this.page.part("level-list")?.querySelector(`input[value="${this.level}"]`);
    if (choice) choice.checked = true;
    this.shape?.remove();
    this.border?.remove();
    this.shape = L.geoJSON(this.outlines[this.level], {
      style: (feature) => this.style(feature),
      onEachFeature: (feature, layer) => this.listen(feature, layer),
    }).addTo(this.map);
    this.shape.bringToBack();
    for (const layer of this.shape.getLayers()) {
      if (layer.feature.properties.code !== this.config.cell) layer.bringToBack();
    }
    if (this.level !== this.config.level) {
      this.border = L.geoJSON(this.outlines[this.config.level], {
        interactive: false, style: { color: "#2f4450", weight: 2, fill: false },
      }).addTo(this.map);
    }
    this.label();
  }

  style(feature) {
    const { code } = feature.properties;
    if (this.config.cell) {
      return code === this.config.cell
        ? { color: "#0b5f6d", weight: 3.5, fillColor: "#ffffff", fillOpacity: 0.95 }
        : { color: "#8b9aa3", weight: 1, fillColor: "#dfe6e9", fillOpacity: 0.55 };
    }
    const ring = code === this.marked.selected ? { color: "#17252e", weight: 4 } : code === this.marked.hovered ? { color: "#17252e", weight: 2.5 } : {};
    if (!this.figure) return { ...PLAIN, ...ring };
    const fill = this.fill(this.values.get(code));
    const known = fill !== null;
    return {
      color: this.level === "community" ? "#ffffff" : "#6d808a",
      weight: this.level === "community" ? 1.75 : 0.75,
      ...ring,
      fillColor: known ? fill : NO_DATA,
      // Records stand out on a paler ground.
      fillOpacity: (known ? 0.85 : 0.6) * (this.page.crowded ? 0.4 : 1),
    };
  }

  // The colour of a value's class; null where there is none.
  fill(value) {
    if (value === null || value === undefined || !this.answer) return null;
    if (this.classes) return this.classes.get(value)?.colour ?? null;
    return this.ramp[classOf(value, this.bounds)];
  }

  // Rings places: the selected one, the hovered one.
  mark(codes) {
    const changed = new Set(Object.values(this.marked));
    Object.assign(this.marked, codes);
    for (const code of Object.values(this.marked)) changed.add(code);
    for (const layer of this.shape.getLayers()) {
      const { code } = layer.feature.properties;
      if (changed.has(code)) this.shape.resetStyle(layer);
      if (code === this.marked.selected) layer.bringToFront();
    }
    this.border?.bringToFront();
    this.page.stackLayers?.();
  }

  layerOf(code) {
    return this.shape.getLayers().find((layer) => layer.feature.properties.code === code);
  }

  listen(feature, layer) {
    const { code, mine } = feature.properties;
    if (!(this.config.child_url || this.config.selects) || code === this.config.cell) return;
    const open = mine || !this.config.only_mine; // the rest answers as if it did not exist
    const tip = el("div", { class: "area-tip" });
    layer.bindTooltip(() => {
      tip.replaceChildren(el("b", {}, nameOf(feature.properties)), this.reading(code));
      return tip;
    }, { sticky: true, opacity: 1, direction: "top", offset: [0, -8] });
    layer.on("mouseover", () => {
      layer.setStyle({ weight: 3, color: "#17252e" });
      if (this.config.cell) return;
      layer.bringToFront();
      this.border?.bringToFront();
      this.page.stackLayers?.(); // records stay above
      this.page.onHover?.(code);
    });
    layer.on("mouseout", () => {
      this.shape.resetStyle(layer);
      this.page.onHover?.(null);
    });
    if (open) layer.on("click", (event) => this.pick(feature, event));
  }

  // A mouse has seen the value in the tip: its click goes down. A finger first gets the value and a button.
  pick(feature, event) {
    if (this.page.mode) return;
    const { code } = feature.properties;
    const name = nameOf(feature.properties);
    if (this.config.selects) {
      this.page.onPick?.({ code, name, level: this.level, reading: this.reading(code) });
      return;
    }
    const kind = event.originalEvent?.pointerType;
    const mouse = kind ? kind === "mouse" : window.matchMedia("(hover: hover)").matches;
    if (mouse) {
      location.assign(this.childUrl(code));
      return;
    }
    event.target.closeTooltip();
    const open = el("a", { class: "btn btn-primary btn-block", href: this.childUrl(code) },
      this.level === "cell" ? t("Open the cell") : t("Open the community"));
    const value = this.figure ? el("p", { class: "panel-value" }, this.reading(code)) : null;
    this.page.show(name, el("p", { class: "muted code" }, code), value, open);
  }

  childUrl(code) {
    const base = this.level === this.config.level ? this.config.child_url : this.config.cell_url;
    const url = new URL(base + encodeURIComponent(code), location.origin);
    if (this.level === "community" || this.level !== this.config.level) {
      for (const name of ["figure", "date", "layers"]) {
        const value = new URL(location.href).searchParams.get(name);
        if (value) url.searchParams.set(name, value);
      }
    }
    return url.pathname + url.search;
  }

  label() {
    this.labels.clearLayers();
    const small = this.level === "cell";
    if (this.features().length > MOST_LABELS) return;
    for (const layer of this.shape.getLayers()) {
      const { code } = layer.feature.properties;
      const name = nameOf(layer.feature.properties);
      if (code === this.config.cell) continue; // the page's title says it
      const text = small ? String(Number(code.slice(-3)) || code) : name.replace(/社区$/, "");
      const node = el("span", { class: small ? "area-label small" : "area-label", "aria-hidden": "true" }, text);
      node.dataset.code = code;
      L.marker(layer.getCenter(), {
        interactive: false, keyboard: false, icon: L.divIcon({ className: "area-anchor", html: node, iconSize: null }),
      }).addTo(this.labels);
    }
    this.tintLabels();
    this.thinLabels();
  }

  // White words on the two darkest classes.
  tintLabels() {
    for (const marker of this.labels.getLayers()) {
      const node = marker.getElement()?.firstElementChild;
      const fill = this.figure ? this.fill(this.values.get(node?.dataset.code)) : null;
      node?.classList.toggle("on-dark", Boolean(fill && !this.page.crowded && isDark(fill)));
    }
  }

  // Labels that would lie on one another are left out until one zooms in.
  thinLabels() {
    const taken = [];
    for (const marker of this.labels.getLayers()) {
      const node = marker.getElement()?.firstElementChild;
      if (!node) continue;
      const at = this.map.latLngToContainerPoint(marker.getLatLng());
      const half = [node.offsetWidth / 2 + 2, node.offsetHeight / 2];
      const box = [at.x - half[0], at.y - half[1], at.x + half[0], at.y + half[1]];
      const crowded = (this.level === "cell" && (this.map.getZoom() < 13 || (this.page.crowded && !this.config.cell)))
        || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]);
      node.classList.toggle("left-out", crowded);
      if (!crowded) taken.push(box);
    }
  }

  levelUrl(level) {
    return this.config.level_urls?.[level] ?? (level === "cell" && this.config.level === "community" ? this.config.cells_url : null);
  }

  async changeLevel(level) {
    if (!this.outlines[level]) {
      try {
        this.outlines[level] = await getJSON(this.levelUrl(level));
      } catch (error) {
        this.page.say(error.message, { bad: true });
        return;
      }
    }
    this.level = level;
    this.values = new Map();
    this.draw();
    this.page.remember({ level: level === this.config.level ? null : level });
    if (this.figure) await this.load();
  }

  // Figure -----------------------------------------------------------------

  choose(figure) {
    this.figure = figure;
    this.page.remember({ figure });
    return this.load();
  }

  async load() {
    const given = this.page.answerOf?.(this.figure, this.level) ?? this.config.answers?.[this.level];
    if (given) {
      if (given.items.length) this.paint(given);
      return;
    }
    this.request?.abort();
    this.request = new AbortController();
    const parameters = { level: this.level, community: this.config.community, date: new URL(location.href).searchParams.get("date") };
    try {
      const answer = await getJSON(`/api/v1/figures/${encodeURIComponent(this.figure)}`, parameters, this.request.signal);
      this.paint(answer);
    } catch (error) {
      if (error.name !== "AbortError") this.page.say(error.message, { bad: true });
    }
  }

  paint(answer) {
    this.answer = answer;
    this.values = new Map(answer.items.map((item) => [item.code, item.value]));
    this.classes = answer.classes ? new Map(answer.classes.map((one) => [one.code, one])) : null;
    if (!this.classes) this.scale(answer);
    this.shape.setStyle((feature) => this.style(feature));
    this.tintLabels();
    this.legend(answer.items.filter((item) => item.value !== null).length < this.features().length);
    this.ranking();
    this.page.onPainted?.(this.figure, this.level);
  }

  scale(answer) {
    const known = answer.items.map((item) => item.value).filter((value) => value !== null);
    this.highest = known.length ? Math.max(...known) : 0;
    this.edges = answer.breaks; // a class holds its lower edge, the last one both
    this.bounds = this.edges.slice(1, -1);
    this.ramp = answer.colours ?? colours(this.figure, this.bounds.length + 1);
  }

  format(value) {
    const { unit } = this.answer;
    if (this.answer.text) return this.answer.text(value);
    if (unit === "share") return `${number(value * 100)}%`;
    if (unit === "%" || unit === "percent") return `${number(value)}%`;
    if (unit === "days") return t("%(count)s days", { count: number(value) });
    return number(value);
  }

  // On the scale the unit stands once, in the title.
  edge(value) {
    if (this.answer.edge) return this.answer.edge(value);
    return number(this.answer.unit === "share" ? value * 100 : value);
  }

  unit() {
    if (this.answer.sign) return this.answer.sign;
    if (["share", "percent", "%"].includes(this.answer.unit)) return "%";
    return this.answer.unit === "days" ? t("days") : "";
  }

  reading(code) {
    const value = this.values.get(code);
    const label = this.config.figures.find((figure) => figure.id === this.figure)?.label;
    if (!label || !this.answer) return "";
    return `${label} ${value === null || value === undefined ? t("no data") : this.format(value)}`;
  }

  legend(someUnknown) {
    const box = this.page.part("legend");
    if (!box) return;
    const items = this.steps().map(([colour, words]) => {
      const swatch = el("i", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = colour;
      return el("li", {}, swatch, el("span", {}, words));
    });
    if (someUnknown) {
      items.push(el("li", {}, el("i", { class: "swatch none", "aria-hidden": "true" }), el("span", {}, t("no data"))));
    }
    const label = this.config.figures.find((figure) => figure.id === this.figure)?.label || "";
    box.replaceChildren(el("p", { class: "legend-title" }, [label, this.unit() && `(${this.unit()})`].filter(Boolean).join(" ")), el("ul", { class: "legend-scale" }, ...items));
    const note = this.page.part("figure-note");
    note?.replaceChildren(el("p", {}, this.answer.definition || ""));
    if (this.answer.as_of) note?.append(el("p", { class: "muted" }, t("As of %(time)s", { time: time(this.answer.as_of) })));
  }

  // The legend's colours, each with its words.
  steps() {
    if (this.classes) return [...this.classes.values()].map(({ colour, title }) => [colour, title]);
    const { edges } = this;
    const whole = edges.every(Number.isInteger) && ["count", "days"].includes(this.answer.unit);
    return this.ramp.map((colour, index) => {
      const last = index === this.ramp.length - 1;
      const from = edges[index];
      const to = whole && !last ? edges[index + 1] - 1 : edges[index + 1];
      if (from >= to) return [colour, this.edge(from)];
      if (edges[0] < 0) return [colour, t("%(first)s to %(last)s", { first: signed(this.edge(from)), last: signed(this.edge(to)) })];
      return [colour, `${this.edge(from)}–${this.edge(to)}`];
    });
  }

  ranking() {
    const box = this.page.part("ranking");
    if (!box) return;
    const name = new Map(this.features().map((feature) => [feature.properties.code, nameOf(feature.properties)]));
    const lowIsBad = this.figure === "patrol_coverage";
    const items = this.answer.items
      .filter((item) => item.value !== null && name.has(item.code))
      .sort((a, b) => (lowIsBad ? a.value - b.value : b.value - a.value))
      .slice(0, RANKED);
    box.replaceChildren(...items.map((item) => {
      const bar = el("i", { class: "bar", "aria-hidden": "true" });
      bar.style.width = `${this.highest > 0 ? Math.max(1, (100 * item.value) / this.highest) : 0}%`;
      const way = this.config.selects ? {} : { href: this.childUrl(item.code) };
      return el("li", {}, el("a", way,
        el("span", { class: "rank-name" }, name.get(item.code)), el("span", { class: "rank-value" }, this.format(item.value)), bar));
    }));
  }

  // The figures of one cell, as numbers.
  async facts() {
    const box = this.page.part("facts");
    if (!box) return;
    await Promise.all(this.config.figures.map(async (figure) => {
      const place = box.querySelector(`[data-figure="${figure.id}"]`);
      try {
        const answer = await getJSON(`/api/v1/figures/${figure.id}`, { level: "cell", community: this.config.community });
        const own = answer.items.find((item) => item.code === this.config.cell);
        this.answer = answer;
        place.textContent = own && own.value !== null ? this.format(own.value) : "–";
        place.title = answer.definition || "";
      } catch {
        place.textContent = "–";
      }
    }));
  }
}
