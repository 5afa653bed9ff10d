/**
 * The scorer's pad of one contest, or a judge's view of it (`/judge/...`), which is a pad with other
 * buttons, fixed positions and the panel's lights. A press is written on the device, then seen and felt, then sent when
 * the network lets it, then seen on the board that comes back from the server.
 */

import "../shell/connection.js";
import "../shell/clock.js";
import "./actions.js";
import "./sheet.js";
import "./claiming.js";
import "./history.js";
import {ask, Refused, toLogin, under, wordsOf} from "../shell/ask.js";
import {serverTime} from "../shell/clock.js";
import {hasTimeline, nameOf} from "../board/document.js";
import {Feed} from "../board/feed.js";
import {element, mark, reconcile, setText} from "../shell/dom.js";
import {beatOften} from "./beat.js";
import {Claim} from "./claim.js";
import {Drain} from "./drain.js";
import {Hotkeys} from "./hotkeys.js";
import {corrections, inForce, lastPress} from "./said.js";
import {chance, openStore} from "./store.js";
import {judgingOf} from "./judges/index.js";
import {showPanel} from "./panel.js";
import {padOf} from "./sports/index.js";

const FELT_MS = 30;
const REFUSED_MS = [90, 60, 90];
const TICK_MS = 1_000;
const FIGURE_MAX = 4; // letters; longer ones stand below the name
const [, page, slug, contestId] = location.pathname.split("/").map(decodeURIComponent);
const $ = (selector) => document.querySelector(selector);

class Pad {
  constructor(store) {
    this.store = store;
    this.drain = new Drain(store);
    this.claim = new Claim(store, page, slug, contestId);
    this.feed = new Feed(under(slug).replace(/\/$/, ""), [`box:${contestId}`]);
    this.board = this.feed.all[0];
    this.counted = new Set(); // records that were on the timeline
    this.timeline = {}; // those that are, by record
    this.local = {}; // what a sport chose on this pad: who is meant, which hole
    this.own = {items: [], refused: [], unsent: 0};
    this.definition = null;
    this.sport = null;
  }

  async start() {
    this.definition = await this.define();
    this.sport = await (page === "judge" ? judgingOf : padOf)(this.definition.sport);
    new Hotkeys($("#pad"));
    $("pad-actions").addEventListener("act", ({detail}) => this.act(detail));
    $("pad-actions").addEventListener("local", () => this.show());
    $("#undo").addEventListener("click", () => this.undo());
    $("#login").addEventListener("click", toLogin);
    $("pad-history").of(this);
    $("pad-claim").of(this.claim, () => this.suggested(), this.fixed().length > 0);
    this.claim.addEventListener("claim", () => this.show());
    this.claim.addEventListener("looked", () => this.showSending());
    this.store.addEventListener("change", () => this.read());
    this.drain.addEventListener("state", () => this.showSending());
    this.board.addEventListener("board", () => this.show());
    this.feed.addEventListener("state", () => this.showConnection());
    this.feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
    for (const name of ["online", "offline"]) addEventListener(name, () => this.showSending());
    await this.read();
    await serverTime.check();
    this.feed.start();
    if (hasTimeline(this.definition)) this.followTimeline();
    this.drain.start();
    await this.claim.start();
    setInterval(() => this.tick(), TICK_MS);
    beatOften({source: this.store.device, competition: slug, contest: contestId, note: () => this.claim.name, unsent: () => this.own.unsent});
    keepAwake();
  }

  /** The competition's definition, or what was kept of it if the network is away. */
  async define() {
    const key = `contest:${slug}/${contestId}`;
    try {
      await ask(`${under(slug, "claims")}?contest=${encodeURIComponent(contestId)}`); // else to the login
      const {name, sport, params, contests, entrants} = await ask(under(slug));
      const contest = contests.find(({id}) => id === contestId);
      if (!contest) throw new Refused(404, {detail: `There is no contest ${contestId} in ${name}.`});
      const meet = contest.entrants?.length ? entrants.filter(({id}) => contest.entrants.includes(id)) : entrants;
      const {role} = await ask("/api/v1/sessions/current");
      const {types, structs} = await ask(under(slug, "payloads"));
      const kept = {name, sport, params: {...params, ...contest.params}, contest, entrants: meet, kinds: kindsOf(sport, types, structs), role};
      await this.store.keep(key, kept);
      return kept;
    } catch (error) {
      const kept = await this.store.kept(key);
      if (kept && error.status === 0) return kept;
      throw error;
    }
  }

