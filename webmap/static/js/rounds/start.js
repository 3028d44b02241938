// Starts the map of a page of rounds: choose check points for a plan, keep them up, or see which were visited.
import { choose } from "./choose.js";
import { keep } from "./keep.js";
import { walked } from "./walked.js";

const registry = { choose, keep, walked };

for (const { map, tool, config } of window.gridTools || []) {
  registry[tool](map, JSON.parse(document.getElementById(config).textContent));
}
document.getElementById("preview")?.focus();
document.documentElement.dataset.mapReady = "true";
