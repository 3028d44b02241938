// Values of figures as text, by their unit: the same texts webmap/planner/values.py writes.
import { locale, t } from "../i18n.js";

const DIGITS = { count: 0, square_metres: 0, metres: 0, minutes: 0, share: 1, days: 1 };
const NUMERIC = new Set([...Object.keys(DIGITS), "number"]);
const FEW = 10;

export function isNumeric(unit) {
  return NUMERIC.has(unit);
}

// A value for a table cell, without the sign of its unit.
export function cellText(value, unit, classes = null) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (typeof value === "string") return classes?.find((one) => one.code === value)?.title ?? value;
  const shown = unit === "share" ? value * 100 : value;
  const digits = DIGITS[unit] ?? (Math.abs(shown) < FEW ? 3 : 1);
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: unit === "share" ? 1 : 0 }).format(shown);
  return /[1-9]/.test(text) ? text : text.replace("-", ""); // what is rounded to 0 has no sign
}

// A value for a sentence, with the sign of its unit.
export function valueText(value, { unit, sign }, classes = null) {
  const text = cellText(value, unit, classes);
  if (!sign || typeof value !== "number") return text;
  return sign === "%" ? `${text}%` : `${text} ${sign}`;
}

// The edge of a class: as short as it can be.
export function edgeText(value, unit) {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 }).format(unit === "share" ? value * 100 : value);
}
