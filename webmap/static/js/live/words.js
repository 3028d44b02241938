// States and ages in words, and how a person or a round looks by them: colour and shape, never colour alone.
import { el, svg } from "../dom.js";
import { number, t } from "../i18n.js";

const MINUTE_MS = 60_000;
export const STALE_MS = 5 * MINUTE_MS;
export const OLD_MS = 15 * MINUTE_MS;

const clockOf = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function clock(moment, digits = 5) {
  return clockOf.format(new Date(moment)).slice(0, digits);
}

const STATES = {
  planned: [t("Planned"), ""],
  ready: [t("Ready to start"), "badge-info"],
  overdue: [t("Overdue to start"), "badge-danger"],
  started: [t("Started"), "badge-brand"],
  paused: [t("Paused"), "badge-warn"],
  done: [t("Done"), "badge-ok"],
  partly_done: [t("Partly done"), "badge-warn"],
  missed: [t("Missed"), "badge-danger"],
  excused: [t("Excused"), ""],
};

export function stateBadge(state) {
  const [name, kind] = STATES[state];
  return el("span", { class: `badge ${kind}` }, name);
}

const SOURCES = {
  fix: t("track"),
  point: t("logged point"),
  check_point: t("check point"),
  by_hand: t("check point, by hand"),
};

export function sourceOf(seen) {
  return SOURCES[seen.by] + (seen.grade ? ` · ${seen.grade}` : "");
}

export function accuracyOf(seen) {
  return seen.accuracy_m === null ? "" : `± ${number(seen.accuracy_m)} m`;
}

// fresh, stale from 5 minutes, old from 15.
export function freshness(seen, now) {
  const age = now - Date.parse(seen.at);
  return age >= OLD_MS ? "old" : age >= STALE_MS ? "stale" : "fresh";
}

export function ageOf(moment, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(moment)) / 1000));
  if (seconds < 60) return t("%(n)s s", { n: seconds });
  if (seconds < 3600) return t("%(n)s min", { n: Math.floor(seconds / 60) });
  return t("%(h)s h %(m)s min", { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60) });
}

// How long ago somebody was seen, in a badge that grows old.
export function ageBadge(at, now) {
  const badge = el("span", { class: "badge", "data-at": at });
  tellAge(badge, now);
  return badge;
}

export function tellAges(root, now) {
  for (const badge of root.querySelectorAll("[data-at]")) tellAge(badge, now);
}

const AGES = { fresh: "badge-ok", stale: "badge-warn", old: "badge-danger" };

function tellAge(badge, now) {
  const { at } = badge.dataset;
  const age = freshness({ at }, now);
  badge.className = `badge ${AGES[age]}`;
  badge.dataset.age = age;
  badge.textContent = ageOf(at, now);
}

// Colours of Okabe and Ito, told apart with every kind of colour blindness.
const LOOKS = {
  started: { colour: "#0072b2", draw: (style) => svg("circle", { cx: 17, cy: 17, r: 11, ...style }) },
  paused: { colour: "#e69f00", draw: (style) => svg("rect", { x: 6.5, y: 6.5, width: 21, height: 21, rx: 2, ...style }) },
  overdue: { colour: "#d55e00", draw: (style) => svg("path", { d: "M17 4 31 29H3z", ...style }) },
};

// Filled while fresh, hollow once stale, broken once old.
export function symbol(state, age = "fresh") {
  const { colour, draw } = LOOKS[state];
  const style = age === "fresh"
    ? { fill: colour, stroke: "#17252e", "stroke-width": 1.5 }
    : { fill: "#ffffff", stroke: colour, "stroke-width": 4, "stroke-dasharray": age === "old" ? "5 3" : "none" };
  const box = svg("svg", { class: "live-symbol", viewBox: "0 0 34 34", "aria-hidden": "true" });
  box.append(svg("g", { class: "halo" }, draw({ fill: "none", stroke: "#ffffff", "stroke-width": 6 })), draw(style));
  return box;
}

export function roundName(round) {
  const name = round.name || t("Round");
  return round.number ? `${name} ${t("no. %(n)s", { n: round.number })}` : name;
}

export function personName(person) {
  return person.name || t("Member of the team");
}
