/** The first page: every competition, live ones first. Asked for again every few seconds. */

import {STALE_MS} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {isGame} from "./document.js";

const URL_OF_ALL = "/api/v1/competitions";
const EVERY_MS = 10_000;
const TICK_MS = 1_000;
const ORDER = ["live", "scheduled", "finished"];
const STATUS = {live: "● Live", scheduled: "Scheduled", finished: "✓ Final"};

class CompetitionList extends HTMLElement {
  connectedCallback() {
    this.message = element("p", "message", "Waiting for the competitions…");
    this.cards = element("ul", "cards competitions");
    this.append(this.message, this.cards);
  }

  show(competitions) {
    const rank = (one) => (ORDER.indexOf(one.status) + ORDER.length) % ORDER.length;
    const sorted = competitions
      .filter((one) => one.slug)
      .sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
    setText(this.message, sorted.length ? "" : "There is no competition yet. One is made under Set up, at the private address.");
    this.message.hidden = sorted.length > 0;
    reconcile(this.cards, sorted.map((one) => [one.slug, one]), createCard, fillCard);
  }
}

function nameOf(competition) {
  return competition.name || competition.slug;
}

function createCard() {
  const card = element("li", "card");
  card.link = element("a");
  card.about = element("p", "about");
  card.rehearsal = element("strong", "badge not-real", "Rehearsal");
  card.status = element("span", "status");
  card.meta = element("span", "meta");
  card.about.append(card.rehearsal, card.status, card.meta);
  card.wall = element("a", "", "On a wall");
  const more = element("p", "links");
  more.append(card.wall);
  card.append(card.link, card.about, more);
  return card;
}

function fillCard(card, competition) {
  card.link.href = `/c/${encodeURIComponent(competition.slug)}`;
  card.wall.href = `${card.link.href}?fit=pages`;
  card.wall.setAttribute("aria-label", `${nameOf(competition)} on a wall`);
  setText(card.link, nameOf(competition));
  card.dataset.status = competition.status ?? "";
  card.rehearsal.hidden = !competition.rehearsal;
  setText(card.status, STATUS[competition.status] ?? "");
  setText(card.meta, [competition.title || competition.sport, competition.place, count(competition)].filter(Boolean).join(" · "));
}

function count({entrants = 0}) {
  return entrants ? `${entrants.toLocaleString()} ${entrants === 1 ? "entrant" : "entrants"}` : "";
}

customElements.define("competition-list", CompetitionList);

const list = document.querySelector("competition-list");
const connection = document.querySelector("connection-state");
let heardAt = 0; // when we last had an answer
let answered = null; // the same by the server's clock: this machine's may be wrong
let askedAt = 0;
let failing = false;

async function ask() {
  askedAt = Date.now();
  try {
    const answer = await fetch(URL_OF_ALL, {cache: "no-cache"});
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const found = await answer.json();
    heardAt = Date.now();
    answered = answer.headers.get("date");
    failing = false;
    list.show(found);
    wake(found);
  } catch {
    failing = true;
  }
  showState();
}

const WAKE_MAX = 12;
const woken = new Set();

/** Boards that nobody has asked for lately are not in the server's memory: then it cannot tell how far. */
function wake(competitions) {
  const waking = [];
  for (const {slug, sport, status} of competitions.slice(0, WAKE_MAX)) {
    if (status || woken.has(slug)) continue;
    woken.add(slug);
    const board = isGame({sport}) ? "leaderboard" : "standings";
    waking.push(fetch(`${URL_OF_ALL}/${encodeURIComponent(slug)}/boards/${board}?top=1`).catch(() => woken.delete(slug)));
  }
  if (waking.length) Promise.all(waking).then(ask);
}

function showState() {
  const quietMs = Date.now() - (heardAt || startedAt);
  const state = quietMs > STALE_MS ? "stale"
    : failing ? "reconnecting"
    : heardAt ? "live" : "connecting";
  const asOf = heardAt ? new Date(answered ?? heardAt).toISOString() : undefined;
  connection.show({state, asOf, quietMs, label: "Seen at"});
}

const startedAt = Date.now();
ask();
setInterval(() => {
  if (!document.hidden && Date.now() - askedAt > (failing ? EVERY_MS / 5 : EVERY_MS)) ask();
  else showState();
}, TICK_MS);
addEventListener("online", ask);
document.addEventListener("visibilitychange", () => document.hidden || ask());
