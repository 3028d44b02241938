// t("Open incidents") → the catalogue's words, t("%(count)s found", {count: 3}) with values.
// The catalogue is the server's; a missing word stays English.

async function load() {
  const url = document.querySelector('meta[name="i18n"]')?.content;
  if (!url) return {};
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};
  }
}

const words = await load();

export const locale = document.documentElement.lang || "zh-CN";

export function t(message, values = {}) {
  return (words[message] || message).replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

const whole = new Intl.NumberFormat(locale);
const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export function number(value) {
  return Number.isInteger(value) ? whole.format(value) : tenth.format(value);
}

// The district lives in one time zone, whatever the phone says.
const moment = new Intl.DateTimeFormat(locale, {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false,
});

export function time(value) {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? String(value) : moment.format(at);
}

export function distance(metres) {
  return metres < 1000 ? `${whole.format(Math.round(metres))} m` : `${tenth.format(metres / 1000)} km`;
}

export function area(squareMetres) {
  return squareMetres < 100_000
    ? `${whole.format(Math.round(squareMetres))} m²`
    : `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(squareMetres / 1e6)} km²`;
}
