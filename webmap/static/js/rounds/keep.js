// Keeping check points up: each is a feature of the API, so a change somebody else made meanwhile is never lost.
import { button, el } from "../dom.js";
import { getTagged, patchJSON, removeTagged, sendFeature } from "../http.js";
import { t } from "../i18n.js";
import { disc, ground, reach } from "./ground.js";

export function keep(map, config) {
  ground(map, config);
  const message = document.getElementById("message");
  const byId = new Map(config.points.map((point) => [point.id, point]));
  for (const point of config.points) {
    const ring = reach(point).addTo(map);
    const marker = disc(point, "", "chosen", { draggable: true, autoPan: true }).addTo(map);
    marker.on("click", () => open(point));
    marker.on("drag", () => ring.setLatLng(marker.getLatLng()));
    marker.on("dragend", async () => {
      const { lat, lng } = marker.getLatLng();
      const before = [point.lat, point.lon];
      if (await tried(() => change(point.id, { geometry: at(lng, lat) }))) {
        [point.lat, point.lon] = [lat, lng];
        say(t("%(name)s is moved", { name: point.name }));
      } else {
        marker.setLatLng(before);
        ring.setLatLng(before);
      }
    });
  }
  const blank = ({ lng, lat }) => ({ lon: lng, lat, name: "", code: "", radius_m: 40, dwell_s: 60, parcel_id: parcelAt(config.outlines, lng, lat) });
  map.on("click", ({ latlng }) => open(blank(latlng)));
  document.getElementById("add-point").addEventListener("click", () => open(blank(map.getCenter())));
  for (const one of document.querySelectorAll("[data-point]")) {
    one.addEventListener("click", () => open(byId.get(Number(one.dataset.point))));
  }

  async function change(id, patch) {
    const path = `${config.items_url}/${id}`;
    const { tag } = await getTagged(path);
    await patchJSON(path, patch, tag);
  }

  function open(point) {
    const input = (name, label, value, options = {}) => {
      const made = el("input", { id: `point-${name}`, name, value, required: true, ...options });
      return el("div", { class: "field" }, el("label", { for: `point-${name}` }, label), made);
    };
    const parcel = el("select", { id: "point-parcel", name: "parcel" }, el("option", { value: "" }, "–"),
      ...config.parcels.map(({ id, label }) => el("option", { value: id, selected: id === point.parcel_id }, label)));
    const failure = el("p", { class: "error", role: "alert" });
    const save = button(t("Save"), { class: "btn btn-primary", type: "submit" });
    const remove = button(t("Remove"), { class: "btn btn-danger" });
    const cancel = button(t("Cancel"));
    const form = el("form", {},
      el("h2", { id: "point-title" }, point.id ? point.name : t("New check point")),
      input("name", t("Name"), point.name, { maxlength: "500" }),
      input("code", t("Code"), point.code, { maxlength: "100" }),
      el("div", { class: "field" }, el("label", { for: "point-parcel" }, t("Parcel")), parcel),
      el("div", { class: "form-row" },
        input("radius", t("Radius (m)"), point.radius_m, { type: "number", min: "5", max: "500" }),
        input("dwell", t("Stay (s)"), point.dwell_s, { type: "number", min: "0", max: "1800" })),
      el("div", { class: "form-row" },
        input("lon", t("Longitude"), point.lon.toFixed(7), { inputmode: "decimal" }),
        input("lat", t("Latitude"), point.lat.toFixed(7), { inputmode: "decimal" })),
      failure, el("div", { class: "form-actions" }, save, point.id ? remove : null, cancel));
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "point-title" }, form);
    document.body.append(dialog);
    const opener = document.activeElement;
    dialog.addEventListener("close", () => { dialog.remove(); opener?.focus?.(); });
    cancel.addEventListener("click", () => dialog.close());
    remove.addEventListener("click", () => finish(dialog, failure, async () => {
      const path = `${config.items_url}/${point.id}`;
      const { tag } = await getTagged(path);
      await removeTagged(path, tag);
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = form.elements;
      const properties = {
        name_zh: given.name.value.trim(), code: given.code.value.trim(), radius_m: Number(given.radius.value),
        dwell_s: Number(given.dwell.value), parcel_id: given.parcel.value ? Number(given.parcel.value) : null,
      };
      const geometry = at(Number(given.lon.value), Number(given.lat.value));
      finish(dialog, failure, () => (point.id
        ? change(point.id, { properties, geometry })
        : sendFeature(config.items_url, { type: "Feature", geometry, properties })));
    });
    dialog.showModal();
  }

  // The page shows the new state whole: map, table and whatever else changed meanwhile.
  async function finish(dialog, failure, action) {
    failure.textContent = "";
    try {
      await action();
      location.reload();
    } catch (error) {
      failure.textContent = reason(error);
    }
  }

  async function tried(action) {
    try {
      await action();
      return true;
    } catch (error) {
      say(reason(error), true);
      return false;
    }
  }

  function say(text, isBad = false) {
    message.textContent = text;
    message.className = isBad ? "notice notice-danger" : "notice notice-ok";
    message.hidden = false;
  }
}

function at(lon, lat) {
  return { type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] };
}

// The parcel a place lies in, by the even-odd rule over all its rings.
function parcelAt(outlines, lon, lat) {
  const crosses = ([x1, y1], [x2, y2]) => y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1;
  const holds = ({ geometry }) => geometry.coordinates.flat()
    .reduce((times, ring) => times + ring.slice(1).filter((to, i) => crosses(ring[i], to)).length, 0) % 2 === 1;
  return outlines.find(holds)?.properties.id;
}

function reason(error) {
  return error.body?.errors?.[0]?.detail || error.message;
}
