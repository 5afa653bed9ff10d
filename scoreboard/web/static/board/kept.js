/**
 * The last boards seen, kept by the browser for reading offline where the page is secure. They are
 * answered by the service worker when the server is not reached, and always shown as of their moment.
 */

const BOARDS = "boards"; // the cache's name, as the worker knows it
const KEPT_MAX = 50;
const EVERY_MS = 2_000;

const due = new Map(); // address: document
let timer = 0;

/** Keep a board's document, in a while. */
export function keep(url, document) {
  if (!globalThis.caches) return;
  due.set(url, document);
  timer ||= setTimeout(write, EVERY_MS);
}

async function write() {
  timer = 0;
  const documents = [...due];
  due.clear();
  try {
    const cache = await caches.open(BOARDS);
    for (const [url, document] of documents) {
      await cache.delete(url); // so that the order is that of the last time
      await cache.put(url, new Response(JSON.stringify(document), {headers: {"Content-Type": "application/json"}}));
    }
    const all = await cache.keys();
    await Promise.all(all.slice(0, Math.max(0, all.length - KEPT_MAX)).map((request) => cache.delete(request)));
  } catch {
    // no room: what is shown is not kept
  }
}

globalThis.document?.addEventListener("visibilitychange", () => {
  if (document.hidden && timer) {
    clearTimeout(timer);
    write();
  }
});
