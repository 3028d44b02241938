// The live map and its tables: asks, shows, says as of when, and goes on.
import { el } from "../dom.js";
import { address } from "../http.js";
import { t } from "../i18n.js";
import { ground } from "../rounds/ground.js";
import { LiveMap } from "./map.js";
import { Poll } from "./poll.js";
import { LiveTables } from "./tables.js";
import { clock, symbol, tellAges } from "./words.js";

const TICK_MS = 1_000;

function start(map, config) {
  ground(map, config);
  const signs = new LiveMap(map, () => poll.now());
  const tables = new LiveTables(document, (key) => signs.open(key));
  const filter = document.getElementById("filter");
  const chosen = () => Object.fromEntries(new FormData(filter));
  const say = status(document);
  const answered = () => say.asOf(poll.now());
  const poll = new Poll(() => address(config.url, chosen()), {
    news(body) {
      signs.show(body.rounds, poll.now());
      tables.show(body.rounds, poll.now());
      document.getElementById("is-cut").hidden = !body.is_cut;
      answered();
      document.documentElement.dataset.live = "true";
    },
    same: answered,
    silent: (wait) => say.silent(wait),
    over: () => say.over(),
  });
  filter.addEventListener("change", () => {
    history.replaceState(null, "", address(location.pathname, chosen()));
    signs.isNew = true;
    poll.again();
  });
  filter.addEventListener("submit", (event) => {
    event.preventDefault();
    poll.again();
  });
  setInterval(() => {
    signs.tick(poll.now());
    tables.tick(poll.now());
    tellAges(document, poll.now());
  }, TICK_MS);
}

// As of when what is shown is true, and what is wrong where it may not be.
function status(root) {
  const asOf = root.getElementById("as-of");
  const trouble = root.getElementById("trouble");
  let last = null;
  const say = (...words) => {
    trouble.hidden = words.length === 0;
    trouble.replaceChildren(...words);
  };
  return {
    asOf(now) {
      last = clock(now, 8);
      asOf.textContent = t("As of %(time)s", { time: last });
      say();
    },
    silent(wait) {
      const seconds = Math.round(wait / 1000);
      say(last
        ? t("The server does not answer. What you see is as of %(time)s; trying again in %(n)s s.", { time: last, n: seconds })
        : t("The server does not answer; trying again in %(n)s s.", { n: seconds }));
    },
    over() {
      say(t("You are signed out, so nothing is updated any more."), " ", el("a", { href: location.href }, t("Sign in again")));
    },
  };
}

for (const place of document.querySelectorAll("[data-symbol]")) {
  const [state, age] = place.dataset.symbol.split(" ");
  place.append(symbol(state, age));
}
for (const { map, config } of window.gridTools || []) {
  start(map, JSON.parse(document.getElementById(config).textContent));
}
document.documentElement.dataset.mapReady = "true";
