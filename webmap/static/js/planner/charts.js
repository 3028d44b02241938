// Draws the charts of a page when they come into sight and links them to the rest. Vega is loaded with the
// first of them. Its expressions are interpreted (the content security policy forbids eval); tooltips are text.
import { el } from "../dom.js";
import { t } from "../i18n.js";

const MOST_BARS = 30;
const ROW = 20; // as webmap/planner/charts/bars.py
const FORMATS = { share: [".0%", ".1%"], count: [",d", ",d"] };
const OTHER = [",~f", ",.3~f"];
const NARROW = 420; // pixels: less takes a legend of one column and every other number

const EVERY_OTHER = [{ window: [{ op: "row_number", as: "row" }] }, { filter: "datum.row % 2 === 1" }];

let vega = null;

function load(addresses) {
  vega ??= addresses.reduce((before, src) => before.then(() => new Promise((done, fail) => {
    document.head.append(el("script", { src, onload: done, onerror: () => fail(new Error(t("The charts could not be loaded"))) }));
  })), Promise.resolve());
  return vega;
}

export class Charts {
  constructor(root, model, bus, page) {
    Object.assign(this, { model, bus, page, drawn: new Map(), specs: new Map() });
    this.marks = { selected: "", hovered: "" };
    this.tip = el("div", { class: "chart-tip", hidden: true });
    document.body.append(this.tip);
    for (const { id, spec } of model.config.charts) this.specs.set(id, spec);
    this.sight = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        this.sight.unobserve(target);
        this.draw(target.dataset.chart);
      }
    }, { rootMargin: "200px" });
    this.figures = new Map([...root.querySelectorAll("[data-chart]")].map((figure) => [figure.dataset.chart, figure]));
    for (const [id, figure] of this.figures) {
      this.listen(id, figure.querySelector(".chart-area"));
      if (id !== "ranked") this.sight.observe(figure);
    }
    // Printing waits for no script to come: Vega is there before, and draws what was not in sight yet.
    (window.requestIdleCallback ?? setTimeout)(() => load(model.config.vega).catch(() => {})); // a chart tells
    window.addEventListener("beforeprint", () => this.drawRest());
    bus.on("select", ({ code }) => this.mark("selected", code));
    bus.on("hover", ({ code }) => this.mark("hovered", code));
    bus.on("shown", (shown) => this.rank(shown));
  }

  // The ranking of the chosen figure: the places that matter most, and the selected one.
  rank({ figure, level } = this.shown) {
    this.shown = { figure, level };
    const box = this.figures.get("ranked");
    if (!box) return;
    const all = this.model.ranked(figure, level);
    const rows = all.slice(0, MOST_BARS);
    const own = all.find((row) => row.code === this.marks.selected);
    if (own && !rows.includes(own)) rows.push(own);
    box.hidden = rows.length === 0;
    if (!rows.length) return;
    const { unit, title, sign } = this.model.figures.get(figure);
    const [format, precise] = FORMATS[unit] || OTHER;
    const label = sign && sign !== "%" ? `${title} (${sign})` : title;
    const spec = structuredClone(this.model.config.ranked);
    const names = rows.map((row) => row.name);
    spec.data.values = rows.map((row) => ({ ...row, label: names.filter((name) => name === row.name).length > 1 ? `${row.name} ${row.code}` : row.name }));
    spec.height = ROW * rows.length;
    const { encoding } = spec.layer[0];
    const step = unit === "count" ? { tickMinStep: 1 } : {};
    Object.assign(encoding.x, { title: label, axis: { ...encoding.x.axis, format, ...step } });
    if (rows.every(({ value }) => value === 0)) encoding.x.scale = { ...encoding.x.scale, domain: [0, 1] };
    Object.assign(encoding.tooltip[1], { title: label, format: precise });
    this.specs.set("ranked", spec);
    box.querySelector(".card-title").textContent = rows.length < all.length
      ? t("%(figure)s: the first %(count)s of %(all)s", { figure: title, count: MOST_BARS, all: all.length }) : title;
    if (this.drawn.has("ranked")) this.draw("ranked");
    else this.sight.observe(box);
  }

  async draw(id) {
    const area = this.figures.get(id)?.querySelector(".chart-area");
    const spec = this.specs.get(id);
    if (!area || !spec) return;
    try {
      await load(this.model.config.vega);
      const { number, time } = this.model.config.locale;
      const made = await window.vegaEmbed(area, this.fitted(spec, area), {
        mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false,
        tooltip: (handler, event, item, value) => this.tell(event, value), formatLocale: number, timeFormatLocale: time,
      });
      // A reader of the page's text gets the chart's name, its keys and the table, not 28 unnamed rectangles.
      area.querySelector("svg")?.setAttribute("aria-hidden", "true");
      this.drawn.get(id)?.finalize();
      this.drawn.set(id, made);
      this.link(made.view);
    } catch (error) {
      this.page.say(error.message, { bad: true });
    }
  }

  drawRest() {
    for (const [id, figure] of this.figures) {
      if (this.drawn.has(id) || figure.hidden) continue;
      this.sight.unobserve(figure);
      this.draw(id);
    }
  }

  // As many small panels beside each other as there is room for; on a phone nothing that would lie on another.
  fitted(spec, area) {
    const width = area.clientWidth;
    const { panel, axis } = spec.usermeta ?? {};
    if (panel) {
      const columns = Math.max(1, Math.floor((width - axis) / panel));
      const gap = panel - spec.spec.width;
      return { ...spec, columns, spec: { ...spec.spec, width: Math.floor((width - axis) / columns) - gap } };
    }
    if (width >= NARROW) return spec;
    const narrow = structuredClone(spec);
    const legend = narrow.encoding?.color?.legend;
    if (legend?.columns) legend.columns = 1;
    for (const layer of narrow.layer ?? []) {
      if (layer.mark?.type === "text") layer.transform = [...layer.transform ?? [], ...EVERY_OTHER];
    }
    return narrow;
  }

  link(view) {
    const codeOf = (item) => item?.datum?.code || null;
    view.addEventListener("click", (event, item) => {
      if (codeOf(item)) this.bus.emit("select", { code: codeOf(item), by: "chart" });
    });
    view.addEventListener("mouseover", (event, item) => this.bus.emit("hover", { code: codeOf(item), by: "chart" }));
    view.addEventListener("mouseout", () => this.bus.emit("hover", { code: null, by: "chart" }));
    for (const [name, code] of Object.entries(this.marks)) view.signal(name, code);
    view.runAsync();
  }

  mark(name, code) {
    if (this.marks[name] === (code ?? "")) return;
    this.marks[name] = code ?? "";
    this.frame ??= requestAnimationFrame(() => this.redraw()); // a pointer passes many places in one frame
    if (name === "selected" && this.shown && code) this.rankSelected(code);
  }

  redraw() {
    this.frame = null;
    for (const { view } of this.drawn.values()) {
      view.signal("selected", this.marks.selected).signal("hovered", this.marks.hovered).runAsync();
    }
  }

  rankSelected(code) {
    const shown = this.specs.get("ranked")?.data.values.some((row) => row.code === code);
    if (!shown && this.model.ranked(this.shown.figure, this.shown.level).some((row) => row.code === code)) this.rank();
  }

  // Arrow keys go through the places of a chart in its order.
  listen(id, area) {
    area.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const codes = codesIn(this.specs.get(id));
      if (!step || !codes.length) return;
      event.preventDefault();
      const at = codes.indexOf(this.marks.selected);
      const next = at < 0 ? (step > 0 ? 0 : codes.length - 1) : Math.min(codes.length - 1, Math.max(0, at + step));
      this.bus.emit("select", { code: codes[next], by: "key" });
    });
  }

  tell(event, value) {
    this.tip.hidden = !value || typeof value !== "object";
    if (this.tip.hidden) return;
    const { name, day, ...rest } = value;
    this.tip.replaceChildren(...[
      name && el("b", {}, String(name)), day && el("span", {}, String(day)),
      ...Object.entries(rest).map(([title, text]) => el("span", {}, `${title} ${text}`)),
    ].filter(Boolean));
    const { clientX, clientY } = event;
    const { width, height } = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(clientX + 14, innerWidth - width - 4))}px`;
    this.tip.style.top = `${clientY + 18 + height > innerHeight ? clientY - height - 10 : clientY + 18}px`;
  }
}

// The places of a specification, each once, in the order of its data.
function codesIn(spec) {
  if (!spec) return [];
  const sources = [spec, ...(spec.layer || [])];
  const rows = sources.flatMap((source) => source.data?.values || []);
  return [...new Set(rows.map((row) => row.code).filter(Boolean))];
}
