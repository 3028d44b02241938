// The gaps that matter most, on the map and in a table below: of the district, or of the cell one selected.
import { el } from "../dom.js";
import { getJSON } from "../http.js";
import { number, t } from "../i18n.js";

const STYLE = { color: "#17252e", weight: 1.5, fillColor: "#d55e00", fillOpacity: 0.45 };

export function patrol_gaps(map, config, page) {
  const button = document.getElementById("gaps-button");
  if (button) new Gaps(map, config, page, button);
}

class Gaps {
  constructor(map, config, page, button) {
    Object.assign(this, { map, config, page, button, place: null });
    this.layer = L.layerGroup().addTo(map);
    button.addEventListener("click", () => this.show(button.getAttribute("aria-pressed") !== "true"));
    page.bus.on("select", ({ code, by }) => by !== "gaps" && this.select(code));
  }

  // Of another cell while they are shown; a community or parcel has none of its own.
  select(code) {
    const cell = code && this.page.model.rowOf.cell?.has(code) ? code : null;
    if (cell === this.place) return;
    this.place = cell;
    if (this.isOn) this.show(true);
  }

  async show(on) {
    this.isOn = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.request?.abort();
    this.layer.clearLayers();
    document.getElementById("gaps").hidden = !on;
    if (!on) return;
    this.request = new AbortController();
    try {
      this.draw(await getJSON(this.config.url, { place: this.place }, this.request.signal));
    } catch (error) {
      if (error.name !== "AbortError") this.page.say(error.message, { bad: true });
    }
  }

  draw({ features }) {
    const rows = features.map((feature) => {
      const gap = feature.properties;
      const shape = L.geoJSON(feature, { style: STYLE }).bindTooltip(`${gap.number} · ${number(gap.area_m2)} m²`).addTo(this.layer);
      shape.on("click", (event) => {
        L.DomEvent.stop(event);
        this.page.bus.emit("select", { code: gap.cell, by: "gaps" });
      });
      const find = el("button", { class: "link", type: "button" }, gap.cell);
      find.addEventListener("click", () => {
        this.map.fitBounds(shape.getBounds(), { maxZoom: 17 });
        this.page.bus.emit("select", { code: gap.cell, by: "gaps" });
      });
      const days = gap.days_since === null ? t("none in 92 days before") : number(gap.days_since);
      const round = gap.round_url ? el("a", { class: "btn btn-small", href: gap.round_url }, t("Make a round")) : "";
      const cells = [number(gap.number), find, number(gap.area_m2), number(gap.risk), days, number(gap.priority), round];
      return el("tr", {}, ...cells.map((cell, at) => el("td", at === 1 || at === 6 ? {} : { class: "num" }, cell)));
    });
    const empty = el("tr", {}, el("td", { colspan: 7, class: "empty" }, t("No gap of 100 m² or more.")));
    document.getElementById("gaps-rows").replaceChildren(...(rows.length ? rows : [empty]));
  }
}
