// The photos of a record in the panel; a click shows one large, with its neighbours and the way to the original.
import { button, el } from "../dom.js";
import { getJSON } from "../http.js";
import { number, t, time } from "../i18n.js";

const LISTS = { patrol_point: "patrol-points", incident: "incidents" };

export async function photosOf(layer, id) {
  if (!LISTS[layer]) return null;
  let found;
  try {
    found = await getJSON(`/api/v1/${LISTS[layer]}/${encodeURIComponent(id)}/photos`);
  } catch (error) {
    return el("p", { class: "notice notice-danger" }, error.message); // the record itself is there
  }
  const { photos, on_their_way: awaited } = found;
  if (!photos.length && !awaited) return null;
  const thumbs = photos.map((photo, index) => {
    const picture = el("img", { src: photo.thumbnail_url, alt: caption(photos, index), loading: "lazy", width: 96, height: 96 });
    const open = button("", { class: "photo-thumb" }, picture);
    open.addEventListener("click", () => show(photos, index));
    return el("li", {}, open);
  });
  return el("section", { class: "photos" },
    el("h3", {}, t("Photos")),
    thumbs.length ? el("ul", { class: "photo-list" }, ...thumbs) : null,
    awaited ? el("p", { class: "muted" }, t("%(count)s more on their way", { count: number(awaited) })) : null);
}

function caption(photos, index) {
  return t("Photo %(number)s of %(count)s, %(time)s", {
    number: number(index + 1), count: number(photos.length), time: time(photos[index].taken_at),
  });
}

function show(photos, first) {
  let index = first;
  const picture = el("img", {});
  const words = el("p", { class: "photo-words", role: "status" });
  const original = el("a", { class: "btn", download: true }, t("Original with metadata"));
  const before = button(t("Previous photo"));
  const after = button(t("Next photo"));
  const close = button(t("Close"), { class: "btn btn-primary" });
  const turns = photos.length > 1 ? [before, after] : [];
  const dialog = el("dialog", { class: "dialog photo-dialog", "aria-label": t("Photo") },
    picture, words, el("div", { class: "photo-acts" }, ...turns, original, close));

  function turn(to) {
    index = (to + photos.length) % photos.length; // round and round: a button that goes dark would lose the focus
    const photo = photos[index];
    picture.src = photo.url;
    picture.width = photo.width;
    picture.height = photo.height;
    picture.alt = words.textContent = caption(photos, index);
    original.hidden = !photo.original_url;
    if (photo.original_url) original.href = photo.original_url;
  }

  before.addEventListener("click", () => turn(index - 1));
  after.addEventListener("click", () => turn(index + 1));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(index - 1);
    else if (event.key === "ArrowRight") turn(index + 1);
    else if (event.key === "Escape") event.stopPropagation(); // closes this dialog, not the panel under it
  });
  dialog.addEventListener("close", () => dialog.remove());
  turn(first);
  document.body.append(dialog);
  dialog.showModal();
}
