// Report an incident on the spot: pick the place (or take the device's), say what, send. The client's UUID
// makes a second try after a lost answer harmless.
import { button, el, uuid } from "../dom.js";
import { getJSON, postJSON } from "../http.js";
import { locale, t } from "../i18n.js";
import { position } from "./locate.js";
import { photoField } from "./photo-field.js";

const FAMILIES = { ZZ: t("Public order"), JF: t("Disputes"), AQ: t("Public safety"), SR: t("City appearance") };

export function report(map, config, page) {
  let bar;
  const tool = page.addTool("report", t("Report an incident"), () => (page.mode?.name === "report" ? page.leaveMode() : start()));
  tool.classList.add("map-tool-main");
  tool.setAttribute("aria-pressed", "false");

  function start() {
    const here = button(t("Use my position"), { class: "btn btn-small" });
    const cancel = button(t("Cancel"), { class: "btn btn-small btn-quiet" });
    cancel.addEventListener("click", () => page.leaveMode());
    here.addEventListener("click", async () => {
      try {
        const found = await position();
        form(found);
      } catch (error) {
        page.say(error.message, { bad: true });
      }
    });
    bar = el("div", { class: "mode-bar" }, el("span", { role: "status" }, t("Click where it happened")), here, cancel);
    page.part("map-frame").append(bar);
    tool.setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("drawing");
    const pick = ({ latlng }) => form({ lon: latlng.lng, lat: latlng.lat });
    map.on("click", pick);
    page.enterMode("report", () => {
      map.off("click", pick);
      map.getContainer().classList.remove("drawing");
      tool.setAttribute("aria-pressed", "false");
      bar.remove();
    });
  }

  async function categories() {
    const { items } = await getJSON(config.categories_url);
    const groups = new Map();
    for (const item of items) {
      if (!groups.has(item.family)) groups.set(item.family, el("optgroup", { label: FAMILIES[item.family] || item.family }));
      groups.get(item.family).append(el("option", { value: item.code }, locale.startsWith("zh") ? item.name_zh : item.name_en || item.name_zh));
    }
    return [el("option", { value: "" }, t("Choose a category")), ...groups.values()];
  }

  async function form(place) {
    page.leaveMode();
    const clientId = uuid();
    const occurredAt = new Date().toISOString();
    const category = el("select", { id: "report-category", required: true });
    const description = el("textarea", { id: "report-text", required: true, maxlength: "2000", rows: "4" });
    const photos = photoField("report-photos");
    let isStored = false;
    const failure = el("p", { class: "error", role: "alert" });
    const send = button(t("Send the report"), { class: "btn btn-primary", type: "submit" });
    const cancel = button(t("Cancel"), { class: "btn" });
    const mark = L.circleMarker([place.lat, place.lon], { radius: 9, color: "#ffffff", weight: 3, fillColor: "#a3221c", fillOpacity: 1, interactive: false }).addTo(map);
    const body = el("form", { novalidate: true },
      el("h2", { id: "report-title" }, t("Report an incident")),
      el("p", { class: "muted num" }, `${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}`),
      el("div", { class: "field" }, el("label", { for: "report-category" }, t("Category")), category),
      el("div", { class: "field" }, el("label", { for: "report-text" }, t("Description")), description,
        el("p", { class: "hint" }, t("What, where exactly, how many people; no names."))),
      photos.node, failure, el("div", { class: "form-actions" }, send, cancel));
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "report-title" }, body);
    document.body.append(dialog);
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); mark.remove(); tool.focus(); });
    body.addEventListener("submit", async (event) => {
      event.preventDefault();
      failure.textContent = "";
      for (const input of [category, description]) input.setAttribute("aria-invalid", String(!input.value.trim()));
      if (!category.value || !description.value.trim()) {
        failure.textContent = t("Category and description are needed.");
        (category.value ? description : category).focus();
        return;
      }
      send.disabled = true;
      try {
        if (!isStored) {
          await postJSON("/api/v1/incidents", {
            client_id: clientId, category: category.value, description: description.value.trim(), lon: place.lon, lat: place.lat, occurred_at: occurredAt,
          });
          isStored = category.disabled = description.disabled = true;
          page.refreshLayers?.();
        }
        await photos.sendAll(clientId);
        dialog.close();
        page.say(t("The incident is reported."));
      } catch (error) {
        failure.textContent = isStored
          ? t("The incident is reported; not all photos were sent: %(reason)s", { reason: error.message }) : error.message;
        if (isStored) send.textContent = t("Send the other photos");
        send.disabled = false;
      }
    });
    dialog.showModal();
    try {
      category.replaceChildren(...await categories());
      category.focus();
    } catch (error) {
      failure.textContent = error.message;
    }
  }
}
