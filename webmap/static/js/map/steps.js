// What an incident has been through, and the next steps that are the reader's.
import { button, el } from "../dom.js";
import { getJSON, patchJSON } from "../http.js";
import { t, time } from "../i18n.js";

const ACTS = {
  accepted: t("Accept"), filed: t("File the case"), dispatched: t("Dispatch"), handling: t("Start handling"), handled: t("Report as handled"),
  checking: t("Start the check"), rework: t("Send back to rework"), closed: t("Close the case"), archived: t("Archive"), rejected: t("Reject"), voided: t("Void"),
};
const GRAVE = new Set(["rejected", "voided"]);
const MAX_NOTE = 500;

// record: id, path and the tag of the state shown; done: called once the state has changed.
export async function courseOf({ id, path, tag }, stateName, done) {
  const course = await getJSON(`/api/v1/incidents/${encodeURIComponent(id)}/steps`);
  const history = el("ol", { class: "plain steps-past" }, ...course.steps.map((step) => el("li", {},
    [time(step.at), stateName(step.to_state), step.is_mine ? t("by me") : step.by, step.note].filter(Boolean).join(" · "))));
  if (!course.next_states.length) return el("section", { class: "steps" }, history);
  const note = el("textarea", { id: "step-note", rows: 2, maxlength: MAX_NOTE });
  const fault = el("p", { class: "notice notice-danger", role: "alert", hidden: true });
  const acts = course.next_states.map((state) => {
    const act = button(ACTS[state] || stateName(state), { class: GRAVE.has(state) ? "btn btn-quiet" : "btn", "data-state": state });
    act.addEventListener("click", () => take(state));
    return act;
  });

  async function take(state) {
    for (const act of acts) act.disabled = true;
    const properties = note.value.trim() ? { state, note: note.value.trim() } : { state };
    try {
      await patchJSON(path, { properties }, tag);
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
      // Somebody was faster: what is shown is no more, so it cannot be acted on.
      if (error.status !== 412) for (const act of acts) act.disabled = false;
      return;
    }
    await done();
  }

  return el("section", { class: "steps" }, history,
    el("div", { class: "field" }, el("label", { for: note.id }, t("Note on the next step")), note),
    el("div", { class: "step-acts" }, ...acts), fault);
}
