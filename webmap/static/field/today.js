/* My rounds of today: their windows, how far they are, and the buttons to walk them. */

import { button, el } from "../js/dom.js";
import { distance, t } from "../js/i18n.js";
import { canScan, checkPointOf, scan } from "./codes.js";
import { logEvent, logVisit } from "./log.js";
import { position } from "./position.js";
import { fetchToday, progressOf } from "./rounds.js";
import { readMeta } from "./store.js";
import { metresBetween } from "./track.js";
import { DwellWatch } from "./visits.js";
import { begin, counts, end, hold, setPaused, walk } from "./walk.js";

const STATES = {
  planned: t("planned"), ready: t("may begin"), overdue: t("overdue to start"), started: t("under way"), paused: t("paused"),
  done: t("done"), partly_done: t("partly done"), missed: t("missed"), excused: t("excused"),
};
const BADGES = { started: "badge-info", paused: "badge-warn", overdue: "badge-danger", missed: "badge-danger", done: "badge-ok", partly_done: "badge-warn" };
const OPEN = new Set(["planned", "ready", "overdue", "missed", "partly_done"]);
const MARKS = { visited: "✓", near: "●", open: "○" };

const element = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });

/** What the map and the visits go by: the rounds, and the one that is walked. */
export const plan = { rounds: [], checkPoints: [], parcels: [], watch: null };

let account = 0;
let tools = null; // {say, changed}
let scans = false;
let isBusy = false;
const opened = new Set(); // rounds whose points are shown

const stateOf = (point) => plan.watch?.stateOf(point.check_point_id) ?? "open";
const walkedRound = () => plan.rounds.find(({ round }) => round.id === walk.current?.round_id);

async function read({ today, problem }) {
  const rounds = today?.rounds ?? [];
  plan.checkPoints = today?.check_points ?? [];
  plan.parcels = today?.parcels ?? [];
  plan.rounds = await Promise.all(rounds.map(async (round) => ({ round, progress: await progressOf(account, round) })));
  element("today-problem").hidden = problem !== "signed-out";
  const walked = walkedRound();
  if (!walked) plan.watch = null;
  else if (plan.watch?.roundId !== walked.round.id) {
    plan.watch = new DwellWatch(walked.round.points, walked.progress.visited);
    plan.watch.roundId = walked.round.id;
  }
}

/** Read the rounds anew, from the server where it answers. */
export async function refreshToday() {
  await read(await fetchToday(account));
  show();
}

async function reread() {
  await Promise.all(plan.rounds.map(async (item) => { item.progress = await progressOf(account, item.round); }));
  show();
}

function setBusy(value) {
  isBusy = value;
  for (const each of element("rounds").querySelectorAll("button")) each.disabled = value;
}

/** Do one thing at a time: until it is written down no button takes another tap. */
async function once(work) {
  if (isBusy) return;
  setBusy(true);
  try {
    await work();
  } catch (error) {
    tools.say(t("Not saved") + `: ${error.message}`, "danger");
  } finally {
    setBusy(false);
  }
}

async function act(kind) {
  const { round_id: roundId, is_paused: wasPaused } = walk.current;
  hold(kind !== "resume"); // from the tap on, however long the writing takes
  try {
    if (roundId) await logEvent(account, roundId, kind);
  } catch (error) {
    hold(wasPaused);
    throw error;
  }
  if (kind === "end") await end();
  else await setPaused(kind === "pause");
  await changedRounds();
}

async function start(round) {
  if (round) await logEvent(account, round.id, "start");
  await begin(account, round?.id ?? null);
  await changedRounds();
}

async function changedRounds() {
  plan.watch = null;
  await read({ today: { rounds: plan.rounds.map(({ round }) => round), check_points: plan.checkPoints, parcels: plan.parcels }, problem: null });
  show();
  tools.changed();
}

async function visit(how) {
  await logVisit(account, walk.current.round_id, how, position.latest);
  plan.watch?.visited.add(how.check_point_id);
  await reread();
  tools.changed();
}

async function readCode(text) {
  const found = text && (await checkPointOf(text, plan.checkPoints));
  const isMine = found && walkedRound().round.points.some((point) => point.check_point_id === found.check_point_id);
  if (!isMine) {
    if (text) tools.say(t("This code stands at no check point of the round."), "warn");
    return;
  }
  await visit(found.token
    ? { by: "qr", check_point_id: found.check_point_id, qr_token: found.token }
    : { by: "manual", check_point_id: found.check_point_id });
  tools.say(t("Visited; saved on this phone."), "ok");
}

function codeTools() {
  const typed = el("input", { id: "code-typed", autocomplete: "off", maxlength: 100 });
  return el("form", { class: "code-form", onsubmit: (event) => {
    event.preventDefault();
    once(() => readCode(typed.value));
  } },
    scans ? button(t("Scan a code"), { onclick: () => once(async () => readCode(await scan())) }) : null,
    el("div", { class: "field" }, el("label", { for: "code-typed" }, t("Code of the check point")), typed),
    el("button", { type: "submit", class: "btn" }, t("Visited")));
}

