// Makes every <table data-sortable> sortable by its heading buttons.
// A cell's sort key is its data-value, else its text; empty cells stay at the end either way.

const collator = new Intl.Collator(document.documentElement.lang || "zh", { numeric: true });

function key(row, column) {
  const cell = row.cells[column];
  return (cell?.dataset.value ?? cell?.textContent ?? "").trim();
}

function compare(a, b, sign) {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  const x = Number(a);
  const y = Number(b);
  return sign * (Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y);
}

function sort(table, heading) {
  const descending = heading.getAttribute("aria-sort") === "ascending"
    || (heading.getAttribute("aria-sort") === "none" && heading.classList.contains("num"));
  const ascending = heading.getAttribute("aria-sort") === "descending" || !descending;
  const sign = ascending ? 1 : -1;
  const column = heading.cellIndex;
  for (const other of table.tHead.querySelectorAll("th[aria-sort]")) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((a, b) => compare(key(a, column), key(b, column), sign)));
}

export function sortable(table) {
  for (const heading of table.tHead.querySelectorAll("th:not([data-unsortable])")) {
    if (heading.querySelector(".sort")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    if (!heading.hasAttribute("aria-sort")) heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(table, heading));
  }
}

export function sortableTables(root) {
  for (const table of root.querySelectorAll("table[data-sortable]")) sortable(table);
}
