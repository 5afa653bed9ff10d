/** Which competition and which contest this device scores. */

import "../shell/who.js";
import {ask, under, wordsOf} from "../shell/ask.js";
import {planned} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {isGame, nameOf, statusOf} from "../board/document.js";
import {openStore} from "./store.js";

const FEW = 8;
const SHOWN_MAX = 60;
const LOOK_MS = 5_000; // who holds which position
const ORDER = ["live", "scheduled", "delayed", "finished", "abandoned"];
const JUDGED = ["lifting", "judged"];
const $ = (selector) => document.querySelector(selector);
let rows = [];
let claims = [];
let sport = "";

async function start() {
  const {competition: own} = await $("who-am-i").known; // what the key is for, if it is for one
  const competitions = (await ask("/api/v1/competitions")).filter((one) => (!own || one.slug === own) && !isGame(one));
  if (!competitions.length) return setText($("#notice"), "There is no competition yet whose contests could be scored.");
  reconcile($("#competition"), competitions.map((one) => [one.slug, one]), (slug) => new Option("", slug), (option, one) => {
    setText(option, one.name || one.slug);
  });
  const asked = new URLSearchParams(location.search).get("competition");
  if (competitions.some(({slug}) => slug === asked)) $("#competition").value = asked;
  $("#which").hidden = competitions.length < 2;
  $("#competition").addEventListener("change", () => load(competitions));
  $("#find").addEventListener("input", show);
  await load(competitions);
  setInterval(() => document.hidden || look(), LOOK_MS);
  const store = await openStore();
  const {unsent} = await store.of("", "");
  setText($("#device"), `This device: ${(await store.kept("name")) ?? store.device}${unsent ? ` · unsent: ${unsent}` : ""}`);
}

async function load(competitions) {
  const slug = $("#competition").value;
  sport = competitions.find((one) => one.slug === slug).sport;
  ({claims} = await ask(under(slug, "claims"))); // whoever may not score logs in first
  const {content} = await ask(under(slug, "boards", "contests"));
  const place = (row) => ORDER.indexOf(row.status) * 1e6 + (row.order ?? 0);
  $("#announcer").hidden = false;
  $("#announcer").href = `/c/${encodeURIComponent(slug)}/announcer`;
  rows = Object.entries(content.rows ?? {}).sort(([, a], [, b]) => place(a) - place(b));
  $("#search").hidden = rows.length <= FEW;
  setText($("#notice"), rows.length ? "" : "No contest is planned here yet.");
  show();
}

/** Who scores what now, for scorers and for officials. */
async function look() {
  const slug = $("#competition").value;
  const found = await ask(under(slug, "claims"), {login: false}).catch(() => null);
  if (!found || slug !== $("#competition").value) return;
  ({claims} = found);
  show();
}

function show() {
  const wanted = $("#search").hidden ? "" : $("#find").value.trim().toLowerCase();
  const words = ([id, row]) => [id, row.name, row.place, row.round, ...(row.entrants ?? []).map(({name}) => name)].join(" ").toLowerCase();
  const found = rows.filter((one) => words(one).includes(wanted)).slice(0, SHOWN_MAX);
  reconcile($("#contests"), found, create, (card, row) => {
    const id = card.contest;
    setText(card.name, nameOf(id, row));
    const begins = row.start && row.status !== "live" ? planned(new Date(row.start)) : "";
    setText(card.about, [statusOf(row), begins, row.round, row.place].filter(Boolean).join(" · "));
    const held = claims.filter(({contest}) => contest === id);
    setText(card.held, held.map(({position, name, device}) => `${position}: ${name || device}`).join(" · "));
    const address = [$("#competition").value, id].map(encodeURIComponent).join("/");
    card.pad.href = `/pad/${address}`;
    card.judge.href = `/judge/${address}`;
    card.judge.hidden = !JUDGED.includes(sport);
    card.judge.setAttribute("aria-label", `Judge ${card.name.textContent}`);
    card.pad.setAttribute("aria-label", `Score ${card.name.textContent}`);
  });
}

function create(id) {
  const card = element("li", "card");
  card.contest = id;
  card.name = card.appendChild(element("h2"));
  card.about = card.appendChild(element("p", "hint"));
  card.held = card.appendChild(element("p", "held"));
  const row = card.appendChild(element("p", "row"));
  card.pad = row.appendChild(element("a", "button primary", "Score"));
  card.judge = row.appendChild(element("a", "button", "Judge"));
  return card;
}

start().catch((error) => setText($("#notice"), wordsOf(error)));
