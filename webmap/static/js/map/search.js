// The search box over the map: a combobox after the ARIA pattern; results lead to a page or a place.
import { debounce, el, icon, uniqueId } from "../dom.js";
import { getJSON } from "../http.js";
import { t } from "../i18n.js";
import { title } from "./record.js";

const KINDS = { cell: t("Cell"), community: t("Community"), building: t("Building"), facility: t("Facility") };

export function search(map, _config, page) {
  const box = page.part("map-search");
  if (!box) return;
  const listId = uniqueId("search-results");
  const input = el("input", {
    type: "search", class: "input", role: "combobox", autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list",
    "aria-label": t("Search by code, community, address or pinyin initials"), placeholder: t("Code, community, address, pinyin"),
  });
  const list = el("ul", { id: listId, class: "search-results", role: "listbox", "aria-label": t("Search results"), hidden: true });
  const status = el("span", { class: "visually-hidden", role: "status" });
  box.replaceChildren(icon("search"), input, list, status);

  const found = L.layerGroup().addTo(map);
  let results = [];
  let active = -1;
  let request;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    const option = list.children[index];
    if (!option?.id) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function go(result) {
    close();
    input.value = title(result, result.code);
    if (result.url && (result.kind === "cell" || result.kind === "community")) {
      location.assign(result.url);
      return;
    }
    map.setView([result.lat, result.lon], 18);
    found.clearLayers();
    L.circleMarker([result.lat, result.lon], { radius: 14, color: "#1a5fd0", weight: 3, fill: false, interactive: false }).addTo(found);
  }

  function option(result) {
    const node = el("li", { role: "option", id: uniqueId("option"), "aria-selected": "false" },
      el("span", { class: "search-name" }, result.name || result.code), el("span", { class: "badge" }, KINDS[result.kind] || result.kind),
      el("span", { class: "search-detail" }, [result.name ? result.code : "", result.detail].filter(Boolean).join(" · ")));
    node.addEventListener("pointerdown", (event) => event.preventDefault());
    node.addEventListener("click", () => go(result));
    return node;
  }

  const ask = debounce(async () => {
    const q = input.value.trim();
    request?.abort();
    if (!q) {
      close();
      return;
    }
    request = new AbortController();
    try {
      results = (await getJSON("/api/v1/search", { q, limit: 8 }, request.signal)).items;
    } catch (error) {
      if (error.name !== "AbortError") page.say(error.message, { bad: true });
      return;
    }
    list.replaceChildren(...(results.length ? results.map(option) : [el("li", { class: "search-none", role: "presentation" }, t("Nothing found"))]));
    status.textContent = results.length ? t("%(count)s results", { count: results.length }) : t("Nothing found");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    active = -1;
  }, 220);

  input.addEventListener("input", ask);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else if (results.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + results.length) % results.length);
    } else if (event.key === "Enter" && !list.hidden && results.length) {
      event.preventDefault();
      go(results[Math.max(active, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
}
