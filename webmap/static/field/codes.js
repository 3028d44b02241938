/* Codes that stand at check points: read by the camera where the browser can, else typed. */

import { button, el } from "../js/dom.js";
import { t } from "../js/i18n.js";

const LOOK_EVERY_MS = 250;

/** The first 16 hexadecimal digits of the SHA-256 of a code, as the server hands them out. */
async function fingerprint(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].slice(0, 8).map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The check point a code stands at: {check_point_id, token}; or, by its printed short code, without a token. */
export async function checkPointOf(text, checkPoints) {
  const said = text.trim();
  const mark = await fingerprint(said);
  const byCode = checkPoints.find((point) => point.qr_sha256 === mark);
  if (byCode) return { check_point_id: byCode.check_point_id, token: said };
  const typed = checkPoints.find((point) => point.code.toLowerCase() === said.toLowerCase());
  return typed ? { check_point_id: typed.check_point_id, token: null } : null;
}

export async function canScan() {
  if (!window.BarcodeDetector || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

/** Show the camera until it sees a code; resolves with what it says, or null when it is closed. */
export async function scan() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = el("video", { class: "scan-view", playsinline: true, muted: true });
  const dialog = el("dialog", { class: "dialog", "aria-label": t("Scan the code") }, video,
    button(t("Cancel"), { class: "btn btn-block", onclick: () => dialog.close() }));
  document.body.append(dialog);
  dialog.showModal();
  video.srcObject = stream;
  await video.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  let isOpen = true;
  dialog.addEventListener("close", () => { isOpen = false; });
  try {
    while (isOpen) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found) return found.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  }
}
