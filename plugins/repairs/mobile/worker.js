// Keeps the technician's page usable without a connection. It looks after pages below its own folder: the page itself comes
// from the network if there is one; built files never change; small pictures are kept as they are seen. Orders and what waits
// to be sent are none of its business: the page holds them. The cache goes when somebody signs out, or somebody else comes.
const CACHE = "lodge-mobile";
const PAGE = new URL("../mobile", self.location).pathname;
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function keep(request, response) {
  if (response.ok && !response.redirected) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

// Somebody who is not signed in is led away: nothing may be left for whoever comes next.
async function page(request) {
  const kept = await caches.match(PAGE);
  try {
    const signal = kept ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const response = await fetch(request.url, { credentials: "same-origin", redirect: "manual", signal });
    if (response.type === "opaqueredirect") await caches.delete(CACHE);
    return response.type === "opaqueredirect" ? response : keep(PAGE, response);
  } catch (gone) {
    if (kept) return kept;
    throw gone;
  }
}

async function first(request) {
  return (await caches.match(request)) ?? keep(request, await fetch(request));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (pathname.startsWith("/static/dist/") || pathname.endsWith("/preview")) event.respondWith(first(request));
});
