/* Photos: made small enough for a slow network, kept as blobs with their hash. */

import { uuid } from "../js/dom.js";

const LONGEST_EDGE = 1600;
const QUALITY = 0.8;

export async function sha256(content) {
  const digest = await crypto.subtle.digest("SHA-256", content);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Draw a picture at most 1600 pixels long, upright, as a JPEG without what the camera wrote into it. */
async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("toBlob");
  return blob;
}

/** A photo ready to be kept with its record; `at` is where it was taken, if that is known. */
export async function takePhoto(file, account, at = null) {
  const blob = await shrink(file);
  return {
    client_id: uuid(),
    account,
    blob,
    sha256: await sha256(await blob.arrayBuffer()),
    media_type: "image/jpeg",
    taken_at: new Date().toISOString(),
    ...(at ? { lon: at.lon, lat: at.lat } : {}),
    state: "waiting",
    offset: 0,
    detail: "",
    receipt: null,
  };
}
