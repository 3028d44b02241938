// How a record looks: shape by layer, colour by grade, state or kind. Shapes differ so that colour is never alone.
import { svg } from "../dom.js";
import { t } from "../i18n.js";
import { isDark } from "./palette.js";

const NEUTRAL = "#5c6b75";
export const OUTLINE = "#22323b";
const OPEN = ["reported", "accepted", "filed", "dispatched", "handling"];

// A layer's classes: which property, which values in which order, worst first.
const LOOKS = {
  rental_unit: { shape: "circle", colour: "#2a71a5", property: "grade", classes: {
    banned: { colour: "#a50026", label: t("banned grade") },
    strict: { colour: "#f46d43", label: t("strict grade") },
    watch: { colour: "#fee08b", label: t("watch grade") },
    lenient: { colour: "#1a9850", label: t("lenient grade") },
  } },
  building: { shape: "square", colour: "#5c6b75" },
  incident: { shape: "triangle", colour: "#a3221c", property: "state", classes: {
    open: { colour: "#c0392b", label: t("open") },
    checking: { colour: "#d9922b", label: t("handled, to be checked") },
    closed: { colour: "#6d8a7a", label: t("closed") },
  } },
  patrol_point: { shape: "square", colour: "#1d7d5e", property: "kind", classes: {
    clear: { colour: "#1d7d5e", label: t("all clear") },
    violation: { colour: "#8e2a8b", label: t("finding") },
  } },
  check_point: { shape: "ring", colour: "#1d7d5e" },
  facility: { shape: "diamond", colour: "#5a3fa0" },
  cell: { shape: "circle", colour: "#0b5f6d" },
  parcel: { shape: "area", colour: "#8a6d00" },
  patrol_track: { shape: "line", colour: "#1d7d5e" },
};

export function look(layer) {
  return LOOKS[layer] || { shape: "circle", colour: NEUTRAL };
}

// Code tables that an administrator keeps come with the layer's description: names of codes by property,
// and classes with their colours.
const names = {};

export function codeName(property, code) {
  return names[property]?.[code];
}

export function learn(layer) {
  for (const [property, words] of Object.entries(layer.names || {})) names[property] = { ...names[property], ...words };
  if (!layer.classes) return;
  LOOKS[layer.id] = { ...look(layer.id), property: layer.property,
    classes: Object.fromEntries(layer.classes.map((entry) => [entry.code, { colour: entry.colour, label: entry.label }])) };
}

export function classKey(layer, properties) {
  if (layer === "incident") {
    const { state } = properties;
    if (properties.is_open === false || ["closed", "archived", "rejected", "voided"].includes(state)) return "closed";
    return OPEN.includes(state) || state === "rework" || !state ? "open" : "checking";
  }
  if (layer === "patrol_point" && !look(layer).classes?.[properties.kind]) {
    return properties.is_violation || /^L\d/.test(properties.kind || "") ? "violation" : "clear";
  }
  return properties[look(layer).property] ?? "";
}

export function colourOf(layer, properties) {
  const { classes, colour } = look(layer);
  return classes?.[classKey(layer, properties)]?.colour || colour;
}

function path(ctx, shape, { x, y }, r) {
  ctx.beginPath();
  if (shape === "square") ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  else if (shape === "triangle") {
    ctx.moveTo(x, y - r * 1.2);
    ctx.lineTo(x + r * 1.15, y + r * 0.9);
    ctx.lineTo(x - r * 1.15, y + r * 0.9);
    ctx.closePath();
  } else if (shape === "diamond") {
    ctx.moveTo(x, y - r * 1.25);
    ctx.lineTo(x + r * 1.25, y);
    ctx.lineTo(x, y + r * 1.25);
    ctx.lineTo(x - r * 1.25, y);
    ctx.closePath();
  } else ctx.arc(x, y, r, 0, 2 * Math.PI);
}

// Point symbols and counts painted on the map's own canvas, where clicks on areas still arrive.
export const Symbol = L.CircleMarker.extend({
  // Counts of several layers gather at the same places: each layer stands a little aside.
  _project() {
    L.CircleMarker.prototype._project.call(this);
    if (!this.options.shift) return;
    this._point = this._point.add(this.options.shift);
    this._updateBounds();
  },

  _updatePath() {
    const renderer = this._renderer;
    if (!renderer?._drawing || this._empty()) return;
    const ctx = renderer._ctx;
    path(ctx, this.options.shape, this._point, this._radius);
    renderer._fillStroke(ctx, this);
    const { text } = this.options;
    if (!text) return;
    ctx.globalAlpha = 1;
    ctx.fillStyle = isDark(this.options.fillColor) ? "#ffffff" : "#17252e";
    ctx.font = `600 ${this.options.textSize || 12}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, this._point.x, this._point.y + 0.5);
  },
});

export function swatch(layer, colour = look(layer).colour) {
  const { shape } = look(layer);
  const box = svg("svg", { class: "symbol", viewBox: "0 0 20 20", "aria-hidden": "true" });
  const filled = { fill: colour, stroke: OUTLINE, "stroke-width": "1" };
  const shapes = {
    circle: () => svg("circle", { cx: 10, cy: 10, r: 6, ...filled }),
    ring: () => svg("circle", { cx: 10, cy: 10, r: 5, fill: "#ffffff", stroke: colour, "stroke-width": 3 }),
    square: () => svg("rect", { x: 5, y: 5, width: 10, height: 10, ...filled }),
    triangle: () => svg("path", { d: "M10 3.500 17 16H3z", ...filled }),
    diamond: () => svg("path", { d: "M10 3l7 7-7 7-7-7z", ...filled }),
    area: () => svg("rect", { x: 3.5, y: 5, width: 13, height: 10, fill: colour, "fill-opacity": 0.18, stroke: colour, "stroke-width": 2, "stroke-dasharray": "4 2" }),
    line: () => svg("path", { d: "M3 14c4-8 9 2 14-8", fill: "none", stroke: colour, "stroke-width": 2.5 }),
  };
  box.append((shapes[shape] || shapes.circle)());
  return box;
}
