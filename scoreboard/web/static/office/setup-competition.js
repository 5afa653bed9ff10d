/** A competition's entrants, contests and rules, changed by hand; every part keeps to itself. */

import {wordsOf} from "../shell/ask.js";
import {setText} from "../shell/dom.js";
import "../shell/who.js";
import "./setup-contests.js";
import {Definition} from "./setup-definition.js";
import "./setup-entrants.js";
import "./setup-rules.js";

const $ = (selector) => document.querySelector(selector);
const slug = decodeURIComponent(location.pathname.split("/")[2]);
const definition = new Definition(slug);
const parts = [...document.querySelectorAll("setup-entrants, setup-contests, setup-rules")];

function show() {
  setText($("#title"), definition.now.name);
  document.title = `Set up ${definition.now.name} · Scoreboard`;
  for (const part of parts) part.show(definition);
}

/** Do one change: `words` is what is said when it is done. A refusal is thrown on. */
async function change(doing, words) {
  setText($("#notice"), "");
  setText($("#done"), "");
  try {
    await doing();
    setText($("#done"), `✓ ${words}`);
  } catch (error) {
    const stale = error.status === 412;
    setText($("#notice"), stale ? "Somebody else has changed it meanwhile. It was read again; look, and do it once more." : wordsOf(error));
    if (stale) await definition.load();
    else throw error;
  } finally {
    show();
  }
}

/** What was done is told until one goes on: it must not lie above what one does next. */
for (const going of ["pointerdown", "input"]) {
  document.querySelector("main").addEventListener(going, () => setText($("#done"), ""));
}

async function start() {
  $("#board").href = `/c/${encodeURIComponent(slug)}`;
  $("#rehearse").href = `/setup?rehearse=${encodeURIComponent(slug)}`;
  const head = document.querySelector("who-am-i");
  head.setAttribute("competition", slug);
  const who = await head.known;
  if (who.role !== "admin") return setText($("#notice"), "Only an admin's key can set up competitions.");
  for (const part of parts) part.change = change;
  await definition.load();
  show();
}

start().catch((error) => setText($("#notice"), wordsOf(error)));
