/** The audit: what people did, the newest first, and who was refused. */

import {ask, under, wordsOf} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {element, setText} from "../shell/dom.js";
import "../shell/who.js";
import {inWords} from "./line.js";
import {table} from "./table.js";

const FILTERS = ["actor", "kind", "from", "until"];
const WORDS = {
  "access.key_created": "made a key",
  "access.key_revoked": "revoked a key",
  "access.logged_in": "logged in",
  "access.logged_out": "ended a session",
  "competition.defined": "defined the competition",
  "competition.proposed": "proposed corrections",
  "ledger.exported": "took entries out",
  "ledger.erased": "erased a payload",
};
const ACTIONS = {amend: "amended", void: "voided", restore: "restored"};
const $ = (selector) => document.querySelector(selector);
const people = new Set();
let acts = "/api/v1/audit"; // of all, or of the one competition that the key is for
let shown = [];
let next = null;

async function start() {
  const {competition} = await $("who-am-i").known;
  if (competition) {
    acts = `${under(competition)}/audit`;
    $("#kind [value=access]").remove(); // keys and logins are the installation's
  }
  const query = new URLSearchParams(location.search);
  for (const name of FILTERS) $(`#${name}`).value = query.get(name) ?? "";
  refused();
  await find();
}

async function refused() {
  const found = await ask(`${acts}/refused`);
  setText($("#refused-notice"), found.length ? "" : "Nobody was, since the server started.");
  const rows = found.map((one) => [
    localTime(Date.parse(one.last)),
    one.address,
    one.count > 1 ? `${one.count} times since ${localTime(Date.parse(one.first))}` : "once",
    one.reason,
    one.what,
  ]);
  $("#refused").replaceChildren(...(rows.length ? [table("Refused of late", ["Last", "From", "How often", "Why", "What was asked"], rows)] : []));
}

/** Ask for what the filters say; the address says it, too. */
async function find() {
  const chosen = FILTERS.map((name) => [name, $(`#${name}`).value.trim()]).filter(([, value]) => value);
  history.replaceState(null, "", chosen.length ? `?${new URLSearchParams(chosen)}` : location.pathname);
  [shown, next] = [[], null];
  await more(chosen);
}

async function more(chosen = FILTERS.map((name) => [name, $(`#${name}`).value.trim()]).filter(([, value]) => value)) {
  const asked = chosen.map(([name, value]) => [name, name === "from" || name === "until" ? new Date(value).toISOString() : value]);
  const query = new URLSearchParams(asked);
  if (next !== null) query.set("before", next);
  $("#older").disabled = true;
  try {
    const page = await ask(`${acts}?${query}`);
    shown = [...shown, ...page.entries];
    next = page.next ?? null;
    draw();
  } catch (refused) {
    setText($("#notice"), wordsOf(refused));
  }
  $("#older").disabled = false;
}

function draw() {
  const rows = shown.map((one) => [
    localTime(Date.parse(one.received)),
    one.actor,
    did(one),
    one.competition.startsWith("_") || one.type.startsWith("access.") ? "—" : where(one),
    [one.reason && `“${one.reason}”`, one.erased ? "erased" : inWords(said(one))].filter(Boolean).join(" · ").slice(0, 200) || "—",
  ]);
  $("#acts").replaceChildren(...(rows.length ? [table("Who did what", ["When", "Who", "Did", "Where", "Details"], rows)] : []));
  const further = next === null ? "" : " None among the newest entries; look at older ones.";
  setText($("#notice"), shown.length ? "" : `Nobody did anything like this.${further}`);
  $("#older").hidden = next === null;
  for (const {actor} of shown) {
    if (people.has(actor)) continue;
    people.add(actor);
    $("#actors").append(new Option("", actor));
  }
}

function did({type, action}) {
  if (type === "competition.proposed" && action !== "record") return `${action === "void" ? "declined" : "approved"} proposed corrections`;
  return WORDS[type] ?? (ACTIONS[action] ? `${ACTIONS[action]} ${type}` : type);
}

/** The competition and, of a record, the way to all that was said of it. */
function where({competition, contest, record}) {
  const link = element("a", "", [competition, contest].filter(Boolean).join(" · "));
  link.href = `/c/${encodeURIComponent(competition)}/log?${new URLSearchParams({record})}`;
  return link;
}

/** What is told of an act: ids are for programs, and what is proposed is on the page of corrections. */
function said({type, data}) {
  if (type === "competition.proposed") return null;
  if (!data || typeof data !== "object") return data;
  return Object.fromEntries(Object.entries(data).filter(([name, value]) => !["session", "key"].includes(name) && value !== null));
}

$("#filters").addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});
$("#filters").addEventListener("change", () => find());
$("#clear").addEventListener("click", () => {
  for (const name of FILTERS) $(`#${name}`).value = "";
  find();
});
$("#older").addEventListener("click", () => more());
start().catch((refused) => setText($("#notice"), refused.message));
