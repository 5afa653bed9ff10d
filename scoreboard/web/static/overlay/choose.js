/** The page on which somebody chooses an overlay, sees it, and copies its address into OBS. */

import {ask, under} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {asked} from "./stage.js";

const URL_OF_ALL = "/api/v1/competitions";
const USUAL = {show: "bug", corner: "tl", scale: "1", theme: "dark"};
const WITH = { // which options mean something for what is shown
  contest: ["bug", "contest", "lower"], entrant: ["lower"], line: ["lower"], group: ["standings"], corner: ["bug", "standings"],
};

const options = document.querySelector("#options");
const address = document.querySelector("#address");
const open = document.querySelector("#open");
const copied = document.querySelector("#copied");
const stage = document.querySelector("overlay-stage");
const behind = document.querySelector("#behind");
const fields = options.elements;

async function begin() {
  let all;
  try {
    all = await ask(URL_OF_ALL, {login: false});
  } catch (refused) {
    setText(copied, refused.message);
    setTimeout(begin, 5_000);
    return;
  }
  setText(copied, all.length ? "" : "There is no competition yet.");
  fill(fields.competition, all.map(({slug, name}) => [slug, name || slug]));
  const live = all.find(({status}) => status === "live");
  const wanted = new URLSearchParams(location.search).get("competition") ?? live?.slug;
  if (all.some(({slug}) => slug === wanted)) fields.competition.value = wanted;
  if (all.length) await choose();
}

/** Another competition: its contests, entrants and groups. */
async function choose() {
  const {contests = [], entrants = [], groups = []} = await ask(under(fields.competition.value), {login: false});
  fill(fields.contest, [["", "The live one, or the next"], ...contests.map(({id, name}) => [id, name || id])]);
  fill(fields.entrant, [["", "None: tell the contest"], ...entrants.map(({id, name}) => [id, name || id])]);
  fill(fields.group, [["", "The first"], ...groups.map(({id, name}) => [id, name || id])]);
  show();
}

function fill(select, items) {
  select.replaceChildren(...items.map(([value, text]) => {
    const option = element("option", "", text);
    option.value = value;
    return option;
  }));
}

function show() {
  const said = new FormData(options);
  const slug = said.get("competition");
  said.delete("competition");
  const shown = said.get("show").split(",");
  for (const [name, kinds] of Object.entries(WITH)) {
    const means = kinds.some((kind) => shown.includes(kind));
    fields[name].closest("label").hidden = !means;
    if (!means) said.delete(name);
  }
  const kept = [...said].filter(([name, value]) => value && USUAL[name] !== value);
  const query = new URLSearchParams(kept).toString().replaceAll("%2C", ",");
  const path = `/overlay/${encodeURIComponent(slug)}${query ? `?${query}` : ""}`;
  address.value = open.href = new URL(path, location.origin).href;
  stage.follow(slug, asked(new URLSearchParams([...said])));
}

/** Plain HTTP has no clipboard for scripts but the selection's. */
async function copy() {
  address.focus();
  address.select();
  let done = false;
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(address.value);
      done = true;
    } else done = document.execCommand("copy");
  } catch {
    // it is selected, at least
  }
  setText(copied, done ? "✓ Copied" : "Selected: press Ctrl+C");
}

options.addEventListener("submit", (event) => event.preventDefault());
options.addEventListener("input", ({target}) => {
  setText(copied, "");
  if (target === fields.competition) choose();
  else show();
});
behind.addEventListener("input", () => (document.querySelector(".picture").dataset.picture = behind.value));
document.querySelector("#copy").addEventListener("click", copy);
begin();
