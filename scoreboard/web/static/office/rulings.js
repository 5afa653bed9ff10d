/**
 * Rulings: all that waits for an official, in one queue that is worked through by keyboard.
 *
 *   /rulings              of all competitions, those under way first
 *   /c/SLUG/rulings       of one, told as it comes
 */

import "../shell/who.js";
import "./matter.js";
import {ask, wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {Office, moment} from "./competition.js";
import {Matters} from "./matters.js";
import {Queue} from "./queue.js";

const COMPETITIONS_MAX = 20; // looked at together; past it the page says so
const BEHIND_MAX = 500; // matters of which all is remembered
const POLL_MS = 10_000;
const TOLD_MS = 300; // after something was said, so that the boards have taken it
const KINDS = {parked: "⏸ Stands still", overturned: "▲ Needs a ruling", proposal: "② Second approval", result: "◔ Result", match: "⇄ Unmatched", flag: "⚑ Looks wrong"};
const ORDER = Object.keys(KINDS); // what stands still keeps others waiting, so it comes first
const TYPING = "input, select, textarea";

const slug = location.pathname.startsWith("/c/") ? decodeURIComponent(location.pathname.split("/")[2]) : "";
const list = document.querySelector("#queue");
const view = document.querySelector("matter-view");
const message = document.querySelector("#message");
const count = document.querySelector("#count");
const news = document.querySelector("#news");
const clear = document.querySelector("#clear");
const said = document.querySelector("#said");
const queue = new Queue();
const sources = new Map(); // Matters by slug
const behind = new Map(); // what is behind a matter, by key and stamp
const who = document.querySelector("who-am-i");
let timer = 0;
let reading = null;
let left = ""; // which competitions are not looked at, in words

/** The competitions to look at. */
async function slugs() {
  if (slug) return [slug];
  const me = await who.known;
  const all = (await ask("/api/v1/competitions")).filter((one) => !me.competition || one.slug === me.competition);
  const rank = ({status}) => (status === "live" ? 0 : status === "finished" ? 2 : 1);
  all.sort((a, b) => rank(a) - rank(b));
  left = all.length > COMPETITIONS_MAX ? `${all.length} competitions: ${COMPETITIONS_MAX} are looked at here, each other one on its own page.` : "";
  return all.slice(0, COMPETITIONS_MAX).map((one) => one.slug);
}

async function source(name) {
  if (!sources.has(name)) {
    const me = await who.known;
    sources.set(name, new Matters(await new Office(name).load(), `${me.role}:${me.name}`));
  }
  return sources.get(name);
}

/** Read everything anew; asked again meanwhile, once more afterwards. */
function refresh() {
  reading = (reading ?? Promise.resolve()).then(readAll);
  return reading;
}

async function readAll() {
  clearTimeout(timer);
  try {
    const names = await slugs();
    const tried = await Promise.allSettled(names.map(async (name) => (await source(name)).read()));
    const read = names.filter((_, n) => tried[n].status === "fulfilled"); // one that fails holds up no other
    const found = tried.filter(({status}) => status === "fulfilled").map(({value}) => value);
    const matters = found.flatMap(({matters: own}) => own);
    queue.take(matters.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)), read);
    const failed = names.flatMap((name, n) => (tried[n].status === "rejected" ? [`${name}: ${complaintOf(tried[n].reason)} What is listed of it may be old.`] : []));
    if (found.some(({more}) => more)) failed.push("There is more than is listed here. Work these off first.");
    setText(message, [left, ...failed].filter(Boolean).join(" "));
  } catch (refused) {
    setText(message, `${complaintOf(refused)} What is listed may be old.`);
  }
  if (behind.size > BEHIND_MAX) behind.clear();
  timer = setTimeout(refresh, POLL_MS);
}

function complaintOf(refused) {
  if (refused.name !== "Refused") throw refused;
  return wordsOf(refused);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, TOLD_MS);
}

function draw() {
  reconcile(list, queue.items.map((one) => [one.matter.key, one]), createItem, fillItem);
  const {waiting} = queue;
  setText(count, waiting ? `${waiting} ${waiting === 1 ? "waits" : "wait"}` : "Nothing waits");
  count.classList.toggle("needs-you", waiting > 0);
  clear.disabled = queue.items.length === waiting;
  news.hidden = !queue.unseen;
  setText(news, `${queue.unseen} new, at the end ↓`);
  const {item} = queue;
  view.hidden = !item;
  document.querySelector("#nothing").hidden = queue.items.length > 0 || !queue.started;
  if (item) show(item);
}

