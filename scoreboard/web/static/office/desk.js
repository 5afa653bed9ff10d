/** The operator's desk: what needs somebody, how the program is, displays, devices, addresses. */

import "../shell/connection.js";
import "../shell/who.js";
import {serverTime} from "../shell/clock.js";
import {span} from "../shell/connection.js";
import {ask, Refused, wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {showDevices, troubledDevices} from "./desk-devices.js";
import {Screens} from "./desk-screens.js";

const EVERY_MS = 2_000;
const QUEUE_EVERY = 5; // rounds between looks at what changes rarely
const STALE_MS = 20_000;
const LAG_ENTRIES = 1_000;
const DISK_LOW_BYTES = 1e9;

const $ = (id) => document.getElementById(id);
const connection = document.querySelector("connection-state");
const screens = new Screens();
let heardAt = 0;
let failing = false;
let known = null; // addresses, to tell what is new
let parked = [];
let proposals = [];
let competitions = [];
let round = 0;

async function look() {
  try {
    const [health, displays, devices] = await Promise.all([
      ask("/api/v1/health"), ask("/api/v1/displays"), ask("/api/v1/devices"),
    ]);
    if (round++ % QUEUE_EVERY === 0) await lookRarely();
    heardAt = Date.now();
    await serverTime.check();
    failing = false;
    showHealth(health);
    screens.show(displays, competitions);
    showDevices($("devices"), devices);
    $("silence").hidden = devices.length > 0;
    showCalls([...calls(health), ...screens.calls(displays), ...troubledDevices(devices)]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    failing = true;
  }
  showState();
}

async function lookRarely() {
  const [addresses, waiting, proposed, all] = await Promise.all([
    ask("/api/v1/addresses"), ask("/api/v1/parked"), ask("/api/v1/proposals"), ask("/api/v1/competitions"),
  ]);
  showAddresses(addresses);
  parked = waiting.parked;
  proposals = proposed.proposals;
  competitions = all.filter((one) => one.slug);
}

function showState() {
  const quietMs = Date.now() - (heardAt || Date.now());
  const state = quietMs > STALE_MS ? "stale" : failing ? "reconnecting" : heardAt ? "live" : "connecting";
  connection.show({state, asOf: heardAt ? new Date(heardAt + serverTime.offset).toISOString() : undefined, quietMs, label: "Seen at"});
}

function showHealth(health) {
  const stored = Object.values(health.stored_bytes).reduce((a, b) => a + b, 0);
  const facts = [
    ["Ledger position", health.position.toLocaleString()],
    ["Boards behind", health.lag ? `${health.lag.toLocaleString()} entries` : "nothing"],
    ["Parked contests", String(health.parked)],
    ["Open streams", String(health.streams)],
    ["Stored", bytes(stored)],
    ["Disk free", health.disk_free_bytes === null ? "elsewhere" : bytes(health.disk_free_bytes)],
    ["Running for", span(health.up_s * 1_000)],
    ["Program", health.program],
  ];
  reconcile($("facts"), facts, () => {
    const box = element("div");
    box.term = element("dt");
    box.value = element("dd");
    box.append(box.term, box.value);
    return box;
  }, (box, value) => setText(box.value, value));
  facts.forEach(([term], n) => setText($("facts").children[n].term, term));
}

function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = count < 1 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

/** Where somebody is needed: `[[words, address or ""], ...]`. */
function calls(health) {
  const found = Object.entries(health.trouble).map(([part, said]) => [`The ${part}: ${said}`, ""]);
  if (health.lag > LAG_ENTRIES) found.push([`Boards are ${health.lag.toLocaleString()} entries behind`, ""]);
  if (health.disk_free_bytes !== null && health.disk_free_bytes < DISK_LOW_BYTES) {
    found.push([`The disk is nearly full: ${bytes(health.disk_free_bytes)} left`, ""]);
  }
  for (const one of parked) {
    found.push([`${one.competition}: ${one.contest || "the competition"} waits, entry ${one.position} could not be used`, "/rulings"]);
  }
  for (const one of proposals) {
    const path = `/c/${encodeURIComponent(one.competition)}/corrections?${new URLSearchParams({proposal: one.position})}`;
    found.push([`${one.competition}: a correction waits for a second official, entry ${one.position}`, path]);
  }
  return found;
}

function showCalls(found) {
  delete $("calm").dataset.waiting;
  setText($("calm"), found.length ? "" : "Nothing. All is well.");
  $("calm").hidden = found.length > 0;
  reconcile($("calls"), found.map(([words, href]) => [words, href]), (words) => {
    const item = element("li");
    const href = found.find(([said]) => said === words)[1];
    const call = element(href ? "a" : "p", "", words);
    if (href) call.href = href;
    item.append(call);
    return item;
  }, () => {});
}

function showAddresses(addresses) {
  const open = addresses.filter((one) => !one.own);
  const shown = open.length ? open : addresses;
  const door = shown.find(({listener}) => listener === "private") ?? addresses.find(({listener}) => listener === "private");
  if (door) setText($("where"), `${door.url}/display/NAME`);
  const fresh = known && new Set(shown.map((one) => one.url).filter((url) => !known.has(url)));
  reconcile($("doors"), shown.map((one) => [one.url, one]), () => {
    const item = element("li");
    item.picture = element("img");
    item.words = element("span");
    item.link = element("a");
    item.mark = element("span", "new");
    item.append(item.picture, item.words, item.link, item.mark);
    return item;
  }, (item, one) => {
    const picture = `/api/v1/addresses/qr.svg?url=${encodeURIComponent(one.url)}`;
    if (item.picture.getAttribute("src") !== picture) item.picture.src = picture;
    item.picture.alt = `QR code of ${one.url}`;
    setText(item.words, `${one.listener}${one.tls ? ", secure" : ""}${one.own ? ", this machine alone" : ""}`);
    item.link.href = one.url;
    setText(item.link, one.url);
    if (fresh?.has(one.url)) setText(item.mark, "▲ new address");
  });
  known = new Set(shown.map((one) => one.url));
}

async function start() {
  const {role, competition} = await document.querySelector("who-am-i").known;
  if (competition || role === "device") {
    const words = competition ? `The desk is not for keys of one competition: this one is for ${competition}.` : "The desk is for officials.";
    for (const part of document.querySelectorAll(".column")) part.hidden = true;
    return setText($("calm"), words);
  }
  screens.changed = look;
  look();
  setInterval(() => (document.hidden ? showState() : look()), EVERY_MS);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}

$("calm").dataset.waiting = "yes";
start().catch((error) => setText($("calm"), wordsOf(error)));
