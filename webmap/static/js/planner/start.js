// Starts the tools of a planner's page. A tool of a question's own is a module here: its file and the function
// it exports have the tool's name.
import { areas } from "../map/areas.js";
import { frame } from "../map/frame.js";
import { measure } from "../map/measure.js";
import { Page } from "../map/page.js";
import { workspace } from "./workspace.js";

const registry = { areas, frame, measure, workspace };

const page = new Page(document);
for (const { map, tool, config } of window.gridTools || []) {
  const start = registry[tool] ?? (await import(`./${tool}.js`))[tool];
  start(map, JSON.parse(document.getElementById(config).textContent), page);
}
document.documentElement.dataset.mapReady = "true";
