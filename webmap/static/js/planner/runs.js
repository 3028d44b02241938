// How runs stand, asked for again and again while one on the page is under way. A page that waits for one loads
// anew when it has ended.

const EVERY_MS = 2000;
const KINDS = { done: "badge-ok", failed: "badge-danger", cancelled: "badge-warn" };

const watched = () => [...document.querySelectorAll("[data-run][data-under-way]")];

function show(place, run) {
  const badge = place.querySelector("[data-state]");
  badge.textContent = run.state_title;
  badge.className = `badge ${KINDS[run.state] ?? "badge-info"}`;
  const bar = place.querySelector("progress");
  bar.max = run.steps || 1;
  bar.value = run.done;
  place.querySelector("[data-steps]").textContent = `${run.done} / ${run.steps || "–"}`;
  place.querySelector("[data-progress]").hidden = !(run.is_under_way && run.steps);
  place.querySelector("[data-message]").textContent = run.message;
  const seconds = place.querySelector("[data-seconds]");
  if (seconds) seconds.textContent = run.seconds || "–";
  if (!run.is_under_way) {
    place.removeAttribute("data-under-way");
    if (place.hasAttribute("data-reload")) location.reload();
  }
}

async function look() {
  const places = watched();
  if (!places.length) return;
  const address = document.querySelector("[data-states]").dataset.states;
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const runs = new Map((await answer.json()).runs.map((run) => [String(run.id), run]));
    for (const place of places) {
      const run = runs.get(place.dataset.run);
      if (run) show(place, run);
    }
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
