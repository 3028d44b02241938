/* A finding in three taps: what it is, perhaps a photo, save. */

import { button, el } from "../js/dom.js";
import { t } from "../js/i18n.js";
import { offsetSeconds } from "./clock.js";
import { isInDistrict } from "./district.js";
import { gradeOf } from "./evidence.js";
import { logPoint } from "./log.js";
import { takePhoto } from "./photos.js";
import { asFix, position } from "./position.js";
import { askForPlace, DATUMS } from "./typed.js";
import { walk } from "./walk.js";

const GOOD = new Set(["A", "B"]);
const MOST_PHOTOS = 20;

const element = (id) => document.getElementById(id);

let chosen = null; // a place chosen on the map or typed, instead of the phone's own
let photos = [];

/** Words on what a grade means, beside its letter. */
export function gradeWords(grade) {
  return {
    A: t("Evidence A: within 10 m, fresh"),
    B: t("Evidence B: within 30 m, fresh"),
    C: t("Evidence C: coarse, old or chosen on the map"),
    D: t("Evidence D: by hand, or the clock jumped"),
  }[grade];
}

export function gradeBadge(grade) {
  const kind = { A: "badge-ok", B: "badge-ok", C: "badge-warn", D: "badge-danger" }[grade];
  return el("span", { class: `badge grade ${kind}`, title: gradeWords(grade) }, grade, el("span", { class: "visually-hidden" }, ` ${gradeWords(grade)}`));
}

/** How a place came about that is not the phone's own, in words; "" for one that is. */
export function wayWords({ method, crs }) {
  const way = { map: t("Chosen on the map"), typed: t("Typed by hand") }[method] ?? "";
  return crs ? `${way} · ${DATUMS.get(crs)}` : way;
}

/**
 * Log at a place {lon, lat, method: map | typed, crs} instead of where the phone is; null goes back to the phone's
 * position. Whoever chose a place outside the district is asked. Gives whether it is chosen.
 */
export function choose(place) {
  if (place && !isInDistrict(place) && !confirm(t("This place lies outside the district. Log there all the same?"))) return false;
  chosen = place;
  showPlace();
  return true;
}

export function showPlace() {
  const fix = position.latest;
  element("log").disabled = !fix && !chosen;
  element("use-own").hidden = !chosen;
  const box = element("fix");
  box.classList.remove("fix-good", "fix-fair", "fix-bad");
  const place = chosen ?? (fix && asFix(fix));
  if (!place) {
    element("fix-state").textContent = position.trouble || t("Looking for the position …");
    element("fix-grade").replaceChildren();
    element("fix-detail").textContent = "";
    return;
  }
  const grade = gradeOf(place, new Date().toISOString(), { offset_s: offsetSeconds() });
  box.classList.add(GOOD.has(grade) ? "fix-good" : grade === "C" ? "fix-fair" : "fix-bad");
  element("fix-state").textContent = chosen
    ? wayWords(chosen) : t("Accurate to %(metres)s m", { metres: Math.round(place.accuracy_m) });
  element("fix-grade").replaceChildren(gradeBadge(grade));
  const seconds = chosen ? 0 : Math.round((Date.now() - fix.at) / 1000);
  element("fix-detail").textContent = `${place.lon.toFixed(5)}, ${place.lat.toFixed(5)}`
    + (seconds > 30 ? " · " + t("%(seconds)s s old", { seconds }) : "");
}

function showPhotos() {
  element("photo-list").replaceChildren(...photos.map((photo) => {
    const address = URL.createObjectURL(photo.blob);
    return el("li", {},
      el("img", { src: address, alt: t("Photo"), width: 72, height: 72, onload: () => URL.revokeObjectURL(address) }),
      button(t("Remove"), { class: "btn btn-small btn-quiet", onclick: () => {
        photos = photos.filter((other) => other !== photo);
        showPhotos();
      } }));
  }));
}

async function addPhotos(event, account, say) {
  const files = [...event.target.files];
  event.target.value = "";
  for (const file of files.slice(0, MOST_PHOTOS - photos.length)) {
    try {
      photos.push(await takePhoto(file, account, position.latest));
    } catch {
      say(t("This picture cannot be read."), "danger");
    }
  }
  showPhotos();
}

async function save(event, account, { say, changed }) {
  event.preventDefault();
  const log = element("log");
  log.disabled = true;
  try {
    const record = await logPoint(account, chosen ?? position.latest, {
      kind: new FormData(element("field-form")).get("kind"),
      note: element("note").value.trim(),
      round_id: walk.current?.round_id ?? undefined,
    }, photos);
    photos = [];
    chosen = null;
    element("note").value = "";
    showPhotos();
    say(t("Saved on this phone.") + " " + gradeWords(record.grade), GOOD.has(record.grade) ? "ok" : "warn");
    changed();
  } catch (error) {
    const isFull = error.name === "QuotaExceededError";
    say(isFull ? t("Not saved: this phone is full. Send what waits, or export it.") : t("Not saved") + `: ${error.message}`, "danger");
  } finally {
    showPlace();
  }
}

/** Bring the form to life. say shows a line, changed tells that something was saved. */
export function startFinding(account, { say, changed }) {
  element("field-form").addEventListener("submit", (event) => save(event, account, { say, changed }));
  element("photo").addEventListener("change", (event) => addPhotos(event, account, say));
  element("use-own").addEventListener("click", () => choose(null));
  element("type-place").addEventListener("click", () => askForPlace(choose));
  position.addEventListener("fix", showPlace);
  position.addEventListener("trouble", showPlace);
  setInterval(showPlace, 5_000);
  showPlace();
}
