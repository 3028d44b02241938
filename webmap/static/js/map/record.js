// One record in the panel. Every value becomes text; keys without a name here are shown as they are.
import { button, el } from "../dom.js";
import { getTagged } from "../http.js";
import { photosOf } from "./photos.js";
import { courseOf } from "./steps.js";
import { codeName } from "./symbols.js";
import { area, distance, locale, number, t, time } from "../i18n.js";

const NAMES = {
  code: t("Code"), name: t("Name"), name_zh: t("Name"), name_en: t("English name"), address: t("Address"), room: t("Room"), floor: t("Floor"),
  floors: t("Floors"), area_m2: t("Area"), use: t("Use"), tenants: t("Tenants"), grade: t("Grade"), grade_name: t("Grade"), hazards: t("Hazards"),
  filed_on: t("Filed on"), last_visit_at: t("Last visit"), last_visit_on: t("Last visit"), due_on: t("Visit due"), is_overdue: t("Overdue"),
  overdue: t("Overdue"), category: t("Category"), category_name: t("Category"), state: t("State"), is_open: t("Open"), source: t("Source"),
  severity: t("Severity"), people: t("People involved"), description: t("Description"), occurred_at: t("Occurred"), reported_at: t("Reported"),
  due_at: t("Due"), closed_at: t("Closed"), kind: t("Kind"), kind_name: t("Kind"), note: t("Note"), at: t("Time"), device_at: t("Time on the phone"),
  received_at: t("Received"), accuracy_m: t("Accuracy"), is_outside: t("Outside the district"), capacity: t("Capacity"), radius_m: t("Radius"), dwell_s: t("Stay (s)"),
  level: t("Level"), length_m: t("Length"), started_at: t("Started"), ended_at: t("Ended"), cell: t("Cell"), cell_code: t("Cell"),
  cell_name: t("Cell"), community: t("Community"), community_code: t("Community code"), community_name: t("Community"), team: t("Team"),
  team_name: t("Team"), built_year: t("Built"), building_head: t("Building head"), building_head_phone: t("Building head's phone"),
  building_code: t("Building"), population: t("Population"), land_use: t("Land use"), distance_m: t("Distance"), fixes: t("Position fixes"),
  rental_units: t("Rental units"), overdue_units: t("Units overdue for a visit"), units_by_grade: t("Units by grade"), heads: t("Building heads"),
  building: t("Building"), visit_interval_days: t("Days between visits"), is_mine: t("Reported by me"), check_points: t("Check points"),
  last_patrol_at: t("Last patrol"), cells: t("Cells"), subdistrict: t("Subdistrict"), division: t("Division"), is_schematic: t("Schematic"),
  parcel: t("Parcel"), parcel_code: t("Parcel"), check_point_code: t("Check point"), sequence: t("Sequence"),
  clock_offset_s: t("Clock corrected by (s)"), method: t("Position by"), revision: t("Revision"),
  violation: t("Violation"),
};
const WORDS = {
  reported: t("reported"), accepted: t("accepted"), filed: t("filed"), dispatched: t("dispatched"), handling: t("being handled"),
  handled: t("handled"), checking: t("being checked"), rework: t("rework"), closed: t("closed"), archived: t("archived"),
  rejected: t("rejected"), voided: t("voided"), lenient: t("lenient grade"), watch: t("watch grade"), strict: t("strict grade"), banned: t("banned grade"), residential: t("residential"), commercial: t("commercial"), industrial: t("industrial"),
  warehouse: t("warehouse"), mixed: t("mixed use"), fire: t("fire"), electric: t("electric wiring"), gas: t("gas"),
  three_in_one: t("living, storing and working in one"), illegal_building: t("illegal building"), officer: t("grid officer"),
  patrol: t("land patrol"), hotline: t("hotline"), public: t("public"), import: t("import"), phone: t("phone"), demo: t("demo"),
  key: t("key"), ordinary: t("ordinary"), remote: t("remote"), urban_village: t("urban village"), estate: t("estate"), hill: t("hill"),
  other: t("other"), gps: t("satellite or network"), qr: t("QR code"), map: t("tap on the map"), typed: t("typing"),
};
const CODED = new Set(["state", "use", "grade", "hazards", "source", "level", "land_use", "method"]);
const SKIPPED = new Set(["client_id", "mine", "is_open", "is_overdue", "grade_colour", "family", "pinyin_initials", "cell_id", "community_id", "count", "id", "valid_from", "code_scheme", "is_violation", "team_code", "parcel_code", "building_code"]);

