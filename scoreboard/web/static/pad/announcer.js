/**
 * For the announcer: who is on, who is next, what just changed in words, records and milestones, how
 * names are spoken. It asks for nothing: no click, no scrolling; the newest is on top and largest.
 */

import {planned} from "../shell/connection.js";
import "../shell/clock.js";
import {ask, under, wordsOf} from "../shell/ask.js";
import {serverTime} from "../shell/clock.js";
import {element, mark, reconcile, setText} from "../shell/dom.js";
import {contestsOf, figure, hasTimeline, isGame, playOf, sidesOf, statusOf, words, written} from "../board/document.js";
import {Feed} from "../board/feed.js";
import {changed, happened, leaders, led, outdone, told} from "./words.js";

const NEXT_MAX = 5;
const LEADERS_MAX = 5;
const NEWS_MAX = 7;
const FEATS_MAX = 6;
const CORRECTED_MAX = 3; // figures of one correction
const LIVE_MAX = 4; // whose happenings are followed
const LOOK_MS = 4_000;
const SEES_ALL = "▲ You see what officials see, also what is frozen for the public. To read aloud, log in with a device's key.";
const SIGNS = {record: "★ Record", best: "▲ Best", milestone: "◆ Milestone"};
const slug = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const $ = (selector) => document.querySelector(selector);
const time = new Intl.DateTimeFormat([], {hour: "2-digit", minute: "2-digit"});

class Announcer {
  constructor() {
    this.feed = null;
    this.names = new Map(); // entrants by id: {name, say}
    this.sport = "";
    this.before = {}; // boards as they were, by name
    this.told = new Map(); // happenings by contest, by record
    this.news = [];
    this.key = 0;
  }

  async start() {
    await ask(under(slug, "claims")); // whoever may not be here logs in first
    await this.define();
    const {role} = await ask("/api/v1/sessions/current");
    if (role !== "device") setText($("#notice"), SEES_ALL);
    if (isGame(this)) throw new Error("A game of predictions has nothing to announce: its leaderboard is on its page.");
    const {boards} = await ask(under(slug, "boards"));
    const tells = boards.some(({board}) => board === "milestones"); // of sports that measure anything
    this.feed = new Feed(under(slug), ["contests", "standings", ...(tells ? ["milestones"] : [])]);
    const {contests, standings, milestones} = this.feed.boards;
    milestones?.addEventListener("board", () => this.feats(milestones.shown.content));
    milestones?.addEventListener("corrected", ({detail}) => this.outdone(detail));
    contests.addEventListener("board", () => this.contests(contests.shown.content));
    standings.addEventListener("board", () => this.standings(standings.shown.content));
    for (const board of [contests, standings]) board.addEventListener("corrected", ({detail}) => this.corrected(detail, board.shown.content));
    for (const board of this.feed.all) board.addEventListener("board", () => this.state());
    this.feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
    this.feed.addEventListener("state", () => this.state());
    this.feed.start();
    setInterval(() => document.hidden || this.look(), LOOK_MS);
  }

  async define() {
    const {name, sport, entrants = []} = await ask(under(slug));
    this.sport = sport;
    this.names = new Map(entrants.map((one) => [one.id, one]));
    setText($("#name"), `${name} · announcer`);
    document.title = `${name} · Announcer`;
  }

  nameOf = (id) => this.names.get(id)?.name ?? id;

  state() {
    const newest = this.feed.all.map((board) => board.shown?.as_of).filter(Boolean).sort().at(-1);
    $("connection-state").show({state: this.feed.state, asOf: newest, quietMs: Date.now() - this.feed.heardAt});
  }

  contests(content) {
    const {live, next} = contestsOf(content);
    const rows = Object.values(content.rows ?? {});
    const final = rows.length > 0 && rows.every((row) => row.final);
    $("#final").hidden = false;
    setText($("#final"), final ? "✓ Final" : "◔ Not final");
    $("#nothing").hidden = live.length > 0;
    reconcile($("#now"), live, createContest, (card, row, isNew) => this.fill(card, row, isNew));
    reconcile($("#next"), next.slice(0, NEXT_MAX), createNext, (item, row) => {
      setText(item.when, [row.start && planned(new Date(row.start)), row.place, row.round].filter(Boolean).join(" · "));
      setText(item.names, (row.entrants ?? []).map(({id, name}) => name ?? id).join(" – ") || row.name);
      setText(item.say, this.spoken(row.entrants ?? []));
    });
    $("#no-next").hidden = next.length > 0;
    for (const text of changed(this.before.contests, content)) this.say(text);
    this.before.contests = content;
    if ([...live, ...next].some(([, row]) => row.entrants?.some(({id}) => !this.names.has(id) && !id.includes(":")))) this.define();
    this.look();
  }

  /** How the names of some are spoken, where anybody said so. */
  spoken(entrants) {
    return entrants.map(({id}) => this.names.get(id)?.say).filter(Boolean).join(" – ");
  }

  fill(card, row, isNew) {
    setText(card.about, [row.name, row.round, row.place, statusOf(row)].filter(Boolean).join(" · "));
    const {on, judged} = row.line ?? {};
    setText(card.platform, on
      ? `${this.nameOf(on.entrant)}: ${on.lift} ${on.attempt}, ${on.weight} kg`
      : judged ? `Before the judges: ${judged.map(this.nameOf).join(", ")}` : "");
    const sides = sidesOf("", row).filter(({id}) => id); // a field has but a name
    card.toggleAttribute("data-alone", !sides.length);
    reconcile(card.sides, sides.map((one) => [one.id, one]), createSide, (side, {id, name, score}) => {
      setText(side.called, name);
      setText(side.say, this.names.get(id)?.say ?? "");
      if (setText(side.score, score) && !isNew) mark(side.score);
    });
    setText(card.words, [playOf(row), row.line?.break_point ? "break point" : ""].filter(Boolean).join(" · "));
    card.clock.show(row.line?.clock);
  }

