// Asks the server again and again while somebody looks: every 10 s, less often when it does not answer.
export const EVERY_MS = 10_000;
const LONGEST_MS = 120_000;
const PATIENCE_MS = 8_000;

// `address` gives what to ask; `on` is told news(body), same(), silent(milliseconds to the next try), over().
export class Poll {
  constructor(address, on) {
    this.address = address;
    this.on = on;
    this.tag = null;
    this.failures = 0;
    this.skew = 0; // how far the server's clock is ahead of this one
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.look()));
    window.addEventListener("online", () => this.look());
    this.look();
  }

  // The server's time now: ages are told by one clock.
  now() {
    return Date.now() + this.skew;
  }

  // Ask something else: what was known is of no use.
  again() {
    this.tag = null;
    this.look();
  }

  rest() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  async look() {
    this.rest();
    if (document.hidden || this.isOver) return;
    const asking = new AbortController();
    this.asking = asking;
    const patience = setTimeout(() => asking.abort(), PATIENCE_MS);
    const answer = await ask(this.address(), this.tag, asking.signal).catch(() => null);
    clearTimeout(patience);
    if (this.asking !== asking || document.hidden) return; // asked anew meanwhile, or nobody looks
    this.failures = answer ? 0 : this.failures + 1;
    const wait = this.failures ? Math.min(EVERY_MS * 2 ** this.failures, LONGEST_MS) * (0.8 + 0.2 * Math.random()) : EVERY_MS;
    this.isOver = answer?.isOver;
    if (!this.isOver) this.timer = setTimeout(() => this.look(), wait);
    this.tell(answer, wait);
  }

  tell(answer, wait) {
    if (!answer) return this.on.silent(wait);
    if (answer.isOver) return this.on.over();
    this.skew = Number.isNaN(answer.at) ? 0 : answer.at - Date.now();
    this.tag = answer.tag || this.tag;
    return answer.body ? this.on.news(answer.body) : this.on.same();
  }
}

// What came: a body where something changed, `isOver` where the reader may not ask any more.
async function ask(url, tag, signal) {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  const answer = await fetch(url, { headers, signal, cache: "no-store", credentials: "same-origin" });
  if (answer.status === 401 || answer.status === 404) return { isOver: true };
  if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
  return {
    at: Date.parse(answer.headers.get("Date")),
    tag: answer.headers.get("ETag"),
    body: answer.status === 304 ? null : await answer.json(),
  };
}
