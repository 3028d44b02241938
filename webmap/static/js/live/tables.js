// The same as the map as tables: who is out now, and today's rounds, overdue ones first.
import { el, icon } from "../dom.js";
import { t } from "../i18n.js";
import { accuracyOf, ageBadge, clock, freshness, personName, roundName, sourceOf, stateBadge } from "./words.js";

export class LiveTables {
  constructor(root, open) {
    this.out = root.getElementById("out").tBodies[0];
    this.rounds = root.getElementById("today").tBodies[0];
    this.counts = Object.fromEntries([...root.querySelectorAll("[data-count]")].map((node) => [node.dataset.count, node]));
    this.seesPositions = root.getElementById("live").dataset.positions === "true";
    this.open = open;
  }

  show(rounds, now) {
    const focused = document.activeElement?.dataset?.focus;
    const out = rounds.flatMap((round) => whoOf(round).map((person) => ({ round, person })));
    fill(this.out, out.map(({ round, person }) => this.rowOfPerson(round, person, now)), t("Nobody is out on a round now."));
    fill(this.rounds, rounds.map((round) => this.rowOfRound(round)), t("No round on this day."));
    if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    this.people = out.map(({ person }) => person).filter(Boolean);
    this.counts.out.textContent = out.length;
    this.counts.overdue.textContent = rounds.filter((round) => round.state === "overdue").length;
    this.counts.done.textContent = `${rounds.filter((round) => round.state === "done").length} / ${rounds.length}`;
    this.tick(now);
  }

  tick(now) {
    if (this.counts.old && this.people) {
      this.counts.old.textContent = this.people.filter(({ name, seen }) => name && (!seen || freshness(seen, now) === "old")).length;
    }
  }

  rowOfPerson(round, person, now) {
    const key = person ? `${round.id}-${person.id}` : `${round.id}`;
    const since = round.paused_at || person?.since || round.started_at;
    return el("tr", { "data-key": key },
      el("th", { scope: "row" }, person ? personName(person) : "–", el("br"),
        el("a", { href: round.href, "data-focus": `out-${key}` }, roundName(round)),
        el("span", { class: "muted" }, ` ${round.team || ""}`), ...linksOf(round)),
      el("td", {}, stateBadge(round.state), " ", el("span", { class: "nowrap muted" }, since ? t("since %(time)s", { time: clock(since) }) : "")),
      el("td", {}, ...(person?.seen ? this.seen(key, person, now) : [el("span", { class: "muted" }, this.seesPositions && person?.name ? t("no position yet") : "–")])));
  }

  seen(key, { seen }, now) {
    const find = el("button", { type: "button", class: "btn btn-quiet btn-icon", "aria-label": t("Show on the map"), title: t("Show on the map"), "data-focus": `find-${key}` }, icon("locate"));
    find.addEventListener("click", () => this.open(key));
    return [el("div", { class: "live-seen" },
      el("div", {}, ageBadge(seen.at, now), " ", el("span", { class: "nowrap" }, accuracyOf(seen)), el("br"),
        el("span", { class: "muted" }, sourceOf(seen))), find)];
  }

  rowOfRound(round) {
    const where = [round.team, round.community].filter(Boolean).join(" · ");
    return el("tr", { "data-key": `${round.id}` },
      el("th", { scope: "row" }, el("a", { href: round.href, "data-focus": `round-${round.id}` }, roundName(round)), ...linksOf(round)),
      el("td", {}, stateBadge(round.state)),
      el("td", { class: "num" }, `${round.visited} / ${round.points} `, round.points ? el("meter", { min: 0, max: round.points, value: round.visited, "aria-hidden": "true" }) : null),
      el("td", { class: "nowrap" }, `${clock(round.from)}–${clock(round.to)}`),
      el("td", {}, where || "–"));
  }
}

// A round under way of which no event tells who walks it has a row all the same.
function whoOf(round) {
  if (round.people.length) return round.people;
  return ["started", "paused"].includes(round.state) ? [null] : [];
}

function linksOf(round) {
  return round.findings.map((finding) => el("span", { class: "live-finding" }, el("a", { href: finding.href }, finding.kind)));
}

function fill(body, rows, nothing) {
  const columns = body.closest("table").tHead.rows[0].cells.length;
  body.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { class: "empty", colspan: columns }, nothing))]));
}
