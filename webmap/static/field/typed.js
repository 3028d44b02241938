/* A place typed by hand, for where the phone finds no position: longitude, latitude, and by which maps they are. */

import { button, el } from "../js/dom.js";
import { t } from "../js/i18n.js";
import { readAngle } from "./coordinates.js";

const NAMES = { lon: t("Longitude"), lat: t("Latitude") };
const EXAMPLES = { lon: "113.9012、113°54′04.3″", lat: "22.7634、22°45′48.2″" };

/** China's datums by the names the server knows; WGS84 is said of nothing that says none. */
export const DATUMS = new Map([
  ["wgs84", t("WGS84 (GPS receiver)")],
  ["4490", t("CGCS2000 (survey, Tianditu)")],
  ["gcj02", t("GCJ-02 (AMap, Tencent Maps)")],
  ["bd09", t("BD-09 (Baidu Maps)")],
]);

function words(code, axis) {
  const name = NAMES[axis];
  return {
    missing: t("%(name)s is missing.", { name }),
    form: t("%(name)s cannot be read. Write it like one of these: %(examples)s", { name, examples: EXAMPLES[axis] }),
    axis: t("%(name)s: this letter belongs to the other one. Are the two swapped?", { name }),
    parts: t("%(name)s: minutes and seconds are less than 60, and only the last number has decimals.", { name }),
    range: axis === "lat" ? t("Latitude is at most 90 degrees. Are the two swapped?") : t("Longitude is at most 180 degrees."),
  }[code];
}

function field(axis, problem) {
  const input = el("input", {
    id: `typed-${axis}`, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 40, "aria-describedby": "typed-problem",
  });
  const box = el("div", { class: "field" }, el("label", { for: input.id }, NAMES[axis]), input, el("p", { class: "hint" }, EXAMPLES[axis]));
  /** The number, or null once the problem is told. */
  const read = () => {
    input.removeAttribute("aria-invalid");
    try {
      return readAngle(input.value, axis);
    } catch (error) {
      problem.textContent = words(error.message, axis) ?? error.message;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return null;
    }
  };
  return { box, read };
}

/** Ask for a place; `take` gets {lon, lat, method, crs} and says whether it was taken. */
export function askForPlace(take) {
  const problem = el("p", { class: "error", id: "typed-problem", role: "alert" });
  const [lon, lat] = [field("lon", problem), field("lat", problem)];
  const datum = el("select", { id: "typed-datum" }, ...[...DATUMS].map(([value, name]) => el("option", { value }, name)));
  const form = el("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    problem.textContent = "";
    const place = { lon: lon.read() };
    if (place.lon === null) return;
    place.lat = lat.read();
    if (place.lat === null) return;
    const crs = datum.value === "wgs84" ? {} : { crs: datum.value };
    if (take({ ...place, method: "typed", ...crs })) dialog.close();
  } },
    lon.box, lat.box,
    el("div", { class: "field" }, el("label", { for: datum.id }, t("Datum")), datum,
      el("p", { class: "hint" }, t("The same numbers lie 600 m apart on maps of different kinds, with Baidu's 1.2 km."))),
    problem,
    el("div", { class: "form-actions" },
      el("button", { type: "submit", class: "btn btn-primary" }, t("Use this place")),
      button(t("Cancel"), { onclick: () => dialog.close() })));
  const dialog = el("dialog", { class: "dialog", "aria-label": t("Type the coordinates") }, form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
