/**
 * What lies over a video: plates on a transparent stage of 1920 by 1080 units, which scales with its
 * width. What was shown last stays, whatever happens to the server; nothing is said of it unless asked.
 *
 *   show      bug, contest, lower, standings, or several with commas
 *   contest   a contest's id; without one the live one, else the next, else the last
 *   corner    tl, tr, bl, br: where the bug and the standings stand
 *   scale     0.5 to 3
 *   theme     dark, light
 *   entrant   of the lower third; without one it tells the contest
 *   line      the lower third's second line
 *   group     of the standings; rows: how many, 1 to 20, as far as there is room
 *   stale     sign: a small sign while nothing is heard
 */

import "../shell/clock.js";
import {contestsOf, figure, isGame, playOf, sidesOf, statusOf, words, written} from "../board/document.js";
import {Feed} from "../board/feed.js";
import {ask, under} from "../shell/ask.js";
import {serverTime} from "../shell/clock.js";
import {planned} from "../shell/connection.js";
import {element, mark, reconcile, setText} from "../shell/dom.js";
import {columnsOf, leadersOf, rowsThatFit, tableOf} from "./field.js";

export const SHOWN = ["bug", "contest", "lower", "standings"];
export const CORNERS = ["tl", "tr", "bl", "br"];
export const THEMES = ["dark", "light"];
const ROWS = 8;
const ROWS_MAX = 20;
const LEADERS = 3; // of a contest of more than two
const AGAIN_MS = 5_000;

/** What an address's parameters ask for; what they do not say, or say wrongly, is as usual. */
export function asked(parameters) {
  const of = (name) => parameters.get(name) ?? "";
  const one = (name, known) => (known.includes(of(name)) ? of(name) : known[0]);
  const within = (name, usual, least, most) => Math.min(Math.max(Number(of(name)) || usual, least), most);
  const show = of("show").split(",").filter((name) => SHOWN.includes(name));
  return {
    show: show.length ? show : ["bug"],
    corner: one("corner", CORNERS),
    theme: one("theme", THEMES),
    scale: within("scale", 1, 0.5, 3),
    rows: Math.round(within("rows", ROWS, 1, ROWS_MAX)),
    stale: of("stale") === "sign",
    contest: of("contest"), entrant: of("entrant"), line: of("line"), group: of("group"),
  };
}

export class OverlayStage extends HTMLElement {
  connectedCallback() {
    if (this.plates) return;
    this.plates = {
      bug: createMatch("bug"), contest: createMatch("contest"), lower: createLower(), standings: createTable(),
    };
    this.sign = element("p", "plate stale-sign", "▲ not live");
    this.sign.hidden = true;
    this.append(...Object.values(this.plates), this.sign);
    for (const plate of Object.values(this.plates)) plate.hidden = true;
  }

  disconnectedCallback() {
    this.feed?.stop();
    this.field?.stop();
    this.feed = this.field = null;
  }

  /** Show what is asked of a competition; see above. */
  follow(slug, options) {
    this.options = options;
    this.dataset.corner = options.corner;
    this.dataset.theme = options.theme;
    this.style.setProperty("--scale", options.scale);
    if (slug !== this.slug) this.begin(slug);
    this.draw();
  }

  begin(slug) {
    this.slug = slug;
    this.feed?.stop();
    this.lookAt(null);
    this.shorts = new Map();
    this.feed = null;
    this.define(slug);
  }

  /** Follow what ranks and who meets; a game of predictions has but a leaderboard. */
  listen(slug, ofGame) {
    this.isGame = ofGame;
    const feed = this.feed = new Feed(under(slug), ofGame ? ["leaderboard"] : ["standings", "contests"]);
    for (const board of feed.all) board.addEventListener("board", () => this.feed === feed && this.draw());
    feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
    feed.addEventListener("state", () => this.say());
    feed.start();
  }

  /** Follow the box of a contest whose own ranking says who leads in it; null: of none. */
  lookAt(id) {
    if (id === (this.ranked ?? null)) return;
    this.field?.stop();
    this.ranked = id;
    const field = this.field = id === null ? null : new Feed(under(this.slug), [`box:${id}`]);
    field?.all[0].addEventListener("board", () => this.field === field && this.draw());
    field?.start();
  }

