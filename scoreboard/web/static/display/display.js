/**
 * A screen without a keyboard: shows what the operator's desk says, for days.
 *
 *   ask (waits up to 25 s at the server) ──▶ show it ──▶ ask again
 *        │ no answer: what is shown stays, "offline" after a while; asked again, later each time
 *
 * What it shall show is a state, so nothing is missed while either side was away. A page is loaded
 * beside the one that is shown and takes its place when it is there.
 */

import {element, setText} from "../shell/dom.js";

const WAIT_S = 25;
const ANSWER_MS = (WAIT_S + 10) * 1_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000];
const OFFLINE_MS = 10_000;
const IDENTIFY_MS = 10_000;
const LOAD_MS = 15_000; // a page that has not come by then is shown as it is
const IDLE_MS = 4_000;
const NAME_MAX = 32; // characters

const name = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const $ = (id) => document.getElementById(id);
let told = null; // the last answer
let failures = 0;
let heardAt = Date.now();
let round = 0; // which of the pages is shown
let roundTimer = 0;
let identifyTimer = 0;
let idleTimer = 0;
let awake = null;

async function follow() {
  for (;;) {
    try {
      take(await asked());
      failures = 0;
      heardAt = Date.now();
    } catch (error) {
      if (error.status === 422) return refuse();
      await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    }
    showOffline();
  }
}

async function asked() {
  const query = new URLSearchParams({
    version: told?.version ?? 0,
    wait: told && !failures ? WAIT_S : 0,
    window: `${innerWidth}x${innerHeight}`,
  });
  const url = `/api/v1/displays/${encodeURIComponent(name)}/follow?${query}`;
  const answer = await fetch(url, {cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS)});
  if (!answer.ok) throw Object.assign(new Error(`${answer.status}`), {status: answer.status});
  return answer.json();
}

/** No screen can be called so: it takes the name that is most like it, or says what a name is. */
function refuse() {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, NAME_MAX).replace(/-+$/, "");
  if (plain && plain !== name) return location.replace(`/display/${plain}`);
  $("stage").dataset.kind = "waiting";
  $("waiting").hidden = false;
  setText($("waiting").querySelector(".name"), name);
  setText($("waiting").querySelector("p:not(.name)"), "No screen can be called so: a name has lower case letters, digits and hyphens.");
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms * (0.75 + Math.random() / 2)));
}

/** Show what is new in an answer. The first numbers are where we begin, not commands. */
function take(next) {
  const before = told;
  told = next;
  if (before && (next.reload > before.reload || next.program !== before.program)) return location.reload();
  if (before && next.identify > before.identify) identify();
  const same = before && before.assigned === next.assigned
    && JSON.stringify(before.showing) === JSON.stringify(next.showing);
  if (!same) show();
  else if (failures) mend();
}

function show() {
  const {assigned, showing} = told;
  const kind = assigned ? showing.kind ?? "blank" : "waiting";
  clearTimeout(roundTimer);
  $("stage").dataset.kind = kind;
  $("waiting").hidden = kind !== "waiting";
  setText($("waiting").querySelector(".name"), name);
  $("message").hidden = kind !== "message";
  setText($("title"), showing.title ?? "");
  setText($("text"), showing.text ?? "");
  round = 0;
  if (kind === "pages") turn();
  else $("frames").replaceChildren();
}

/** Bring the next page in; with several, another one after a while. */
function turn() {
  const {pages, every_s: seconds = 20} = told.showing;
  bring(pages[round % pages.length]);
  round += 1;
  if (pages.length > 1) roundTimer = setTimeout(turn, seconds * 1_000);
}

function bring(path) {
  const frames = $("frames");
  const frame = element("iframe");
  frame.title = `Shown: ${path}`;
  for (const waiting of frames.querySelectorAll("iframe:not(.shown)")) waiting.remove();
  const reveal = () => {
    if (!frame.isConnected) return;
    clearTimeout(timer);
    frame.classList.add("shown");
    for (const other of [...frames.children]) if (other !== frame) other.remove();
  };
  const timer = setTimeout(reveal, LOAD_MS);
  frame.addEventListener("load", reveal, {once: true});
  frame.src = path;
  frames.append(frame);
}

/** After the server was away: a frame that holds the browser's own error page is brought again. */
function mend() {
  const frame = document.querySelector("iframe.shown");
  if (!frame) return;
  try {
    if (frame.contentWindow.location.pathname !== "blank") return;
  } catch {
    // not ours: an error page
  }
  bring(frame.getAttribute("src"));
}

function identify() {
  clearTimeout(identifyTimer);
  setText($("identify"), name);
  $("identify").hidden = false;
  identifyTimer = setTimeout(() => ($("identify").hidden = true), IDENTIFY_MS);
}

function showOffline() {
  const quiet = failures > 0 && Date.now() - heardAt > OFFLINE_MS;
  $("offline").hidden = !quiet;
  const clock = new Date(heardAt).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit"});
  setText($("offline"), quiet ? `▲ Offline: the server was last heard at ${clock}` : "");
}

async function fullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen?.().catch(() => {});
}

/** Keep the screen on where the browser lets us (a secure connection). */
async function stayAwake() {
  try {
    awake = await navigator.wakeLock.request("screen");
    awake.addEventListener("release", () => (awake = null));
  } catch {
    awake = null;
  }
  setText($("awake"), awake ? "" : "· switch this device's power saving off");
}

function stirred() {
  document.body.classList.remove("idle");
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => document.body.classList.add("idle"), IDLE_MS);
}

document.title = `${name} · Display`;
$("full").addEventListener("click", fullScreen);
addEventListener("keydown", (event) => event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey && fullScreen());
addEventListener("pointermove", stirred);
addEventListener("keydown", stirred);
document.addEventListener("visibilitychange", () => document.hidden || awake || stayAwake());
stirred();
stayAwake();
follow();
