// Choosing the check points of a plan and their order: by a click on the map, from the table, in the list.
import { button, el } from "../dom.js";
import { t } from "../i18n.js";
import { disc, face, ground, lookAt } from "./ground.js";

export function choose(map, config) {
  ground(map, config);
  const byId = new Map(config.points.map((point) => [point.id, point]));
  const field = document.getElementById("points");
  const list = document.getElementById("chosen");
  const status = document.getElementById("chosen-status");
  const ordered = document.getElementById("is_ordered");
  const buttons = [...document.querySelectorAll("[data-point]")];
  // A check point the team no longer sees stays in the list, so that it is not dropped unseen.
  let chosen = field.value.split(",").filter(Boolean).map(Number);
  const line = L.polyline([], { color: "#0b5f6d", weight: 3, interactive: false }).addTo(map);
  const markers = new Map();
  for (const point of config.points) {
    const marker = disc(point, "+", "open").addTo(map);
    marker.on("click", () => toggle(point.id));
    markers.set(point.id, marker);
  }
  for (const one of buttons) one.addEventListener("click", () => toggle(Number(one.dataset.point)));
  ordered.addEventListener("change", show);

  function nameOf(id) {
    return byId.get(id)?.name || t("Check point %(id)s", { id });
  }

  function toggle(id) {
    if (chosen.includes(id)) {
      chosen = chosen.filter((other) => other !== id);
      status.textContent = t("%(name)s is removed", { name: nameOf(id) });
    } else {
      chosen = [...chosen, id];
      status.textContent = t("%(name)s is added as number %(n)s", { name: nameOf(id), n: chosen.length });
    }
    show();
  }

  function move(from, to) {
    if (to < 0 || to >= chosen.length || from === to) return;
    const [id] = chosen.splice(from, 1);
    chosen.splice(to, 0, id);
    status.textContent = t("%(name)s is now number %(n)s", { name: nameOf(id), n: to + 1 });
    show();
  }

  function show() {
    field.value = chosen.join(",");
    list.replaceChildren(...chosen.map(item));
    for (const one of buttons) {
      const isIn = chosen.includes(Number(one.dataset.point));
      one.setAttribute("aria-pressed", String(isIn));
      one.textContent = isIn ? t("Remove") : t("Add");
      const name = nameOf(Number(one.dataset.point));
      one.setAttribute("aria-label", `${one.textContent} ${name}`);
    }
    for (const [id, marker] of markers) {
      const place = chosen.indexOf(id);
      marker.setIcon(place < 0 ? face("+", "open") : face(String(place + 1), "chosen"));
    }
    const known = chosen.map((id) => byId.get(id)).filter(Boolean);
    line.setLatLngs(ordered.checked ? known.map((point) => [point.lat, point.lon]) : []);
  }

  function item(id, place) {
    const name = nameOf(id);
    const step = (label, sign, by) => {
      const one = button(label, { class: "btn btn-icon", "aria-label": `${label}: ${name}`, title: label }, sign);
      one.disabled = place + by < 0 || place + by >= chosen.length;
      one.addEventListener("click", () => {
        move(place, place + by);
        focus(place + by, by < 0 ? 0 : 1);
      });
      return one;
    };
    const out = button(t("Remove"), { class: "btn btn-icon", "aria-label": `${t("Remove")}: ${name}`, title: t("Remove") }, "×");
    out.addEventListener("click", () => {
      toggle(id);
      focus(Math.min(place, chosen.length - 1), 2);
    });
    const row = el("li", { draggable: "true" }, el("span", { class: "chosen-name" }, name), step(t("Up"), "↑", -1), step(t("Down"), "↓", 1), out);
    row.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", String(place));
      event.dataTransfer.effectAllowed = "move";
    });
    row.addEventListener("dragover", (event) => event.preventDefault());
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      move(Number(event.dataTransfer.getData("text/plain")), place);
    });
    return row;
  }

  // Whoever moved an item by keyboard goes on from that item.
  function focus(place, which) {
    const own = list.children[place]?.querySelectorAll("button");
    (own?.[which].disabled ? own[2] : own?.[which])?.focus();
  }

  show();
  lookAt(map, chosen.map((id) => byId.get(id)).filter(Boolean));
}
