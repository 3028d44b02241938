/* The rounds of today: the server's last word and what this phone has told since. */

import { ask, Refusal } from "./server.js";
import { readMeta, recordsOfRound, writeMeta } from "./store.js";

const AFTER = { start: "started", resume: "started", pause: "paused", end: "ended" };
const WALKED = new Set(["started", "paused", "done", "partly_done"]);

/** Ask the server for today's rounds; gives what is kept where it does not answer. */
export async function fetchToday(account) {
  let problem = null;
  try {
    const { content } = await ask("/api/v1/field/today");
    await writeMeta(`today:${account}`, { ...content, asked_at: Date.now() });
  } catch (error) {
    problem = error instanceof Refusal && error.isAboutMe ? "signed-out" : "no-answer";
  }
  return { today: await readMeta(`today:${account}`), problem };
}

/** Where a round stands: {state, visited: ids of check points, points}. */
export async function progressOf(account, round) {
  const told = (await recordsOfRound(account, round.id)).sort((a, b) => a.sequence - b.sequence);
  const visited = new Set(round.points.filter((point) => point.visited_at).map((point) => point.check_point_id));
  let state = round.state;
  for (const { type, body, state: fate } of told) {
    if (fate === "refused") continue;
    if (type === "visit" && body.check_point_id) visited.add(body.check_point_id);
    if (type === "event") state = AFTER[body.kind];
  }
  const isWhole = round.points.length > 0 && visited.size >= round.points.length;
  if (state === "ended") state = isWhole ? "done" : "partly_done";
  if (isWhole && WALKED.has(state)) state = "done";
  return { state, visited, points: round.points.length };
}
