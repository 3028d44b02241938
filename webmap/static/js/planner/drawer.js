// The drawer of definitions: opened by its button, closed by Escape; the chosen figure's comes first into sight.
export function drawer(bus) {
  const panel = document.getElementById("meanings");
  const opener = document.getElementById("meanings-button");
  if (!panel || !opener) return;

  function set(open) {
    panel.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    panel.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
    document.getElementById("meanings-title").focus({ preventScroll: true });
  }

  function close() {
    set(false);
    opener.focus();
  }

  opener.addEventListener("click", () => set(!panel.classList.contains("open")));
  document.getElementById("meanings-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // the page closes its panel by the same key
    close();
  });
  bus.on("shown", ({ figure }) => {
    panel.querySelector(".chosen")?.classList.remove("chosen");
    document.getElementById(`meaning-${figure}`)?.classList.add("chosen");
  });
}
