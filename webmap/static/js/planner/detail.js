// The panel of the selected place: its figures, then the rows behind them, from the question's own address.
import { el, fault } from "../dom.js";
import { getJSON } from "../http.js";
import { t } from "../i18n.js";

export class DetailPanel {
  constructor(model, bus, page) {
    Object.assign(this, { model, bus, page });
    const closed = page.onPanelClosed;
    page.onPanelClosed = () => {
      closed?.();
      this.request?.abort();
      bus.emit("select", { code: null, by: "panel" });
    };
    bus.on("select", ({ code, by }) => code && this.open(code, by));
  }

  async open(code, by) {
    this.request?.abort();
    this.request = new AbortController();
    const level = this.model.levelOf(code, this.page.areas?.level);
    const known = this.known(code, level);
    const address = this.model.config.place_url;
    const waiting = address ? el("p", { class: "muted", role: "status" }, t("Loading…")) : null;
    this.show(by, this.model.name(code), el("p", { class: "muted code" }, code), this.facts(known), waiting);
    if (!address) return;
    const url = new URL(address, location.origin);
    url.pathname += encodeURIComponent(code);
    if (level) url.searchParams.set("level", level);
    try {
      const found = await getJSON(url.pathname + url.search, {}, this.request.signal);
      this.show(by, found.title, el("p", { class: "muted code" }, found.code), this.facts(merged(known, found.facts)),
        ...found.rows.map((rows) => this.rows(rows)),
        ...found.links.map(({ title, url: way }) => el("a", { class: "btn btn-block", href: way }, title)));
    } catch (error) {
      if (error.name !== "AbortError") waiting.replaceWith(fault(error.message));
    }
  }

  // Who goes through a chart by keys stays there.
  show(by, title, ...content) {
    const active = document.activeElement;
    this.page.show(title, ...content);
    if (by === "key" || by === "address") active?.focus({ preventScroll: true });
  }

  known(code, level) {
    return [...this.model.figures.values()]
      .filter(({ name }) => this.model.column(name, level))
      .map(({ name, title }) => ({ title, text: this.model.text(name, level, this.model.value(name, level, code)) }));
  }

  facts(facts) {
    return el("dl", { class: "record" }, ...facts.flatMap(({ title, text }) => [el("dt", {}, title), el("dd", {}, text)]));
  }

  rows({ title, heads, rows, links, more }) {
    if (!rows.length) return el("p", { class: "muted" }, `${title}: ${t("none")}`);
    const body = rows.map((row, at) => el("tr", {}, ...row.map((text, column) => el("td", {},
      column === 0 && links[at] ? el("a", { href: links[at] }, text) : text))));
    const table = el("table", { class: "data compact" },
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...body));
    return el("section", {}, el("h3", {}, title), el("div", { class: "table-wrap", tabindex: 0, role: "region", "aria-label": title }, table),
      more ? el("p", {}, el("a", { href: more }, t("All of them"))) : null);
  }
}

// The page's own figures, then what only the question's address tells; one title stands once.
function merged(known, told) {
  return [...new Map([...known, ...told].map((fact) => [fact.title, fact])).values()];
}
