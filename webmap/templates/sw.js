/* The worker of the phone page: its shell from the cache, the page itself from the network first.
   It never touches what is sent, nor anything under /api. */

const VERSION = {{ version|tojson }};
const SHELL = {{ shell|tojson }};
const CACHE = `field-shell-${VERSION}`;
const PAGES = "field-page";
const WORDS = "field-words";
const PAGE_WITHIN_MS = 5000;

self.addEventListener("install", (event) => {
  // no-cache: a copy the browser still has may be of an older version.
  const fetched = SHELL.map((url) => new Request(url, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fetched)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("field-shell-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
    // The first visit came before this worker: keep its page too.
    for (const client of await self.clients.matchAll({ type: "window" })) {
      if (new URL(client.url).pathname === "/field") await freshPage("/field").catch(() => {});
    }
  })());
});

async function freshPage(request) {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await (await caches.open(PAGES)).put("/field", answer.clone());
  return answer;
}

async function page(request) {
  const kept = await caches.match("/field", { cacheName: PAGES });
  const fresh = freshPage(request);
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PAGE_WITHIN_MS, kept));
  try {
    const answer = await Promise.race([fresh, late]);
    // Sent to the log-in page, or the server is ill: what is kept here works on without a session.
    return answer.type === "opaqueredirect" || answer.redirected || answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  }
}

async function words(request) {
  const cache = await caches.open(WORDS);
  const kept = await cache.match(request.url);
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await cache.put(request.url, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  fresh.catch(() => {});
  return kept;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/field") event.respondWith(page(request));
  else if (url.pathname.startsWith("/i18n/")) event.respondWith(words(request));
  else if (SHELL.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)));
  }
});
