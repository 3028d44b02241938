// Every page: the menu button on narrow screens, tables sorted by their headings, and what signing out clears.
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

sortableTables(document);

// The phone page of whoever signs out opens for nobody else; what waits to be sent stays (field/database.js).
document.querySelector('form[action="/logout"]')?.addEventListener("submit", () => window.caches?.delete("field-page"));
