/**
 * The service worker: pages open offline. Always the network first; what is kept answers only when the
 * server is not reached. Above this text the server writes VERSION, FILES and PAGES: the ETags of all
 * files of its program, by address, and of all pages by pattern, one for each kind of competition.
 *
 * Old and new never mix: what is kept is of one program. As soon as an answer is of another one (its
 * ETag is not ours), all that is kept is dropped; and a page that came from what is kept gets its
 * scripts from there, too. Pages of rehearsals, and of games, name their kind: a competition that is known
 * to be of a kind is shown by such a page or not at all. Answers of the API are not kept here; pages keep their last boards
 * themselves (`board/kept.js`), which are answered offline.
 */

const SHELL = "shell-";
const KEPT = SHELL + VERSION;
const BOARDS = "boards";
const KIND = "/kind?"; // of which kind competitions are that were seen is kept, too
const KINDS_MAX = 20; // the one seen first is forgotten
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
  const kind = await cache.match(kindOf(path));
  return cache.match(keptAs(key, kind ? await kind.text() : ""));
}

async function keep(key, path, response) {
  if (!(await caches.has(KEPT))) return;
  const cache = await caches.open(KEPT);
  const kind = response.headers.get("Page-Kind") ?? "";
  await cache.put(keptAs(key, kind), response);
  if (!kind) return;
  await cache.put(kindOf(path), new Response(kind));
  const seen = (await cache.keys()).filter(({url}) => url.startsWith(location.origin + KIND));
  await Promise.all(seen.slice(0, -KINDS_MAX).map((one) => cache.delete(one)));
}

/** A page for many addresses is kept once for each kind of competition. */
function keptAs(key, kind) {
  return key in FILES ? key : `/page?${encodeURIComponent(key)}&${encodeURIComponent(kind)}`;
}

/** Under which name it is kept of which kind a page's competition is: `/c/SLUG`, `/pad/SLUG/...`. */
function kindOf(path) {
  return KIND + path.split("/")[2];
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