  fixed() {
    return this.sport.fixed ?? this.sport.fixedOf?.(this.definition) ?? [];
  }

  suggested() {
    if (this.fixed().length) return this.fixed();
    const where = this.definition.contest.place || this.definition.contest.name;
    return (this.sport.positions ?? ["scorer", "second scorer"]).map((what) => (where ? `${where} ${what}` : what));
  }

  /** What a sport's module makes its buttons from. */
  view() {
    const content = this.board.shown?.content ?? {};
    const {entrants, params, contest, kinds} = this.definition;
    const named = new Map(entrants.map((one) => [one.id, one]));
    const met = (content.entrants ?? (contest.entrants ?? []).map((id) => ({id, name: id})))
      .map((one) => ({...one, ...named.get(one.id)}));
    return {
      contest,
      params: params ?? {},
      kinds,
      entrants: met.length ? met : entrants,
      content,
      line: content.line ?? {},
      box: content.box ?? {},
      said: inForce(this.own.items),
      now: serverTime.now(),
      local: this.local,
      position: this.claim.position,
      official: ["official", "admin"].includes(this.definition.role),
    };
  }

  async read() {
    this.own = await this.store.of(slug, contestId);
    this.show();
  }

  /** A button was pressed. */
  async act({action, button}) {
    const at = Date.now(); // the moment of the press, whatever is asked afterwards
    if (action.run) {
      action.run(this.local);
      return this.show();
    }
    const pressed = typeof action.data === "function" ? action.data() : action.data;
    const picked = action.steps?.length ? await $("pad-sheet").ask(action.label, action.steps) : {};
    if (picked === null) return;
    const data = {...pressed, ...picked};
    const effect = typeof action.effect === "function" ? action.effect(data) : action.effect;
    const made = action.make ? action.make(data) : [{type: action.type, data}];
    const press = chance();
    const time = new Date(at).toISOString();
    const item = (event) => ({competition: slug, contest: contestId, press, at, label: effect, event: {...event, time}});
    const items = made.flatMap((event) => (
      event.undo ? corrections([event.undo], "void", this.store.device, press) : [item(event)]
    ));
    if (await this.say(items)) {
      action.after?.(this.local, data);
      mark(button);
      this.show();
    }
  }

  /** Write what is said, let it be seen and felt, and send it. */
  async say(items) {
    try {
      await this.store.add(items);
    } catch (error) {
      this.echo("✕", `Not said: ${error.message}`, "bad");
      navigator.vibrate?.(REFUSED_MS);
      return false;
    }
    navigator.vibrate?.(FELT_MS);
    this.drain.kick();
    return true;
  }

  undo(press = lastPress(this.own.items)) {
    if (press.length) return this.say(corrections(press, "void", this.store.device, chance()));
  }

  putBack(items) {
    return this.say(corrections(items, "restore", this.store.device, chance()));
  }

  /** Follow what happened: what has counted and is not there any more was taken back. */
  followTimeline() {
    const feed = new Feed(under(slug), [`timeline:${contestId}`]);
    const [board] = feed.all;
    board.addEventListener("board", () => {
      this.timeline = board.shown.content.rows ?? {};
      for (const record of Object.keys(this.timeline)) this.counted.add(record);
      this.showEcho();
    });
    feed.start();
  }

  /** Whether what was said here counted once and does not any more, though nobody undid it here. */
  isTakenBack({of, record}) {
    return of === undefined && this.counted.has(record) && !(record in this.timeline);
  }

  // what is seen ----------------------------------------------------------------------------------

  tick() {
    if (this.sport.ticks && !document.hidden && !document.querySelector("dialog[open]")) this.showActions();
  }

  show() {
    const {contest, name} = this.definition;
    const {entrants, content} = this.view();
    const title = nameOf(contest.id, {...contest, name: content.name || contest.name, entrants});
    setText($("#contest"), title);
    setText($("#about"), [name, contest.round, contest.place].filter(Boolean).join(" · "));
    document.title = `${title} · Pad`;
    this.showActions();
    this.showTotals();
    if (this.sport.lights) showPanel($("#panel"), this.sport.lights(this.view()));
    this.showEcho();
    this.showSending();
    this.showConnection();
    $("pad-history").show(this.own);
  }