function describe(point, visited) {
  const state = visited.has(point.check_point_id) ? "visited" : stateOf(point);
  const here = position.latest;
  const away = here && Number.isFinite(point.lon) ? ` · ${distance(metresBetween(here, point))}` : "";
  const words = { visited: t("visited"), near: t("here: stay a moment"), open: t("not yet visited") }[state];
  return { state, words: ` ${words}${away}` };
}

function pointLine(point, isWalked, visited) {
  const name = point.name_zh ?? point.code ?? String(point.check_point_id);
  const { state, words } = describe(point, visited);
  return el("li", { class: `check check-${state}`, "data-point": point.check_point_id },
    el("span", { class: "check-mark", "aria-hidden": "true" }, MARKS[state]),
    el("span", { class: "check-name" }, name, el("small", { class: "muted" }, words)),
    isWalked && state !== "visited"
      ? button(t("By hand"), { class: "btn btn-small", "aria-label": t("By hand") + `: ${name}`, onclick: () => once(() => visit({ by: "manual", check_point_id: point.check_point_id })) }) : null);
}

/** Distances and marks change with every fix; what one is about to touch stays where it is. */
function showDistances() {
  for (const { round, progress } of plan.rounds) {
    for (const point of round.points) {
      const line = element("rounds").querySelector(`[data-round="${round.id}"] [data-point="${point.check_point_id}"]`);
      if (!line) continue;
      const { state, words } = describe(point, progress.visited);
      line.className = `check check-${state}`;
      line.querySelector(".check-mark").textContent = MARKS[state];
      line.querySelector("small").textContent = words;
    }
  }
}

function walkButtons() {
  return el("div", { class: "card-actions" },
    walk.current.is_paused
      ? button(t("Resume"), { class: "btn btn-primary", onclick: () => once(() => act("resume")) })
      : button(t("Pause"), { onclick: () => once(() => act("pause")) }),
    button(t("End"), { class: "btn btn-danger", onclick: () => once(() => act("end")) }));
}

function card({ round, progress }) {
  const isWalked = walk.current?.round_id === round.id;
  const state = isWalked ? (walk.current.is_paused ? "paused" : "started") : progress.state;
  return el("article", { class: "card round", "data-round": round.id },
    el("h3", { class: "card-title" }, round.plan_name ?? t("Round"), " ", el("span", { class: `badge ${BADGES[state] ?? ""}` }, STATES[state] ?? state)),
    el("p", {}, `${round.on_date} ${clock.format(new Date(round.planned_from))}–${clock.format(new Date(round.planned_to))} · `,
      t("%(visited)s of %(points)s points", { visited: progress.visited.size, points: progress.points }),
      round.is_ordered ? " · " + t("in order") : ""),
    el("progress", { max: progress.points || 1, value: progress.visited.size, "aria-label": t("Points visited") }),
    isWalked ? walkButtons() : null,
    !walk.current && (OPEN.has(state) || state === "started" || state === "paused")
      ? button(t("Start"), { class: "btn btn-primary btn-block", onclick: () => once(() => start(round)) }) : null,
    isWalked ? codeTools() : null,
    el("details", { open: isWalked || opened.has(round.id), ontoggle: (event) => opened[event.target.open ? "add" : "delete"](round.id) }, el("summary", {}, t("Check points")),
      el("ul", { class: "checks" }, ...round.points.map((point) => pointLine(point, isWalked, progress.visited)))));
}

function freeCard() {
  const isFree = walk.current && !walk.current.round_id;
  if (walk.current && !isFree) return null;
  return el("article", { class: "card" },
    el("h3", { class: "card-title" }, t("Free patrol")),
    el("p", { class: "hint" }, t("Without a planned round: only the track is kept.")),
    isFree ? walkButtons() : button(t("Start a free patrol"), { class: "btn btn-block", onclick: () => once(() => start(null)) }));
}

function showWalk() {
  element("walk").hidden = !walk.current;
  if (!walk.current) return;
  element("walk-state").textContent = walk.current.is_paused
    ? t("Paused: nothing is recorded.") : t("Recording: %(way)s so far", { way: distance(walk.walked.metres) });
}

function show() {
  showWalk();
  const order = (item) => (item.round.id === walk.current?.round_id ? 0 : 1);
  const cards = [...plan.rounds].sort((a, b) => order(a) - order(b)).map(card);
  element("rounds").replaceChildren(...[...cards, freeCard()].filter(Boolean));
  element("no-rounds").hidden = plan.rounds.length > 0;
}

async function follow() {
  const fix = position.latest;
  const reachedNow = plan.watch && counts(fix) ? plan.watch.take(fix, performance.now() / 1000) : [];
  for (const reached of reachedNow) {
    await logVisit(account, walk.current.round_id, { by: "pass", ...reached }, fix);
    await reread();
    tools.changed();
    navigator.vibrate?.(200);
  }
  if (!element("view-rounds").hidden) showDistances();
}

export async function startToday(forAccount, pageTools) {
  account = forAccount;
  tools = pageTools;
  scans = await canScan();
  walk.addEventListener("change", showWalk);
  position.addEventListener("fix", follow);
  await read({ today: await readMeta(`today:${account}`), problem: null });
  show();
  refreshToday(); // as soon as the server answers
}
