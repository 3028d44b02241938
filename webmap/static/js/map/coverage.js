// What a period's patrols did not cover: fetched for the community or cell one picks.
import { getJSON } from "../http.js";
import { area, t } from "../i18n.js";
import { el } from "../dom.js";

const GAP = { color: "#a3221c", weight: 1, fillColor: "#d1495b", fillOpacity: 0.45, interactive: false };

export function coverage(map, config, page) {
  const form = document.querySelector("form[data-slow]");
  form?.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = t("Computing …");
  });
  if (!config.gaps_url) return;
  const drawn = L.layerGroup().addTo(map);
  let request = null;
  page.onPick = async ({ code, name, level, reading }) => {
    request?.abort();
    request = new AbortController();
    page.show(name, el("p", { class: "muted code" }, code), el("p", {}, t("Looking for what is not covered …")));
    try {
      const found = await getJSON(config.gaps_url, { [level]: code }, request.signal);
      drawn.clearLayers();
      L.geoJSON(found, { style: GAP }).addTo(drawn);
      page.show(
        name,
        el("p", { class: "muted code" }, code),
        el("p", { class: "panel-value" }, reading),
        el("p", {}, t("%(area)s not covered, in %(count)s parts", { area: area(found.uncovered_m2), count: found.features.length })),
        level === "cell" ? el("a", { class: "btn btn-block", href: `/map/cells/${encodeURIComponent(code)}` }, t("Open the cell")) : null,
      );
    } catch (error) {
      if (error.name !== "AbortError") page.say(error.message, { bad: true });
    }
  };
}
