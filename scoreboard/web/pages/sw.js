/**
 * The service worker: pages open offline. Always the network first; what is kept answers only when the
 * server is not reached. Above this text the server writes VERSION, FILES and PAGES: the ETags of all
 * files of its program, by address, and of all pages by pattern, each with that of its rehearsals.
 *
 * Old and new never mix: what is kept is of one program. As soon as an answer is of another one (its
 * ETag is not ours), all that is kept is dropped; and a page that came from what is kept gets its
 * scripts from there, too. Pages of a rehearsal have a mark: what is known to be a rehearsal is shown by
 * such a page or not at all. Answers of the API are not kept here; pages keep their last boards
 * themselves (`board/kept.js`), which are answered offline.
 */

const SHELL = "shell-";
const KEPT = SHELL + VERSION;
const BOARDS = "boards";
const REHEARSAL = "/rehearsal?"; // the names of rehearsals that were seen are kept, too
const REHEARSALS_MAX = 20; // the one seen first is forgotten
const offline = new Set(); // pages that came from what is kept

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepAll());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const {request} = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/api/")) {
    if (/\/boards\/[^/]+$/.test(url.pathname) && !url.search) event.respondWith(boardOf(request));
  } else if (keyOf(url.pathname)) event.respondWith(answer(event, url));
});

/** Under which name a file or a page is kept; nothing for what is not ours. */
function keyOf(path) {
  return path in FILES ? path : Object.keys(PAGES).find((pattern) => new RegExp(pattern).test(path));
}

function isOurs(response, key) {
  return response.ok && [FILES[key], ...(PAGES[key] ?? [])].includes(response.headers.get("etag"));
}

async function answer(event, url) {
  const key = keyOf(url.pathname);
  if (event.request.mode !== "navigate" && offline.has(event.clientId)) {
    const kept = await find(key, url.pathname);
    if (kept) return kept;
  }
  let response;
  try {
    response = await fetch(event.request);
  } catch (error) {
    const kept = await find(key, url.pathname);
    if (!kept) throw error;
    if (event.resultingClientId) offline.add(event.resultingClientId);
    return kept;
  }
  if (isOurs(response, key)) {
    if (key in PAGES) event.waitUntil(keep(key, url.pathname, response.clone()));
  } else if (response.ok) event.waitUntil(outdated());
  return response;
}

/** Another program answers: what is kept of ours is not to be used any more. */
async function outdated() {
  await caches.delete(KEPT);
  await self.registration.update().catch(() => {});
}

async function find(key, path) {
  if (!(await caches.has(KEPT))) return undefined;
  const cache = await caches.open(KEPT);
  return cache.match(keptAs(key, Boolean(await cache.match(rehearsalOf(path)))));
}

async function keep(key, path, response) {
  if (!(await caches.has(KEPT))) return;
  const cache = await caches.open(KEPT);
  const rehearsal = response.headers.has("Rehearsal");
  await cache.put(keptAs(key, rehearsal), response);
  if (!rehearsal) return;
  await cache.put(rehearsalOf(path), new Response());
  const seen = (await cache.keys()).filter(({url}) => url.startsWith(location.origin + REHEARSAL));
  await Promise.all(seen.slice(0, -REHEARSALS_MAX).map((one) => cache.delete(one)));
}

/** A page for many addresses is kept once, and once for rehearsals. */
function keptAs(key, rehearsal) {
  return key in FILES ? key : `/page?${encodeURIComponent(key)}${rehearsal ? "&rehearsal" : ""}`;
}

/** Under which name it is kept that a page's competition is a rehearsal: `/c/SLUG`, `/pad/SLUG/...`. */
function rehearsalOf(path) {
  return REHEARSAL + path.split("/")[2];
}

/** All files, and the pages that are open. Throws if one is of another program. */
async function keepAll() {
  await caches.open(KEPT);
  const open = await self.clients.matchAll({includeUncontrolled: true, type: "window"});
  const paths = new Set([...Object.keys(FILES), "/", ...open.map(({url}) => new URL(url).pathname)]);
  await Promise.all([...paths].filter(keyOf).map(async (path) => {
    const response = await fetch(path, {cache: "no-cache"});
    if (isOurs(response, keyOf(path))) await keep(keyOf(path), path, response);
    else if (path in FILES) throw new Error(`${path} is of another program`);
  }));
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(SHELL) && name !== KEPT).map((name) => caches.delete(name)));
}

async function boardOf(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(BOARDS)).match(request.url);
    if (!kept) throw error;
    return kept;
  }
}
