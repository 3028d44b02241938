/* The page on the home screen: its worker, so that it opens without a network, and storage that is kept. */

import { t } from "../js/i18n.js";

export async function install(say) {
  navigator.storage?.persist?.().catch(() => {});
  if (!navigator.serviceWorker) return;
  const hadWorker = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (hadWorker) say(t("A new version is here: open this page again to use it."), "info");
  });
  // Behind a certificate that was only clicked through this fails; the page works all the same while there is a network.
  await navigator.serviceWorker.register("/sw.js", { scope: "/field" }).catch(() => {});
}
