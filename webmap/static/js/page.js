// Every page: the menu button on narrow screens, groups of destinations, tables sorted by their headings, and what signing out clears.
import { sortableTables } from "./table.js";

const button = document.querySelector(".menu-button");
const menu = document.getElementById("site-menu");

function setMenu(open) {
  menu.classList.toggle("open", open);
  button.setAttribute("aria-expanded", String(open));
}

if (button && menu) {
  button.addEventListener("click", () => setMenu(!menu.classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("open")) {
      setMenu(false);
      button.focus();
    }
  });
}

// Groups of destinations: one open at a time, closed by Escape, by a click elsewhere and when the focus leaves.
const groups = [...document.querySelectorAll(".nav-group > button")];

function openGroup(chosen) {
  for (const group of groups) group.setAttribute("aria-expanded", String(group === chosen));
}

for (const group of groups) {
  group.addEventListener("click", () => openGroup(group.getAttribute("aria-expanded") === "true" ? null : group));
  group.parentElement.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !group.parentElement.contains(event.relatedTarget)) openGroup(null);
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest(".nav-group")) openGroup(null);
});
document.addEventListener("keydown", (event) => {
  const open = groups.find((group) => group.getAttribute("aria-expanded") === "true");
  if (event.key === "Escape" && open) {
    openGroup(null);
    open.focus();
  }
});

// Of tabs that do not fit, the one a page belongs to is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const list = tab.closest(".tabs");
  list.scrollLeft = tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
}

sortableTables(document);

// The phone page of whoever signs out opens for nobody else; what waits to be sent stays (field/database.js).
document.querySelector('form[action="/logout"]')?.addEventListener("submit", () => window.caches?.delete("field-page"));
