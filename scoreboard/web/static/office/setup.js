/** A new competition: from a template, a copy or a file, without writing TOML. */

import {ask, under, wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import "../shell/who.js";
import {startRehearsing} from "./setup-rehearsal.js";
import {instantOf, slugOf} from "./setup-words.js";

const $ = (selector) => document.querySelector(selector);
const ALL = "/api/v1/competitions";
const state = {templates: [], competitions: [], file: null, slugTyped: false};

async function start() {
  const who = await document.querySelector("who-am-i").known;
  if (who.role !== "admin") {
    $("#go").disabled = true;
    return tell("Only an admin's key can set up competitions.");
  }
  const [templates, sports, competitions] = await Promise.all([ask("/api/v1/templates"), ask("/api/v1/sports"), ask(ALL)]);
  state.templates = templates;
  state.sports = sports;
  state.competitions = competitions;
  const titles = Object.fromEntries(sports.map(({name, title}) => [name, title]));
  const options = templates.map((one) => [one.name, `${titles[one.sport] ?? one.sport}: ${one.title}`]);
  const blank = sports.filter((one) => !one.apart).map((one) => [`blank ${one.name}`, `${one.title}: empty`]);
  $("#template").replaceChildren(...[...options, ...blank].sort((a, b) => a[1].localeCompare(b[1])).map(([value, text]) => new Option(text, value)));
  $("#template").value = options[0]?.[0] ?? blank[0][0];
  $("#copied").replaceChildren(...competitions.map((one) => new Option(one.name, one.slug)));
  const asked = new URLSearchParams(location.search).get("copy");
  if (competitions.some(({slug}) => slug === asked)) {
    $("#copied").value = asked;
    choose("copy");
  } else choose(way()); // that may have been chosen meanwhile
  await startRehearsing(competitions, sports);
  reconcile($("#competitions"), competitions.map((one) => [one.slug, one]), create, fill);
  setText($("#none"), competitions.length ? "" : "There is none yet. Make the first one above.");
}

function create(slug) {
  const card = element("li", "card competition");
  card.name = card.appendChild(element("h3"));
  card.about = card.appendChild(element("p", "hint"));
  const row = card.appendChild(element("p", "row"));
  card.change = row.appendChild(element("a", "button", "Change"));
  card.change.href = `/setup/${encodeURIComponent(slug)}`;
  card.copy = row.appendChild(element("a", "button", "Copy"));
  card.copy.href = `/setup?copy=${encodeURIComponent(slug)}`;
  return card;
}

function fill(card, one) {
  setText(card.name, one.name);
  const contests = Object.values(one.contests ?? {}).reduce((sum, count) => sum + count, 0);
  setText(card.about, [one.title, `${one.entrants ?? 0} entrants`, `${contests} contests`, one.place].filter(Boolean).join(" · "));
  card.change.setAttribute("aria-label", `Change ${one.name}`);
  card.copy.setAttribute("aria-label", `Copy ${one.name}`);
}

function way() {
  return document.querySelector("input[name=way]:checked").value;
}

function choose(wanted) {
  document.querySelector(`input[name=way][value=${wanted}]`).checked = true;
  for (const one of ["template", "copy", "file"]) $(`#from-${one}`).hidden = one !== wanted;
  $("#named").hidden = wanted === "file";
  $("#keeping").hidden = wanted === "file";
  $("#keep").checked = wanted === "copy";
  complain("");
  describe();
}

function describe() {
  const one = state.templates.find(({name}) => name === $("#template").value);
  setText($("#about"), one ? one.about : "No entrants and no contests yet; the sport's usual rules.");
  $("#keep").disabled = way() === "template" && !one;
}

for (const radio of document.querySelectorAll("input[name=way]")) radio.addEventListener("change", () => choose(radio.value));
$("#template").addEventListener("change", describe);
$("#name").addEventListener("input", () => {
  if (!state.slugTyped) $("#slug").value = slugOf($("#name").value);
  complain("");
});
$("#slug").addEventListener("input", () => {
  state.slugTyped = $("#slug").value !== "";
  complain("");
});
$("#file").addEventListener("change", async () => {
  const [file] = $("#file").files;
  if (!file) return;
  $("#text").value = await file.text();
  await check();
});
$("#text").addEventListener("input", () => {
  state.file = null;
  setText($("#checked"), "");
  $("#problems-in").hidden = true;
});
$("#check").addEventListener("click", () => check());

/** Ask what is wrong with the text; what was understood, or null. */
async function check() {
  const text = $("#text").value;
  const type = text.trimStart().startsWith("{") ? "application/json" : "application/toml";
  const {problems, competition} = await ask("/api/v1/definition-checks", {method: "POST", text, headers: {"Content-Type": type}});
  state.file = competition;
  $("#problems").replaceChildren(...problems.map((one) => {
    const row = element("tr");
    row.append(element("td", "", String(one.line)), element("td", "problem", [one.message, one.hint].filter(Boolean).join(": ")), element("td", "", one.pointer || "/"));
    return row;
  }));
  $("#problems-in").hidden = !problems.length;
  setText($("#checked"), problems.length ? `✗ ${problems.length} wrong` : `✓ ${competition.name}: ${competition.entrants?.length ?? 0} entrants, ${competition.contests?.length ?? 0} contests`);
  return competition;
}

/** The definition that is wanted, or null. */
async function wanted() {
  if (way() === "file") return (await check()) && state.file;
  let from;
  if (way() === "copy") from = await ask(under($("#copied").value));
  else {
    const chosen = $("#template").value;
    from = state.templates.find(({name}) => name === chosen)?.competition ?? {sport: chosen.replace("blank ", "")};
  }
  const made = {...from, name: $("#name").value.trim(), slug: $("#slug").value.trim()};
  delete made.rehearsal;
  delete made.place;
  delete made.start;
  if ($("#place").value.trim()) made.place = $("#place").value.trim();
  if ($("#start").value) made.start = instantOf($("#start").value);
  if (!$("#keep").checked || $("#keep").disabled) for (const part of ["entrants", "groups", "contests"]) delete made[part];
  // A copy begins anew: nobody has withdrawn from it, and no time is planned.
  made.entrants = made.entrants?.map(({withdrawn, replaced_by, ...entrant}) => entrant);
  made.contests = made.contests?.map(({status, start, ...contest}) => contest);
  return made;
}

$("#make").addEventListener("submit", async (event) => {
  event.preventDefault();
  complain("");
  if (way() !== "file" && !$("#name").value.trim()) return complain("Give it a name.", "#name");
  $("#go").disabled = true;
  try {
    const made = await wanted();
    if (!made) return complain("Mend what is wrong first.");
    if ((await ask(ALL)).some(({slug}) => slug === made.slug)) return complain(`There is a competition at ${made.slug} already. Choose another address.`, "#slug");
    await ask(ALL, {method: "POST", body: made});
    location.assign(`/setup/${encodeURIComponent(made.slug)}`);
  } catch (refused) {
    complain(wordsOf(refused), refused.pointer === "/slug" ? "#slug" : "");
  } finally {
    $("#go").disabled = false;
  }
});

function complain(text, field = "") {
  setText($("#wrong"), text);
  for (const one of ["#name", "#slug"]) $(one).toggleAttribute("aria-invalid", false);
  if (field) {
    $(field).setAttribute("aria-invalid", "true");
    $(field).focus();
  }
}

function tell(text) {
  $("#notice").hidden = false;
  setText($("#notice"), text);
}

start().catch((error) => tell(wordsOf(error)));
