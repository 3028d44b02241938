// Every page: the menu button on narrow screens and tables sorted by their headings.
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
