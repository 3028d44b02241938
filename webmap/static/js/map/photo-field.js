// The field of a form that takes photos along with a report.
import { el } from "../dom.js";
import { number, t } from "../i18n.js";
import { canSend, prepare, send } from "../photos.js";

const MOST = 5;

// node: what stands in the form, or null where photos cannot be sent.
// sendAll: sends what was chosen for a record; after a failure it goes on with what is missing.
export function photoField(id) {
  if (!canSend) return { node: null, sendAll: async () => {} };
  const input = el("input", { id, type: "file", accept: "image/*", multiple: true });
  const hint = t("Up to %(count)s; they are made smaller before they are sent.", { count: number(MOST) });
  const state = el("p", { class: "hint", role: "status" }, hint);
  const node = el("div", { class: "field" }, el("label", { for: id }, t("Photos")), input, state);
  let chosen = []; // files, each replaced by the photo made of it
  const sent = new Set();
  input.addEventListener("change", () => { chosen = [...input.files].slice(0, MOST); sent.clear(); });

  async function sendAll(recordId) {
    input.disabled = true;
    try {
      for (let index = 0; index < chosen.length; index += 1) {
        if (sent.has(index)) continue;
        state.textContent = t("Sending photo %(number)s of %(count)s …", { number: number(index + 1), count: number(chosen.length) });
        if (chosen[index] instanceof File) chosen[index] = await prepare(chosen[index]);
        await send(chosen[index], recordId);
        sent.add(index);
      }
    } finally {
      input.disabled = false;
      state.textContent = hint;
    }
  }

  return { node, sendAll };
}
