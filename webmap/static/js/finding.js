// One finding: its course with the next steps and its photos, by the same pieces as the maps' panel.
import { el } from "./dom.js";
import { getTagged } from "./http.js";
import { photosOf } from "./map/photos.js";
import { stateName } from "./map/record.js";
import { courseOf } from "./map/steps.js";

const place = document.getElementById("steps");
const id = place.dataset.incident;
const path = `/ogc/collections/incident/items/${id}`;
try {
  const { tag } = await getTagged(path);
  // Clocks, re-check and state come with the page.
  place.replaceChildren(await courseOf({ id, path, tag }, stateName, () => location.reload()));
} catch (error) {
  place.replaceChildren(el("p", { class: "notice notice-danger" }, error.message));
}
document.getElementById("photos").replaceChildren(...[await photosOf("incident", id)].filter(Boolean));
