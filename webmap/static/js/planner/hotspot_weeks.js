// The weeks of the selected cell in place of the district's.
import { getJSON } from "../http.js";

export function hotspot_weeks(map, config, page) {
  const figure = document.querySelector('[data-chart="weeks"]');
  if (!figure) return;
  const title = figure.querySelector(".card-title");
  const district = { title: title.textContent, spec: page.charts.specs.get("weeks") };
  let request = null;

  const put = (shown) => {
    title.textContent = shown.title;
    page.charts.specs.set("weeks", shown.spec);
    page.charts.draw("weeks");
  };
  const show = async (code) => {
    request?.abort();
    request = new AbortController();
    if (!code || page.model.levelOf(code, "cell") !== "cell") return put(district);
    const url = new URL(config.url, location.origin);
    url.pathname += encodeURIComponent(code);
    try {
      put(await getJSON(url.pathname + url.search, {}, request.signal));
    } catch (error) {
      if (error.name !== "AbortError") page.say(error.message, { bad: true });
    }
  };
  page.bus.on("select", ({ code }) => show(code));
  const asked = new URL(location.href).searchParams.get("place");
  if (asked) show(asked);
}
