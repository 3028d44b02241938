/* This phone's token: made once while its person is signed in, then it uploads whoever is. */

import { ask, NoAnswer } from "./server.js";
import { readMeta, writeMeta } from "./store.js";

const NAME = navigator.userAgentData?.platform || /Android|iPhone|iPad|Windows|Linux|Mac/.exec(navigator.userAgent)?.[0] || "Web";

/**
 * See to it that an account has a token; resolves with why not: "", signed-out, other-person, or the server's words.
 * Rejects where the server does not answer.
 */
export async function ensureToken(account) {
  if (await readMeta(`token:${account}`)) return "";
  try {
    const { content: who } = await ask("/field/session");
    // The page may come from the cache while somebody else has signed in.
    if (who.account_id !== account) return "other-person";
    const { content } = await ask("/api/v1/field/devices", {
      method: "POST", csrf: who.csrf_token, json: { name: `${NAME} ${new Date().toISOString().slice(0, 10)}` },
    });
    await writeMeta(`token:${account}`, content.token);
    return "";
  } catch (error) {
    if (error instanceof NoAnswer || error.mayPass) throw error;
    return error.isAboutMe ? "signed-out" : error.message;
  }
}
