/* The chain of hashes over a walk's fixes, as docs/tracks.md describes it: equal chains, equal fixes. */

const UNKNOWN = 0x7ff8000000000000n; // the NaN that stands for what a fix does not say

async function link(previous, fix) {
  const bytes = new DataView(new ArrayBuffer(80));
  new Uint8Array(bytes.buffer).set(previous);
  for (let column = 0; column < 6; column += 1) {
    const value = fix[column] ?? null;
    if (value === null) bytes.setBigUint64(32 + 8 * column, UNKNOWN);
    else bytes.setFloat64(32 + 8 * column, value + 0);
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The chain over all fixes of a walk up to some point, in hexadecimal digits. */
export async function chainOf(fixes, start = null) {
  let last = start ? Uint8Array.from(start.match(/../g), (pair) => parseInt(pair, 16)) : new Uint8Array(32);
  for (const fix of fixes) last = await link(last, fix);
  return [...last].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
