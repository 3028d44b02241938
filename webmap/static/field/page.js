/* The phone page: its views, its one line of messages, and who is told when something was saved. */

import { t } from "../js/i18n.js";
import { ensureToken } from "./device.js";
import { startFinding } from "./finding.js";
import { install } from "./install.js";
import { showLedger } from "./ledger.js";
import { deviceId } from "./log.js";
import { showMap, startMap } from "./map.js";
import { watchPosition } from "./position.js";
import { exportFile, importContent, readExport } from "./rescue.js";
import { flushNow, keepSending, sync } from "./sync.js";
import { refreshToday, startToday } from "./today.js";
import { takeUp } from "./walk.js";

const element = (id) => document.getElementById(id);
const account = Number(element("field-form").dataset.account);
const views = [...document.querySelectorAll("[data-view]")].map((tab) => tab.dataset.view);

function say(text, kind = "") {
  const message = element("message");
  message.className = `notice ${kind && `notice-${kind}`}`;
  message.textContent = text;
  message.hidden = false;
}

const showAll = () => showLedger(account, changed);

/** Something was saved: show it, and send it. */
function changed() {
  showAll();
  flushNow();
}

function open(view) {
  for (const name of views) {
    element(`view-${name}`).hidden = name !== view;
    document.querySelector(`[data-view=${name}]`).setAttribute("aria-current", String(name === view));
  }
  element("message").hidden = true;
  if (view === "map") showMap();
  showAll();
  scrollTo(0, 0);
}

async function signIn() {
  const why = await ensureToken(account);
  const words = {
    "": "",
    "signed-out": t("Your records are safe on this phone. Sign in again to send them."),
    "other-person": t("Somebody else is signed in: this page shows what you keep here. Open it again to see theirs."),
  }[why] ?? why;
  element("sign-in").hidden = !words;
  element("sign-in-words").textContent = words;
}

async function exportNow() {
  try {
    const file = await exportFile(account, element("field-form").dataset.username, element("export-all").checked);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file), download: `guangming-field-${new Date().toISOString().slice(0, 16).replace(":", "")}.json`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(t("Exported: %(size)s MB", { size: (file.size / 1e6).toFixed(1) }), "ok");
  } catch (error) {
    say(t("Not exported") + `: ${error.message}`, "danger");
  }
}

async function importNow(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    const content = await readExport(file);
    const isOwn = content.account === account;
    if (!isOwn && !confirm(t("Another person made these records. Here they will be sent in your name; an administrator can take the file in for that person. Go on?"))) return;
    say(t("Imported: %(count)s were not on this phone.", { count: await importContent(content, account) }), "ok");
    changed();
  } catch (error) {
    const words = { damaged: t("The file is damaged."), "not-ours": t("This file is no export of this page.") };
    say(words[error.message] ?? t("Not imported") + `: ${error.message}`, "danger");
  }
}

document.querySelectorAll("[data-view]").forEach((tab) => tab.addEventListener("click", () => open(tab.dataset.view)));
element("ledger-line").addEventListener("click", () => open("ledger"));
element("sync").addEventListener("click", flushNow);
element("refresh-today").addEventListener("click", refreshToday);
element("export").addEventListener("click", exportNow);
element("import").addEventListener("change", importNow);
sync.addEventListener("change", showAll);
sync.prepare = signIn;

const tools = { say, changed, open };
await deviceId();
startFinding(account, tools);
watchPosition();
await showAll();
await takeUp(account);
keepSending();
install(say);
flushNow();
await startMap(account, tools);
await startToday(account, tools);
document.documentElement.dataset.fieldReady = "true";