export function text(key, value) {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length ? value.map((item) => text(key, item)).join(locale.startsWith("zh") ? "、" : ", ") : t("none");
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (key === "at" || key.endsWith("_at")) return time(value);
  if (key.endsWith("_m2")) return area(value);
  if (key.endsWith("_m")) return distance(value);
  if (codeName(key, value)) return codeName(key, value);
  if (CODED.has(key) && WORDS[value]) return WORDS[value];
  if (key === "built_year") return String(value);
  return typeof value === "number" ? number(value) : String(value);
}

export function stateName(state) {
  return WORDS[state] || state;
}

export function label(key) {
  return NAMES[key] || key;
}

const chinese = locale.startsWith("zh");

// Names come in both languages: the reader's, else the Chinese one.
function named(properties, base) {
  const zh = properties[`${base}name_zh`];
  return (chinese ? zh : properties[`${base}name_en`] || zh) || "";
}

export function title(properties, fallback) {
  const { address, room, name, description, code } = properties;
  if (named(properties, "") || name) return named(properties, "") || name;
  const what = named(properties, "category_") || codeName("category", properties.category);
  if (what) return what;
  if (address) return room && !address.includes(room) ? `${address} ${room}` : address;
  return named(properties, "kind_") || codeName("kind", properties.kind) || description?.slice(0, 40) || code || fallback;
}

function nested(key, items) {
  return el("ul", { class: "plain" }, ...items.map((item) => {
    const words = item.count === undefined
      ? [item.name_masked, item.phone_masked] : [named(item, "") || item.grade, number(item.count)];
    return el("li", {}, words.filter(Boolean).join(" "));
  }));
}

export function rows(properties) {
  const list = el("dl", { class: "record" });
  for (const [key, value] of Object.entries(properties)) {
    const isName = key.endsWith("_name_zh");
    const base = isName ? key.slice(0, -"_name_zh".length) : `${key}_name_zh` in properties ? key : null;
    const empty = value === null || value === "" || (Array.isArray(value) && !value.length);
    // A code says nothing to the reader: its name stands in its place.
    if (empty || SKIPPED.has(key) || (isName && base in properties) || /(^name_(zh|en)|_name_en|_id)$/.test(key)) continue;
    if (base && named(properties, `${base}_`) === title(properties, "")) continue;
    const shown = base ? named(properties, `${base}_`)
      : typeof value[0] === "object" ? nested(key, value) : text(key, value);
    list.append(el("dt", {}, label(base || key)), el("dd", {}, shown));
  }
  return list;
}

function wayTo(page, layer, layerName, id) {
  const open = button(layerName, { class: "btn btn-small" });
  open.addEventListener("click", () => showFeature(page, layer, layerName, { id, properties: {} }));
  return open;
}

export async function showFeature(page, layer, layerName, feature) {
  const id = feature.id ?? feature.properties.id;
  const kind = ({ is_overdue: isOverdue }) => el("p", { class: "panel-kind" }, el("span", { class: "badge badge-brand" }, layerName),
    isOverdue ? el("span", { class: "badge badge-danger" }, t("Overdue")) : null);
  page.show(title(feature.properties, layerName), kind(feature.properties), el("p", { class: "muted" }, t("Loading…")));
  try {
    const path = `/ogc/collections/${layer}/items/${encodeURIComponent(id)}`;
    const { body: record, tag } = await getTagged(path);
    const parts = [kind(record.properties), rows(record.properties), await photosOf(layer, id)];
    if (record.properties.building_id) parts.push(wayTo(page, "building", t("Building"), record.properties.building_id));
    if (layer === "incident") parts.push(await courseOf({ id, path, tag }, stateName, () => {
      page.refreshLayers?.();
      return showFeature(page, layer, layerName, record);
    }));
    page.show(title(record.properties, layerName), ...parts);
    page.select?.(record.geometry);
  } catch (error) {
    page.show(title(feature.properties, layerName), kind(feature.properties), el("p", { class: "notice notice-danger" }, error.message));
  }
}

export function showStack(page, layer, layerName, stack) {
  const list = el("ul", { class: "panel-list" }, ...stack.map((feature) => {
    const open = button("", { class: "panel-row" }, el("span", {}, title(feature.properties, String(feature.id ?? ""))));
    open.addEventListener("click", () => showFeature(page, layer, layerName, feature));
    return el("li", {}, open);
  }));
  page.show(t("%(count)s at this place", { count: number(stack.length) }), el("p", { class: "panel-kind" }, el("span", { class: "badge badge-brand" }, layerName)), list);
  page.select?.(stack[0].geometry);
}
