// A photo on its way to the server: made smaller, announced, sent in pieces from wherever the server left off.
import { uuid } from "./dom.js";
import { patchPiece, postJSON, Problem } from "./http.js";
import { t } from "./i18n.js";

const MAX_EDGE = 1600; // pixels
const QUALITY = 0.8; // about 300 kB
const PIECE = 256 * 1024;
const TRIES = 5;
const TYPE = "image/jpeg";

// Hashing needs a secure context: HTTPS, or this very computer.
export const canSend = Boolean(globalThis.crypto?.subtle);

// A file of the camera as it will be sent. Drawing it anew leaves all of its metadata behind.
export async function prepare(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(t("%(name)s is no picture this device can read.", { name: file.name }));
  }
  const scale = Math.min(1, MAX_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, TYPE, QUALITY));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return {
    client_id: uuid(),
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    taken_at: new Date(file.lastModified).toISOString(),
    blob,
  };
}

// Sends a photo of a record and gives the server's receipt. After a failure the same photo can be sent again:
// the announcement tells how far it is.
export async function send(photo, recordId) {
  const { client_id, sha256, taken_at, blob } = photo;
  const announce = () => postJSON("/api/v1/field/photos", {
    client_id, sha256, taken_at, record_id: recordId, bytes: blob.size, media_type: TYPE,
  });
  let failures = 0;
  let held = await announce();
  while (held.state === "uploading") {
    try {
      held = await patchPiece(`/api/v1/field/photos/${client_id}`, held.offset, blob.slice(held.offset, held.offset + PIECE));
    } catch (error) {
      failures += 1;
      const isLasting = error.status >= 400 && ![409, 429, 503].includes(error.status);
      if (isLasting || failures >= TRIES) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 500 * 2 ** failures); });
      held = await announce();
    }
  }
  if (held.receipt?.sha256 !== sha256) throw new Problem(0, { detail: t("The server did not take the photo.") });
  return held.receipt;
}
