// Starts the tools a page's Folium map asks for: each has a name and a JSON block with its configuration.
import { areas } from "./areas.js";
import { frame } from "./frame.js";
import { layers } from "./layers.js";
import { locate } from "./locate.js";
import { measure } from "./measure.js";
import { Page } from "./page.js";
import { query } from "./query.js";
import { report } from "./report.js";
import { search } from "./search.js";

const registry = { areas, frame, layers, locate, measure, query, report, search };

const page = new Page(document);
for (const { map, tool, config } of window.gridTools || []) {
  registry[tool](map, JSON.parse(document.getElementById(config).textContent), page);
}
document.documentElement.dataset.mapReady = "true";
