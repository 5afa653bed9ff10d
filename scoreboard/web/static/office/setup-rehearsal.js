/** A competition played at speed before it is, or once more; one rehearsal at a time. */

import {ask, wordsOf} from "../shell/ask.js";
import {setText} from "../shell/dom.js";

const PATH = "/api/v1/rehearsals";
const LOOK_EVERY_MS = 2_000;
const $ = (selector) => document.querySelector(selector);
let known = [];
let able = new Set(); // sports that make events up
let now = null;
let waiting;

/** Make the form ready; `competitions` is the list to choose from, `sports` what theirs can do. */
export async function startRehearsing(competitions, sports) {
  const apart = new Set(sports.filter((one) => one.apart).map(({name}) => name));
  able = new Set(sports.filter((one) => one.simulates).map(({name}) => name));
  known = competitions.filter((one) => !one.rehearsal && !apart.has(one.sport));
  $("#rehearsed").replaceChildren(...known.map((one) => new Option(one.name, one.slug)));
  const asked = new URLSearchParams(location.search).get("rehearse");
  if (known.some(({slug}) => slug === asked)) {
    $("#rehearsed").value = asked;
    $("#rehearse").closest("section").scrollIntoView();
  }
  choose();
  await look();
}

/** Of what has not begun events are made up; of what has, those that were said are said again. */
function choose() {
  const one = known.find(({slug}) => slug === $("#rehearsed").value);
  const can = Boolean(one) && able.has(one.sport);
  $("#made-up").disabled = !can;
  $(can && !["live", "finished"].includes(one.status) ? "#made-up" : "#said-again").checked = true;
  setText($("#unable"), one && !can ? `${one.title} makes no events up: only what was said can be said again.` : "");
  describe();
}

function describe() {
  $("#seed").disabled = !$("#made-up").checked;
}

async function look() {
  clearTimeout(waiting);
  [now = null] = await ask(PATH);
  show();
  if (now && !now.over) waiting = setTimeout(() => look().catch(() => {}), LOOK_EVERY_MS);
}

function show() {
  $("#begin").disabled = Boolean(now) || !$("#rehearsed").options.length;
  $("#watch").hidden = $("#end").hidden = !now;
  if (now) $("#watch").href = `/c/${encodeURIComponent(now.slug)}`;
  setText($("#playing"), now ? told(now) : "");
}

function told({over, said, refused, displays, unplayed, elsewhere}) {
  if (elsewhere) return "\u25b6 under way, played by another process";
  return [
    `${over ? "\u2713 all is said" : "\u25b6 under way"}: ${said} entries`,
    refused ? `${refused} refused` : "",
    unplayed.length ? `not played, as nobody knows who meets: ${unplayed.join(", ")}` : "",
    displays.length ? `on the displays ${displays.join(", ")}` : "",
  ].filter(Boolean).join("; ");
}

async function doing(what) {
  setText($("#not-rehearsed"), "");
  try {
    await what();
    await look();
  } catch (error) {
    setText($("#not-rehearsed"), wordsOf(error));
  }
}

function wanted() {
  return {
    competition: $("#rehearsed").value,
    speed: Number($("#speed").value),
    events: $("#made-up").checked ? "made-up" : "said",
    seed: Number($("#seed").value) || 0,
    displays: $("#on-displays").checked,
  };
}

$("#rehearsed").addEventListener("change", choose);
for (const radio of document.querySelectorAll("input[name=events]")) radio.addEventListener("change", describe);
$("#rehearse").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(() => ask(PATH, {method: "POST", body: wanted()}));
});
$("#end").addEventListener("click", () => doing(() => ask(`${PATH}/${encodeURIComponent(now.slug)}`, {method: "DELETE"})));
