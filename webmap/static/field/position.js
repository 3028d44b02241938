/* Where the phone is. "fix" is dispatched for each position, "trouble" where there is none. */

import { t } from "../js/i18n.js";

export const position = new EventTarget();
position.latest = null; // {lon, lat, accuracy_m, speed, heading, at: milliseconds of the phone's clock}
position.trouble = "";

const REASONS = {
  1: t("The device does not allow this page to see its position."),
  2: t("The device cannot find its position."),
  3: t("Finding the position took too long."),
};

function take({ coords, timestamp }) {
  position.latest = {
    lon: coords.longitude,
    lat: coords.latitude,
    accuracy_m: coords.accuracy,
    speed: coords.speed,
    heading: Number.isNaN(coords.heading) ? null : coords.heading,
    at: timestamp,
  };
  position.trouble = "";
  position.dispatchEvent(new Event("fix"));
}

function fail(text) {
  position.trouble = text;
  position.dispatchEvent(new Event("trouble"));
}

// Never one kept from before: where one stands is asked now.
const OPTIONS = { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 };

export function watchPosition() {
  if (!window.isSecureContext || !navigator.geolocation) {
    fail(t("No position: this address is not served over HTTPS."));
    return;
  }
  navigator.geolocation.watchPosition(take, (error) => fail(REASONS[error.code] ?? error.message), OPTIONS);
}

/** Ask once more: some phones tell nothing while one stands still. */
export function askAgain() {
  if (position.latest) navigator.geolocation.getCurrentPosition(take, () => {}, OPTIONS);
}

/** A position as a record states it. */
export function asFix({ lon, lat, accuracy_m, at }) {
  return { lon, lat, accuracy_m, fix_at: new Date(at).toISOString(), method: "gps" };
}