  /** What is played, and short names, are in the definition alone. */
  async define(slug) {
    try {
      const defined = await ask(under(slug), {login: false});
      if (slug !== this.slug || !this.isConnected) return;
      this.shorts = new Map((defined.entrants ?? []).map(({id, short}) => [id, short]));
      if (!this.feed) this.listen(slug, isGame(defined));
      this.draw();
    } catch {
      setTimeout(() => slug === this.slug && this.isConnected && this.define(slug), AGAIN_MS);
    }
  }

  say() {
    this.sign.hidden = !this.options.stale || !this.feed || this.feed.state === "live" || !this.feed.all.some(({shown}) => shown);
  }

  draw() {
    if (!this.feed) return;
    const {show} = this.options;
    const [ranking, contests] = this.feed.all;
    const standings = ranking.shown?.content;
    const [id, row] = this.isGame ? gameOf(standings) : contestOf(contests.shown?.content, this.options.contest);
    const can = {bug: row, contest: row, lower: row || this.options.entrant, standings};
    for (const [name, plate] of Object.entries(this.plates)) plate.hidden = !show.includes(name) || !can[name];
    const pair = row && sidesOf(id, row).length === 2;
    this.lookAt(row && !pair && !this.isGame ? id : null);
    const box = this.isGame ? standings : this.field?.all[0].shown?.content;
    const leaders = box ? leadersOf(row, box, standings, LEADERS) : [];
    if (row) for (const name of ["bug", "contest"]) fillMatch(this.plates[name], id, row, leaders, name === "bug" ? this.shorts : new Map());
    if (can.lower) fillLower(this.plates.lower, this.options, row, leaders, standings);
    if (can.standings) fillTable(this.plates.standings, this.options, standings);
    this.say();
  }
}

/** The contest of this id; without one the one that matters now. */
function contestOf(content, wanted) {
  if (!content) return [];
  if (wanted) return [wanted, content.rows?.[wanted]];
  const {live, next, latest} = contestsOf(content);
  return live[0] ?? next[0] ?? latest[0] ?? [];
}

/** A game as a contest of its whole field. */
function gameOf(content) {
  return content ? ["", {name: content.title, status: "", entrants: []}] : [];
}

function createMatch(kind) {
  const plate = element("section", `plate match ${kind}`);
  plate.about = element("p", "about");
  plate.sides = element("div", "sides");
  plate.state = element("p", "state");
  plate.words = element("span", "words");
  plate.clock = element("running-clock");
  plate.state.append(plate.words, plate.clock);
  plate.append(plate.about, plate.sides, plate.state);
  return plate;
}

function fillMatch(plate, id, row, leaders, shorts) {
  const isOther = plate.contest !== id;
  plate.contest = id;
  const sides = sidesOf(id, row);
  const isPair = sides.length === 2;
  plate.dataset.sides = isPair ? "two" : "field";
  setText(plate.about, isPair && row.round ? row.round : row.name ?? row.round ?? "");
  const shown = isPair ? sides : leaders.map(({figure: score, ...one}) => ({...one, score, won: false}));
  plate.style.setProperty("--letters", Math.max(0, ...shown.map(({score}) => score.length))); // scores are as wide as each other
  reconcile(plate.sides, shown.map((one) => [one.id, one]), createSide, (side, {id: who, name, rank, note = "", score, won}, isNew) => {
    setText(side.rank, rank === undefined ? "" : String(rank));
    setText(side.name, shorts.get(who) || name);
    setText(side.note, note);
    side.classList.toggle("winner", won);
    const changed = setText(side.score, score);
    if (changed && !isNew && !isOther) mark(side.score);
  });
  const clock = row.status === "live" ? row.line?.clock : undefined;
  plate.clock.show(clock);
  setText(plate.words, (clock && playOf(row).split(" · ")[0]) || stateOf(row, 1));
}

