/** A competition that has been, played again at speed; one at a time. */

import {ask} from "../shell/ask.js";
import {setText} from "../shell/dom.js";
import {wordsOf} from "./setup-words.js";

const PATH = "/api/v1/rehearsals";
const LOOK_EVERY_MS = 2_000;
const $ = (selector) => document.querySelector(selector);
let now = null;
let waiting;

/** Make the form ready; `competitions` is the list to choose from. */
export async function startRehearsing(competitions) {
  const slugs = competitions.filter(({slug}) => !slug.startsWith("rehearsal-"));
  $("#rehearsed").replaceChildren(...slugs.map((one) => new Option(one.name, one.slug)));
  await look();
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
  const refused = now?.refused ? `, ${now.refused} refused` : "";
  setText($("#playing"), now ? `${now.over ? "\u2713 all is said" : "\u25b6 under way"}: ${now.said} entries${refused}` : "");
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

$("#rehearse").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(() => ask(PATH, {method: "POST", body: {competition: $("#rehearsed").value, speed: Number($("#speed").value)}}));
});
$("#end").addEventListener("click", () => doing(() => ask(`${PATH}/${encodeURIComponent(now.slug)}`, {method: "DELETE"})));
