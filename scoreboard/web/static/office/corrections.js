/**
 * Corrections: find a record, see what became of it, say what is right, look at every board, sign.
 *
 *   /c/SLUG/corrections?record=RECORD
 */

import "../shell/who.js";
import "./finder.js";
import "./proposals.js";
import "./signing.js";
import "./versions.js";
import {ask, wordsOf} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {Hotkeys} from "../pad/hotkeys.js";
import {ACTS, Office} from "./competition.js";
import {Draft} from "./draft.js";

const PROPOSALS_EVERY_MS = 10_000;
const slug = decodeURIComponent(location.pathname.split("/")[2]);
const office = new Office(slug);
const finder = document.querySelector("record-finder");
const record = document.querySelector("record-versions");
const signing = document.querySelector("signing-desk");
const proposals = document.querySelector("waiting-proposals");
const who = document.querySelector("who-am-i");
who.setAttribute("competition", slug);
const done = document.querySelector("#done");
const message = document.querySelector("#message");
let shown = "";

async function show(name, {remember = true} = {}) {
  shown = name;
  finder.mark(name);
  try {
    const found = await ask(`${office.api}/records/${name.split("/").map(encodeURIComponent).join("/")}`);
    if (shown !== name) return;
    record.show(office, found);
    record.hidden = false;
    setText(message, "");
  } catch (refused) {
    record.hidden = true;
    setText(message, wordsOf(refused));
  }
  if (remember) history.replaceState(null, "", `?record=${encodeURIComponent(name)}`);
}

/** Say what was signed, and how it is undone, beside it. */
function tellSigned({made, undo, corrections}) {
  const all = undo ? `undo ${undo}` : corrections.map(({action, words}) => `${action} ${words}`).join(", ");
  if (made.state) return tell(`Proposed: ${all}. A second official has to approve it.`);
  const said = undo ? `Undone: ${undo}.` : `Signed: ${all}.`;
  const positions = made.corrections.map(({position}) => position);
  done.replaceChildren(element("p", "", `✓ ${said}`));
  if (positions.length) {
    const effect = undo ? `undoing of ${undo}` : corrections.map(({action, words}) => `${ACTS[action]} of ${words}`).join(", ");
    const back = element("button", "undo", `Undo: ${effect}`);
    back.type = "button";
    back.dataset.hotkey = "u";
    back.append(element("kbd", "", "U"));
    back.addEventListener("click", () => write(positions, effect));
    done.append(back);
  }
  told();
}

/** Say what was done, where nothing is to be undone. */
function tell(words) {
  done.replaceChildren(element("p", "", `✓ ${words}`));
  told();
}

function told() {
  done.hidden = false;
  finder.look();
  lookAtProposals();
  if (shown) show(shown);
}

async function lookAtProposals() {
  try {
    await proposals.look();
  } catch (refused) {
    setText(message, wordsOf(refused));
  }
}

function write(positions, words) {
  done.hidden = true;
  draft.write({corrections: [], undo: {positions, words, over: false}, reason: draft.reason || "Taken back"});
  signing.look.focus();
}

const draft = await begin();

async function begin() {
  try {
    await office.load();
  } catch (refused) {
    setText(message, wordsOf(refused));
    throw refused;
  }
  const made = new Draft(office);
  setText(document.querySelector("#of"), office.definition.name);
  document.title = `Corrections · ${office.definition.name} · Scoreboard`;
  signing.start(office, made);
  made.addEventListener("draft", () => made.trouble?.stale && shown && show(shown, {remember: false}));
  return made;
}

record.addEventListener("act", ({detail: {act, ...what}}) => {
  done.hidden = true;
  draft.add({action: act, ...what});
  const field = act === "amend" && signing.querySelector("li:last-child payload-fields input, li:last-child payload-fields select");
  (field || signing.reason.input).focus();
});
record.addEventListener("undo", ({detail}) => write(detail.positions, detail.words));
signing.addEventListener("signed", ({detail}) => tellSigned(detail));
proposals.addEventListener("decided", ({detail}) => tell(detail));
new Hotkeys(document.querySelector("main"));
const query = new URLSearchParams(location.search);
const wanted = query.get("record");
await finder.start(office, (name) => show(name));
if (wanted) await show(wanted, {remember: false});
const me = await who.known;
await proposals.start(office, `${me.role}:${me.name}`);
if (query.has("proposal")) proposals.choose(query.get("proposal"));
setInterval(() => document.hidden || lookAtProposals(), PROPOSALS_EVERY_MS);