function createSide() {
  const side = element("p", "side");
  for (const [part, name] of [["rank", "place"], ["name", "entrant"], ["note", "note"], ["score", "score"]]) side[part] = side.appendChild(element("span", name));
  return side;
}

/** How far it is; `most`: so much of the state of play. */
function stateOf(row, most = Infinity) {
  const soon = ["scheduled", "delayed"].includes(row.status) && row.start;
  if (soon) return planned(new Date(row.start));
  const play = row.line?.points ? playOf(row) : playOf(row).split(" · ").slice(0, most).join(" · "); // sets with their game
  return [statusOf(row), play].filter(Boolean).join(" · ");
}

function createLower() {
  const plate = element("section", "plate lower");
  plate.name = element("p", "who");
  plate.line = element("p", "line");
  plate.append(plate.name, plate.line);
  return plate;
}

function fillLower(plate, {entrant, line}, row, leaders, standings) {
  const found = entrant && standings?.rows?.[entrant];
  const inContest = row?.entrants?.find(({id}) => id === entrant);
  const name = entrant ? found?.name ?? inContest?.name ?? entrant : row.name ?? row.round ?? "";
  const about = entrant ? placeOf(standings, found) : [row.round, row.place, stateOf(row, 1), inFront(row, leaders)].filter(Boolean).join(" · ");
  setText(plate.name, name);
  setText(plate.line, line || about);
  plate.line.hidden = !(line || about);
}

/** `2–1`, or who leads: `1. A. Runner 33:08`. */
function inFront(row, [first]) {
  if (first) return `${first.rank}. ${[first.name, first.figure, first.note].filter(Boolean).join(" ")}`;
  const scores = sidesOf("", row).map(({score}) => score);
  return scores.length === 2 && scores.every(Boolean) ? scores.join("–") : "";
}

/** `Group A · Rank 2 · Points 6`. */
function placeOf(content, row) {
  if (!row) return "";
  const main = content.columns?.find((column) => column.main);
  return [
    content.groups?.[row.group]?.name,
    row.rank && !row.unplaced ? `Rank ${row.group_rank ?? row.rank}` : "",
    main && row.figures?.[main.key] !== undefined ? `${main.title ?? words(main.key)} ${written(row.figures[main.key], main)}` : "",
    row.figures?.status === "racing" ? row.figures.at : "",
  ].filter(Boolean).join(" · ");
}

function createTable() {
  const plate = element("section", "plate standings");
  plate.heading = element("p", "about");
  plate.table = element("table");
  plate.head = element("thead");
  plate.body = element("tbody");
  plate.table.append(plate.head, plate.body);
  plate.append(plate.heading, plate.table);
  return plate;
}

function fillTable(plate, options, content) {
  const shown = tableOf(content, options.group);
  const some = shown.rows.slice(0, rowsThatFit(options));
  const columns = columnsOf(content.columns ?? [], some);
  setText(plate.heading, shown.title ?? "");
  const heads = JSON.stringify(columns);
  if (plate.heads !== heads) {
    plate.heads = heads;
    const row = element("tr");
    row.append(element("th", "rank", ""), element("th", "name", ""), ...columns.map(({label, key}) => element("th", "figure", label ?? key)));
    plate.head.replaceChildren(row);
    plate.body.replaceChildren();
    plate.body.childByKey = undefined;
  }
  reconcile(plate.body, some.map(([id, ...item]) => [id, item]), () => createRow(columns), (row, [item, rank], isNew) => {
    setText(row.rank, item.unplaced ? "–" : figure(rank));
    setText(row.name, item.name ?? "");
    columns.forEach(({key}, n) => {
      if (setText(row.figures[n], written(item.figures?.[key], columns[n], columns[n].decimals)) && !isNew) mark(row.figures[n]);
    });
  });
}

function createRow(columns) {
  const row = element("tr");
  row.rank = element("td", "rank");
  row.name = element("th", "name");
  row.name.scope = "row";
  row.figures = columns.map(({main}) => element("td", main ? "figure main" : "figure"));
  row.append(row.rank, row.name, ...row.figures);
  return row;
}

customElements.define("overlay-stage", OverlayStage);
