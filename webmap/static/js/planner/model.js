// The values of a page by place: what webmap/planner/map_data.py sent, with names as they become known.
import { locale } from "../i18n.js";
import { edgeText, isNumeric, valueText } from "./values.js";

export class Model {
  constructor(config) {
    this.config = config;
    this.names = new Map(Object.entries(config.names));
    this.figures = new Map(config.figures.map((figure) => [figure.name, figure]));
    this.rowOf = {};
    for (const [level, { codes }] of Object.entries(config.levels)) {
      this.rowOf[level] = new Map(codes.map((code, row) => [code, row]));
    }
  }

  column(figure, level) {
    return this.config.levels[level]?.columns[figure];
  }

  value(figure, level, code) {
    return this.column(figure, level)?.values[this.rowOf[level].get(code)] ?? null;
  }

  // A code among the values is told by the name of its place.
  text(figure, level, value) {
    return this.names.get(value) ?? valueText(value, this.figures.get(figure), this.column(figure, level)?.classes);
  }

  name(code) {
    return this.names.get(code) || code;
  }

  // The levels that have a place, the wished one first.
  levelOf(code, wished) {
    if (this.rowOf[wished]?.has(code)) return wished;
    return Object.keys(this.rowOf).find((level) => this.rowOf[level].has(code)) ?? null;
  }

  learn(features) {
    const chinese = locale.startsWith("zh");
    for (const { properties } of features) {
      const { code, name, name_en: english, community_code: community } = properties;
      // A cell's English name is a number only: its community's goes before it.
      const before = community && community !== code ? `${this.names.get(community) ?? ""} ` : "";
      this.names.set(code, (!chinese && english && `${before}${english}`.trim()) || name || code);
    }
  }

  // What js/map/areas.js paints: null where the level does not have the figure.
  answer(figure, level) {
    const column = this.column(figure, level);
    const known = this.figures.get(figure);
    if (!known?.is_mapped || !column) return null;
    return {
      unit: known.unit, sign: known.sign, definition: known.definition,
      breaks: column.edges, colours: column.colours, classes: column.classes,
      text: (value) => this.text(figure, level, value),
      edge: (value) => edgeText(value, known.unit),
      items: this.config.levels[level].codes.map((code, row) => ({ code, value: column.values[row] })),
    };
  }

  // Places by a numeric figure, those that matter most first, with the colours of the map.
  ranked(figure, level) {
    const column = this.column(figure, level);
    const known = this.figures.get(figure);
    if (!column?.edges || !isNumeric(known.unit)) return [];
    const inner = column.edges.slice(1, -1);
    const sign = known.good === "high" ? 1 : -1;
    return this.config.levels[level].codes
      .map((code, row) => ({ code, name: this.name(code), value: column.values[row] }))
      .filter((place) => place.value !== null)
      .map((place) => ({ ...place, colour: column.colours[inner.filter((edge) => place.value >= edge).length] }))
      .sort((a, b) => sign * (a.value - b.value) || (a.code < b.code ? -1 : 1));
  }
}
