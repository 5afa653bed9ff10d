/** The live log: entries as they come, held back while somebody reads, filtered by the address. */

import {ask, under, wordsOf} from "../shell/ask.js";
import "../shell/connection.js";
import {reconcile, setText} from "../shell/dom.js";
import "../shell/who.js";
import {Entries} from "./entries.js";
import {createLine, fillLine} from "./line.js";

const FILTERS = ["source", "contest", "type", "record"];
const NEAR_TOP_PX = 60;
const KNOWN_MAX = 200;
const $ = (selector) => document.querySelector(selector);
const lines = $("#lines");
const known = {source: new Set(), contest: new Set(), type: new Set()};
let entries = null;
let paused = false;

async function start() {
  const who = await $("who-am-i").known;
  const listed = await ask("/api/v1/competitions");
  const own = listed.filter(({slug}) => !who.competition || slug === who.competition);
  if (!own.length) return setText($("#notice"), "There is no competition yet.");
  reconcile($("#competition"), own.map((one) => [one.slug, one]), (slug) => new Option("", slug), (option, one) => {
    setText(option, one.name || one.slug);
  });
  const [, , slug] = location.pathname.split("/").map(decodeURIComponent);
  const asked = location.pathname.startsWith("/c/") ? slug : null;
  const live = own.find(({status}) => status === "live") ?? own[0];
  $("#competition").value = own.some((one) => one.slug === asked) ? asked : live.slug;
  const query = new URLSearchParams(location.search);
  for (const name of FILTERS) $(`#${name}`).value = query.get(name) ?? "";
  $("#more").open = FILTERS.some((name) => query.has(name));
  open();
}

/** Read the log of what is chosen; the address says what that is. */
function open() {
  const slug = $("#competition").value;
  const chosen = FILTERS.map((name) => [name, $(`#${name}`).value.trim()]).filter(([, value]) => value);
  const query = new URLSearchParams(chosen);
  history.replaceState(null, "", `/c/${encodeURIComponent(slug)}/log${chosen.length ? `?${query}` : ""}`);
  $("who-am-i").setAttribute("competition", slug);
  document.title = `Log of ${$("#competition").selectedOptions[0].text} · Scoreboard`;
  entries?.stop();
  lines.replaceChildren();
  lines.childByKey = null;
  setText($("#notice"), "Reading the log…");
  const opened = entries = new Entries(under(slug, "entries"), Object.fromEntries(chosen));
  const on = (name, take) => opened.addEventListener(name, (event) => opened === entries && take(event));
  on("changed", draw);
  on("waiting", showWaiting);
  on("state", showState);
  on("failed", ({detail}) => setText($("#notice"), wordsOf(detail)));
  hold();
  opened.start();
}

function draw() {
  reconcile(lines, entries.shown.map((one) => [one.position, one]), createLine, fillLine);
  for (const one of entries.shown) for (const name of Object.keys(known)) learn(name, one[name]);
  $("#older").hidden = entries.next === null;
  const filtered = Object.keys(entries.query).length > 0;
  const none = entries.next === null ? "There is none." : "None among the newest entries; look at older ones.";
  setText($("#notice"), entries.shown.length ? "" : filtered ? `No entry is like this. ${none}` : "Nothing was said yet.");
  showState();
}

/** What can be chosen in a filter: what was seen, so many. */
function learn(name, value) {
  if (!value || known[name].has(value) || known[name].size >= KNOWN_MAX) return;
  known[name].add(value);
  $(`#${name}s`).append(new Option("", value));
}

function showWaiting() {
  const {waiting, missed} = entries;
  const count = missed ? `More than ${Math.max(waiting.length, 99)}` : waiting.length;
  const button = $("#news");
  button.hidden = !waiting.length && !missed;
  setText(button, `↑ ${count} new`);
  if (!button.hidden && entries.held) setText($("#said"), `${count} new`);
}

function showState() {
  $("connection-state").show({state: entries.state, asOf: entries.asOf || entries.shown[0]?.received, quietMs: Date.now() - entries.heardAt});
}

/** Held while somebody has paused or scrolled down. */
function hold() {
  $("#pause").setAttribute("aria-pressed", String(paused));
  setText($("#pause").firstChild, paused ? "Go on " : "Pause ");
  const held = paused || scrollY > NEAR_TOP_PX;
  if (entries && entries.held !== held) entries.hold(held);
}

function pause(wanted) {
  paused = wanted;
  hold();
}

function showNew() {
  scrollTo({top: 0});
  paused = false;
  hold();
  entries.hold(false);
  (lines.querySelector(".head") ?? lines).focus({preventScroll: true});
}

/** Move to the line so many further on. */
function move(step) {
  const heads = [...lines.querySelectorAll(".head")];
  const at = heads.indexOf(document.activeElement.closest?.(".line")?.head);
  const to = heads[Math.min(heads.length - 1, Math.max(0, at + step))];
  to?.focus();
  to?.scrollIntoView({block: "nearest"});
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  " ": () => pause(!paused),
  c: () => document.activeElement.closest?.(".line")?.querySelector(".correct")?.click(),
  "/": () => $("#source").focus(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const {target} = event;
  if (event.key === "Escape" && target.closest("#filters")) return target.blur();
  if (target.closest("input, select, textarea")) return;
  if (event.key === " " && target.closest("button:not(.head), summary, a")) return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

addEventListener("scroll", hold, {passive: true});
$("#pause").addEventListener("click", () => pause(!paused));
$("#news").addEventListener("click", showNew);
$("#older").addEventListener("click", async (event) => {
  event.currentTarget.disabled = true;
  await entries.older().catch((refused) => setText($("#notice"), refused.message));
  $("#older").disabled = false;
});
$("#filters").addEventListener("submit", (event) => {
  event.preventDefault();
  open();
});
$("#filters").addEventListener("change", open);
$("#clear").addEventListener("click", () => {
  for (const name of FILTERS) $(`#${name}`).value = "";
  open();
});

start().catch((refused) => setText($("#notice"), refused.message));
