// What surrounds the map: the side with its sheet on a phone, the panel, the tool bar, short messages.
import { button, el, icon } from "../dom.js";
import { t } from "../i18n.js";

export class Page {
  constructor(root) {
    this.side = root.getElementById("side");
    this.panel = root.getElementById("panel");
    this.tools = root.getElementById("map-tools");
    this.toast = root.getElementById("toast");
    this.mode = null; // the tool that owns clicks on the map: measuring, reporting, drawing
    this.handle = root.getElementById("side-handle");
    this.handle?.addEventListener("click", () => this.openSheet(!this.side.classList.contains("open")));
    // A ring around the whole map is for those who came by keyboard.
    document.addEventListener("pointerdown", () => document.body.classList.remove("by-key"), true);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Tab") document.body.classList.add("by-key");
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (this.mode) this.leaveMode();
      else if (this.panel && !this.panel.hidden) this.closePanel();
    });
  }

  openSheet(open) {
    if (!this.handle) return;
    this.side.classList.toggle("open", open);
    this.handle.setAttribute("aria-expanded", String(open));
  }

  part(id) {
    return document.getElementById(id);
  }

  // A round tool on the map's right edge.
  addTool(name, label, action) {
    const tool = button(label, { class: "btn map-tool", "aria-label": label, title: label }, icon(name));
    tool.addEventListener("click", action);
    this.tools.append(tool);
    return tool;
  }

  enterMode(name, leave) {
    this.leaveMode();
    this.mode = { name, leave };
  }

  leaveMode() {
    const mode = this.mode;
    this.mode = null;
    mode?.leave();
  }

  show(title, ...content) {
    this.opener = this.panel.hidden ? document.activeElement : this.opener;
    const heading = el("h2", { tabindex: "-1" }, title);
    const close = button(t("Close"), { class: "btn btn-quiet btn-icon", "aria-label": t("Close") }, icon("close"));
    close.addEventListener("click", () => this.closePanel());
    this.panel.replaceChildren(
      el("div", { class: "panel-head" }, heading, close), el("div", { class: "panel-body" }, ...content));
    this.panel.hidden = false;
    this.openSheet(false);
    heading.focus({ preventScroll: true });
  }

  closePanel() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.onPanelClosed?.();
    this.opener?.focus?.({ preventScroll: true });
  }

  say(message, { bad = false } = {}) {
    clearTimeout(this.timer);
    this.toast.textContent = message;
    this.toast.classList.toggle("bad", bad);
    this.toast.hidden = !message;
    if (message) this.timer = setTimeout(() => { this.toast.hidden = true; }, bad ? 9000 : 5000);
  }

  // Keeps the address of the page the address of what is shown.
  remember(values) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(values)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(null, "", url);
    for (const link of document.querySelectorAll("a[data-keep]")) {
      const target = new URL(link.href);
      for (const name of link.dataset.keep.split(" ")) {
        const value = url.searchParams.get(name);
        if (value) target.searchParams.set(name, value);
        else target.searchParams.delete(name);
      }
      link.href = target;
    }
  }
}
