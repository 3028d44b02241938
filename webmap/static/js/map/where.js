// "Where am I": what the server says about a place, as content for the panel.
import { el } from "../dom.js";
import { t } from "../i18n.js";

const DUTIES = { primary: t("primary"), deputy: t("deputy"), team: t("patrol team") };

export function whereabouts(answer) {
  if (!answer.inside) return [el("p", { class: "notice notice-warn" }, t("This place is outside the district."))];
  const list = el("dl", { class: "record" });
  for (const [name, place] of [[t("Subdistrict"), answer.subdistrict], [t("Community"), answer.community], [t("Cell"), answer.cell]]) {
    if (place) list.append(el("dt", {}, name), el("dd", {}, place.name || place.code));
  }
  if (answer.cell) list.append(el("dt", {}, t("Code")), el("dd", { class: "code" }, answer.cell.code));
  const people = (answer.responsible || []).map((person) => el("li", {},
    el("b", {}, person.name), " ", el("span", { class: "badge" }, DUTIES[person.duty] || person.duty), " ", el("span", { class: "num" }, person.phone_masked || "")));
  return [
    answer.near_border ? el("p", { class: "notice notice-warn" }, t("Close to a border: the position may belong to the neighbouring cell.")) : null,
    list,
    people.length ? el("h3", {}, t("Responsible")) : null,
    people.length ? el("ul", { class: "people" }, ...people) : null,
    answer.cell ? el("a", { class: "btn btn-block", href: `/map/cells/${encodeURIComponent(answer.cell.code)}` }, t("Open the cell")) : null,
  ];
}