async function show(item) {
  const {matter} = item;
  const matters = sources.get(matter.slug);
  const place = `${matter.key}\n${matter.stamp}\n${item.settled}`;
  view.show(item, matters.office, behind.get(place));
  if (behind.has(place)) return;
  try {
    behind.set(place, await matters.behind(matter));
    if (queue.item?.matter === matter) view.show(queue.item, matters.office, behind.get(place));
  } catch (refused) {
    view.complain(wordsOf(refused));
  }
}

function createItem(key) {
  const row = element("li");
  row.button = element("button", "item");
  row.button.type = "button";
  row.kind = element("span", "kind");
  row.title_ = element("strong", "what");
  row.more = element("span", "where");
  row.button.append(row.title_, row.kind, row.more);
  row.button.addEventListener("click", () => queue.choose(key));
  row.append(row.button);
  return row;
}

function fillItem(row, {matter, settled}) {
  const {office} = sources.get(matter.slug);
  setText(row.kind, settled ? "✓ Settled" : KINDS[matter.kind]);
  setText(row.title_, matter.title);
  const of = slug ? "" : office.definition.name;
  setText(row.more, [of, matter.since ? `since ${moment(matter.since)}` : ""].filter(Boolean).join(" · "));
  row.button.classList.toggle("settled", Boolean(settled));
  row.button.setAttribute("aria-current", String(matter.key === queue.chosen));
}

async function decide({matter, decision, reason, seen}) {
  view.complain("");
  view.decisions.inert = true;
  try {
    const position = await sources.get(matter.slug).decide(matter, decision, reason, seen);
    const words = `${decision.word}: “${reason}”`;
    const undo = matter.kind === "parked" ? null : {position, words: `${decision.word.toLowerCase()} (${matter.title})`};
    queue.settle(matter.key, words, undo);
    setText(said, `${decision.word}: ${matter.title}. ${queue.waiting} left.`);
    document.activeElement?.blur?.();
    later();
  } catch (refused) {
    if (refused.name !== "Refused") throw refused;
    view.complain(wordsOf(refused));
  } finally {
    view.decisions.inert = false;
  }
}

async function takeBack({matter, position}) {
  try {
    const waits = await sources.get(matter.slug).undo(position);
    if (!waits) queue.settle(matter.key, "", null);
    setText(said, waits ? `A second official has to approve it: take back ${matter.title}.` : `Taken back: ${matter.title}.`);
    behind.clear();
    later();
  } catch (refused) {
    view.complain(wordsOf(refused));
  }
}

function step(by) {
  queue.step(by);
  document.querySelector("#queue [aria-current=true]")?.scrollIntoView({block: "nearest"});
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  arrowdown: () => step(1),
  arrowup: () => step(-1),
  x: () => queue.clear(),
  n: () => queue.step(1, {skip: true}),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPING)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = event.key.toLowerCase();
  const control = view.hidden ? null : view.querySelector(`[data-hotkey="${CSS.escape(key)}"]:not(:disabled)`);
  const act = KEYS[key] ?? (control && !control.closest("[hidden]") ? () => control.click() : null);
  if (!act) return;
  event.preventDefault();
  act();
});

queue.addEventListener("queue", draw);
queue.addEventListener("new", ({detail}) => setText(said, `${detail} new, at the end of the queue.`));
view.addEventListener("decide", ({detail}) => decide(detail));
view.addEventListener("takeback", ({detail}) => takeBack(detail));
clear.addEventListener("click", () => queue.clear());
news.addEventListener("click", () => queue.choose(queue.items.at(-1).matter.key));
if (slug) who.setAttribute("competition", slug);
document.title = `Rulings${slug ? ` · ${slug}` : ""} · Scoreboard`;
await refresh();
if (slug) {
  setText(document.querySelector("#of"), sources.get(slug)?.office.definition.name ?? slug);
  const stream = new EventSource(`/api/v1/competitions/${encodeURIComponent(slug)}/entries/stream`);
  for (const name of ["entries", "more", "open"]) stream.addEventListener(name, later);
}
