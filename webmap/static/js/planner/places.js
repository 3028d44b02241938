// The table of the places the map shows: built from the same values, sortable, its rows are linked.
import { button, el } from "../dom.js";
import { t } from "../i18n.js";
import { sortable } from "../table.js";
import { cellText, isNumeric } from "./values.js";

export class Places {
  constructor(section, model, bus) {
    Object.assign(this, { section, model, bus, selected: null, rows: new Map() });
    this.table = section.querySelector("table");
    this.body = this.table.tBodies[0];
    this.body.addEventListener("mouseover", (event) => this.hover(event.target));
    this.body.addEventListener("mouseleave", () => bus.emit("hover", { code: null, by: "table" }));
    bus.on("shown", ({ level }) => this.show(level));
    bus.on("select", ({ code, by }) => this.mark(code, by));
    bus.on("hover", ({ code }) => {
      this.body.querySelector(".hovered")?.classList.remove("hovered");
      this.rows.get(code)?.classList.add("hovered");
    });
  }

  show(level) {
    if (level === this.level) return;
    this.level = level;
    const { codes, columns } = this.model.config.levels[level] || { codes: [], columns: {} };
    this.section.hidden = codes.length === 0;
    for (const link of this.section.querySelectorAll("[data-level]")) link.hidden = link.dataset.level !== level;
    const shown = Object.entries(columns);
    const heads = shown.map(([name]) => {
      const { title, sign, unit } = this.model.figures.get(name);
      return el("th", { scope: "col", class: isNumeric(unit) ? "num" : null }, sign ? `${title} (${sign})` : title);
    });
    const head = el("tr", {}, el("th", { scope: "col" }, t("Name")), ...heads, el("th", { scope: "col" }, t("Code")));
    this.table.tHead.replaceChildren(head);
    this.rows = new Map(codes.map((code, row) => [code, this.row(code, row, shown)]));
    this.body.replaceChildren(...this.rows.values());
    sortable(this.table);
    this.mark(this.selected, "address");
  }

  row(code, row, shown) {
    const name = button(this.model.name(code), { class: "link" });
    name.addEventListener("click", () => this.bus.emit("select", { code, by: "table" }));
    const cells = shown.map(([figure, { values, classes }]) => {
      const { unit } = this.model.figures.get(figure);
      const text = this.model.names.get(values[row]) ?? cellText(values[row], unit, classes);
      return el("td", { class: isNumeric(unit) ? "num" : null, "data-value": values[row] ?? "" }, text);
    });
    return el("tr", { "data-code": code }, el("th", { scope: "row" }, name), ...cells, el("td", { class: "code nowrap" }, code));
  }

  hover(target) {
    const code = target.closest("tr")?.dataset.code ?? null;
    this.bus.emit("hover", { code, by: "table" });
  }

  mark(code, by) {
    this.body.querySelector(".selected")?.classList.remove("selected");
    this.selected = code;
    const row = this.rows.get(code);
    if (!row) return;
    row.classList.add("selected");
    if (by === "table") return;
    const frame = this.table.parentElement;
    const top = row.offsetTop - this.table.tHead.offsetHeight;
    if (top < frame.scrollTop || row.offsetTop + row.offsetHeight > frame.scrollTop + frame.clientHeight) frame.scrollTop = top;
  }
}