  standings(content) {
    const first = leaders(content, LEADERS_MAX);
    reconcile($("#leaders"), first.map((row) => [row.id, row]), createLeader, (item, row) => {
      setText(item.rank, String(row.rank));
      setText(item.called, row.name);
      setText(item.figure, written(row.figure, row.column, row.decimals));
      setText(item.unit, row.figure === "" ? "" : row.column.label ?? "");
    });
    for (const text of led(this.before.standings, content)) this.say(text);
    this.before.standings = content;
  }

  /** Records and milestones: all of them in a list, new ones among what just changed. */
  feats(content) {
    const known = told(content);
    $("#feats").hidden = false;
    $("#none").hidden = known.length > 0;
    reconcile($("#told"), known.slice(0, FEATS_MAX).map((one) => [one.key, one]), createFeat, (item, one) => {
      item.dataset.tone = one.kind;
      setText(item.sign, SIGNS[one.kind] ?? SIGNS.milestone);
      setText(item.words, one.text);
      setText(item.say, this.names.get(one.entrant)?.say ?? "");
    });
    if (this.before.milestones) {
      const old = this.before.milestones.rows ?? {};
      for (const {key, text, kind} of known.reverse()) if (old[key]?.text !== text) this.say(text, kind);
    }
    this.before.milestones = content;
  }

  outdone(notices) {
    for (const text of outdone(notices)) this.say(`Not so any more: ${text}`, "corrected");
  }

  /** Look at the timelines of what is live: not everything that is told moves the schedule. */
  async look() {
    if (!hasTimeline(this) || this.looking) return;
    this.looking = true;
    const {live} = contestsOf(this.before.contests ?? {});
    const ended = [...this.told.keys()].filter((id) => !live.some(([other]) => other === id));
    const followed = [...live.slice(0, LIVE_MAX).map(([id]) => id), ...ended];
    for (const id of followed) {
      try {
        const {content} = await ask(under(slug, "boards", `timeline:${id}`), {login: false});
        const known = this.told.get(id);
        for (const said of happened(known, content, this.nameOf)) this.say(said.text, said.tone, !known);
        this.told.set(id, content);
        if (ended.includes(id)) this.told.delete(id); // it was looked at once more
      } catch {
        break; // the next look will tell
      }
    }
    this.looking = false;
  }

  corrected(notices, content) {
    for (const {pointer, before, after} of notices.flatMap(({changes}) => telling(changes, content))) {
      const [, , id, ...path] = pointer.split("/");
      const row = content.rows?.[id];
      const key = path.at(-1) ?? "";
      const what = (content.columns?.find((column) => column.key === key)?.title ?? words(key)).toLowerCase();
      this.say(`Corrected: ${row?.name || id}: ${what} was ${said(before)}, is ${said(after)}`, "corrected");
    }
  }

  /** Put a sentence on top; `old`: it was so before this page was opened. */
  say(text, tone = "", old = false) {
    $("#no-news").hidden = true;
    this.news.unshift({key: this.key++, text, tone, at: old ? "" : time.format(serverTime.now())});
    this.news.length = Math.min(this.news.length, NEWS_MAX);
    reconcile($("#list"), this.news.map((one) => [one.key, one]), createNews, (item, one, isNew) => {
      item.dataset.tone = one.tone;
      setText(item.when, one.at);
      setText(item.words, one.text);
      if (isNew && !old) mark(item);
    });
  }
}

/** The changes of the main figure or of the score, if they are among them, else the first. */
function telling(changes, {columns = []}) {
  const main = columns.find((column) => column.main)?.key ?? "score";
  const found = changes.filter(({pointer}) => pointer.endsWith(`/${main}`));
  return found.length ? found.slice(0, CORRECTED_MAX) : changes.slice(0, 1);
}

function said(value) {
  if (value === undefined) return "none";
  return Array.isArray(value) ? value.map(figure).join("–") : typeof value === "object" ? "other" : figure(value);
}

function createContest() {
  const card = element("article", "contest");
  card.about = card.appendChild(element("p", "about"));
  card.platform = card.appendChild(element("p", "platform"));
  card.sides = card.appendChild(element("div"));
  const play = card.appendChild(element("p", "play"));
  card.words = play.appendChild(element("span"));
  card.clock = play.appendChild(element("running-clock"));
  return card;
}

function createSide() {
  const side = element("p", "who");
  const name = side.appendChild(element("span"));
  side.called = name.appendChild(element("span"));
  side.say = name.appendChild(element("span", "say"));
  side.score = side.appendChild(element("span", "score"));
  return side;
}

function createNext() {
  const item = element("li");
  item.when = item.appendChild(element("span", "when"));
  item.append(" ");
  item.names = item.appendChild(element("span"));
  item.say = item.appendChild(element("span", "say"));
  return item;
}

function createLeader() {
  const item = element("li");
  for (const part of ["rank", "called", "figure", "unit"]) item[part] = item.appendChild(element("span", part));
  return item;
}

function createNews() {
  const item = element("li");
  item.when = item.appendChild(element("span", "when"));
  item.words = item.appendChild(element("span"));
  return item;
}

function createFeat() {
  const item = element("li");
  item.sign = item.appendChild(element("span", "kind"));
  const text = item.appendChild(element("span"));
  item.words = text.appendChild(element("span"));
  item.say = text.appendChild(element("span", "say"));
  return item;
}

new Announcer().start().catch((error) => {
  setText($("#notice"), wordsOf(error));
  for (const column of document.querySelectorAll(".column")) column.hidden = true; // of which nothing is known
});
