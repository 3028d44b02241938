// Links map, charts, table, panel and address of a planner's page.
import { Bus } from "./bus.js";
import { Charts } from "./charts.js";
import { DetailPanel } from "./detail.js";
import { drawer } from "./drawer.js";
import { Model } from "./model.js";
import { Places } from "./places.js";
import { drawShapes } from "./shapes.js";

export function workspace(map, config, page) {
  const bus = new Bus();
  const model = new Model(config);
  page.bus = bus;
  page.model = model;
  map.scrollWheelZoom.disable(); // the wheel moves the page
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());

  page.answerOf = (figure, level) => model.answer(figure, level) ?? { unit: "", breaks: [0, 1], items: [] };
  page.onPick = ({ code }) => bus.emit("select", { code, by: "map" });
  page.onHover = (code) => bus.emit("hover", { code, by: "map" });
  page.onPainted = (figure, level) => {
    model.learn(page.areas.features());
    bus.emit("shown", { figure, level });
    page.areas.mark({});
  };
  page.charts = new Charts(document, model, bus, page);
  const places = document.getElementById("places");
  if (places) new Places(places, model, bus);
  new DetailPanel(model, bus, page);
  drawer(bus);
  linkMap(map, page, bus, model);
  keepAddress(page, bus);
  for (const opener of document.querySelectorAll("[data-select]")) {
    opener.addEventListener("click", () => bus.emit("select", { code: opener.dataset.select, by: "text" }));
  }
  const shapes = [];
  page.addShapes = (layer) => shapes.push(layer);
  page.stackLayers = () => shapes.filter((layer) => map.hasLayer(layer)).forEach((layer) => layer.bringToFront());
  drawShapes(map, config.shapes, page);
  openSelected(bus);
}

function linkMap(map, page, bus, model) {
  const announce = document.getElementById("announce");
  bus.on("hover", ({ code, by }) => by !== "map" && page.areas.mark({ hovered: code }));
  bus.on("select", async ({ code, by }) => {
    const level = code && model.levelOf(code, page.areas.level);
    if (level && level !== page.areas.level) await page.areas.changeLevel(level);
    page.areas.mark({ selected: code });
    if (!code) return;
    announce.textContent = [model.name(code), page.areas.reading(code)].filter(Boolean).join(": ");
    const outline = by !== "map" && page.areas.layerOf(code);
    if (outline && !map.getBounds().contains(outline.getBounds())) map.panTo(outline.getCenter());
  });
}

// The address is always that of what is shown; the form keeps it too.
function keepAddress(page, bus) {
  const form = document.getElementById("asked");
  const keep = (values) => {
    page.remember(values);
    for (const [name, value] of Object.entries(values)) {
      const kept = form.elements.namedItem(name);
      if (kept) kept.value = value ?? "";
    }
  };
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name); // an empty field is its default
  });
  for (const name of ["figure", "level", "place"]) keep({ [name]: new URL(location.href).searchParams.get(name) });
  bus.on("select", ({ code }) => keep({ place: code }));
  bus.on("shown", ({ figure, level }) => keep({ figure, level }));
}

// A link to a selected place opens with it, once the map is painted.
function openSelected(bus) {
  let code = new URL(location.href).searchParams.get("place");
  bus.on("shown", () => {
    if (!code) return;
    const selected = code;
    code = null;
    bus.emit("select", { code: selected, by: "address" });
  });
}
