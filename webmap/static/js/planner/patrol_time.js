// Slides the map of shares through the days or weeks of the period. All of them come at once, so that moving the
// slider asks nobody.
import { getJSON } from "../http.js";
import { t } from "../i18n.js";

const FIGURE = "share";
const STEP_MS = 700;

export function patrol_time(map, config, page) {
  const box = document.getElementById("time-slider");
  if (box) new TimeSlider(box, config, page);
}

class TimeSlider {
  constructor(box, config, page) {
    Object.assign(this, { config, page, box, kept: {} });
    this.step = box.querySelector("#time-step");
    this.at = box.querySelector("#time-at");
    this.label = box.querySelector("#time-label");
    this.open = box.querySelector("#time-open");
    this.button = box.querySelector("#time-play");
    // What the page came with is the whole period.
    this.whole = new Map(Object.entries(page.model.config.levels)
      .filter(([, level]) => level.columns[FIGURE])
      .map(([name, level]) => [name, level.columns[FIGURE].values]));
    this.step.addEventListener("change", () => this.choose(this.step.value));
    this.at.addEventListener("input", () => this.show());
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
    this.say(t("the whole period"));
    box.hidden = false;
  }

  async choose(step) {
    this.stop();
    if (step) {
      try {
        this.kept[step] ??= await getJSON(this.config.url, { view: step });
      } catch (error) {
        this.page.say(error.message, { bad: true });
        this.step.value = step = "";
      }
    }
    this.found = step ? this.kept[step] : null;
    this.at.disabled = this.button.disabled = !this.found;
    if (!this.found) {
      this.open.hidden = true;
      this.say(t("the whole period"));
      this.paint(this.whole);
      return;
    }
    this.at.max = this.found.starts.length - 1;
    this.at.value = this.at.max;
    this.show();
  }

  show() {
    const number = Number(this.at.value);
    const first = this.found.starts[number];
    const last = later(first, this.found.days - 1);
    this.say(first === last ? first : `${first} – ${last}`);
    const address = new URL(location.href);
    address.searchParams.set("from", first);
    address.searchParams.set("to", last);
    this.open.href = address.pathname + address.search;
    this.open.hidden = false;
    const levels = Object.entries(this.found.levels).map(([name, { codes, shares }]) => {
      const of = new Map(codes.map((code, at) => [code, shares[number][at]]));
      return [name, this.page.model.config.levels[name].codes.map((code) => of.get(code) ?? null)];
    });
    this.paint(new Map(levels));
  }

  say(text) {
    this.label.textContent = text;
    this.at.setAttribute("aria-valuetext", text);
  }

  // Only the values change: classes and colours stay, so that days can be compared.
  paint(values) {
    for (const [name, column] of values) this.page.model.config.levels[name].columns[FIGURE].values = column;
    const list = document.getElementById("figure-list");
    if (list) list.value = FIGURE;
    this.page.areas.choose(FIGURE);
  }

  play() {
    if (Number(this.at.value) >= Number(this.at.max)) this.at.value = 0;
    this.show();
    this.button.textContent = t("Stop");
    this.timer = setInterval(() => {
      if (Number(this.at.value) >= Number(this.at.max)) return this.stop();
      this.at.value = Number(this.at.value) + 1;
      this.show();
    }, STEP_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = t("Play");
  }
}

function later(day, days) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