  showActions() {
    const view = this.view();
    const locked = this.claim.state !== "mine";
    setText($("#heading"), this.sport.heading?.(view) ?? "");
    $("pad-actions").show(this.sport.groups(view), view, locked);
    const last = lastPress(this.own.items);
    setText($("#undo .label"), last.length ? `Undo: ${last[0].label}` : "Nothing to undo");
    $("#undo").disabled = !last.length;
  }

  showTotals() {
    const totals = this.sport.totals(this.view());
    reconcile($("#totals"), totals.map((one) => [one.id, one]), createTotal, (row, one, isNew) => {
      setText(row.name, one.name);
      const first = isNew || row.board.textContent === "–";
      if (setText(row.board, one.board === "" ? "–" : String(one.board)) && !first) mark(row.board);
      row.board.toggleAttribute("data-long", row.board.textContent.length > FIGURE_MAX);
      setText(row.own, one.own === undefined ? "" : `this pad ${one.own}`);
    });
  }

  /** The last thing said, and how far it has come. */
  showEcho() {
    const last = this.own.items.at(-1);
    if (!last) return this.echo("", "Nothing said on this device yet.");
    const shownTo = Number(this.board.shown?.version.split("-")[1] ?? 0);
    const when = new Date(last.at).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit"});
    if (last.state === "refused") this.echo("✕", `Refused: ${last.label}`, "bad");
    else if (last.state === "unsent") this.echo("○", `${last.label} · ${when} · on this device, not sent yet`, "warn");
    else if (shownTo < last.position) this.echo("✓", `${last.label} · ${when} · in the ledger`);
    else if (this.isTakenBack(last)) this.echo("✕", `${last.label} · ${when} · taken back by an official`, "warn");
    else this.echo("✓", `${last.label} · ${when} · on the board`, "good");
  }

  echo(sign, text, tone = "") {
    $("#echo").dataset.tone = tone;
    setText($("#echo .sign"), sign);
    setText($("#echo .text"), text);
  }

  showSending() {
    const {unsent} = this.own;
    const {state, problem} = this.drain;
    const away = unsent > 0 && state === "waiting";
    const barred = state === "login" ? problem : this.claim.barred;
    const login = Boolean(barred);
    $("#unsent").dataset.state = unsent ? (state === "sending" ? "sending" : "waiting") : "sent";
    setText($("#unsent"), unsent ? `Unsent: ${unsent}` : "✓ All sent");
    $("#login").hidden = !login;
    const reloads = navigator.serviceWorker?.controller;
    const words = login
      ? `${barred.message} What you say is kept on this device; log in again to send it.`
      : away || !navigator.onLine
        ? `No connection: go on scoring, all is kept on this device. ${reloads ? "" : "Do not reload: this page cannot come back before the network does (what you said would still be here)."}`
        : "";
    setText($("#notice"), words);
    $("#notice").dataset.tone = words ? "warn" : "";
  }

  showConnection() {
    const quietMs = Date.now() - this.feed.heardAt;
    const state = navigator.onLine ? this.feed.state : "stale";
    $("connection-state").show({state, asOf: this.board.shown?.as_of, quietMs, label: this.board.shown?.frozen ? "❄ Frozen at" : "Board as of"});
  }
}

/** The payloads of a sport's events by type, as JSON Schema. */
function kindsOf(sport, types, structs) {
  const own = Object.entries(types).filter(([type]) => type.startsWith(`${sport}.`));
  return Object.fromEntries(own.map(([type, {payload}]) => [type, structs[payload.$ref?.split("/").at(-1)] ?? payload]));
}

function createTotal() {
  const row = element("p", "total");
  row.name = row.appendChild(element("span", "who"));
  row.board = row.appendChild(element("span", "figure"));
  row.own = row.appendChild(element("span", "own"));
  return row;
}

/** The screen stays on where the browser lets a page ask for it (secure pages). */
function keepAwake() {
  const ask = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}

try {
  await new Pad(await openStore()).start();
} catch (error) {
  setText($("#notice"), wordsOf(error));
  $("#notice").dataset.tone = "bad";
}
