/**
 * One live connection for all pages that a browser has open here: one page leads and holds the line,
 * the others hear from it over a BroadcastChannel, which plain HTTP has, too.
 *
 *   alone ──nobody led, or who led is silent──▶ leading ──a newer term is heard──▶ following
 *     └──────── who leads answers ─────────────────────────────────────────────────────▲ │
 *                     leading ◀── farewell, or 4 s without a beat (closed, frozen, crashed) ┘
 *
 * Terms only grow, and the newest counts, so that two that lead at once are one within a beat. The
 * newest term is also in the browser's storage: a page that finds none there leads at once, without
 * asking. What is told goes out as the server said it; a page that comes, or missed something, says
 * which versions it holds, and gets whole boards where that is not the newest. A page unseen for a
 * minute gives back its place.
 *
 * Bounds: the server gives a line 50 boards and says so of more; a page that is not heard of for 15 s
 * is forgotten.
 */

import {PAGES} from "../shell/ask.js";
import {STALE_MS} from "../shell/connection.js";
import {isBefore} from "./document.js";
import {boards} from "./live-board.js";
import {Line} from "./line.js";

const TERM = "scoreboard.term";
const TICK_MS = 1_000;
const BEAT_MS = 2_000;
const SILENT_MS = 4_000; // who leads is taken for gone
const ANSWER_MS = 300; // how long one that leads may take to say so
const RENEW_MS = 5_000; // how often others say what they want
const FORGOTTEN_MS = 15_000;
const FAREWELL_MS = 150; // within which others take over
const SLEPT_MS = 10_000; // a tick this late means that the machine slept
const QUIET_MS = 20_000; // the server speaks every 15 s: past this, look again when we can
const HIDDEN_MS = 60_000; // a page unseen for this long gives its place back

/** Events: `state` (the line, or what is heard on it), `heartbeat` (`detail`: the server's time). */
class Shared extends EventTarget {
  constructor() {
    super();
    this.id = String(Math.random()).slice(2);
    this.others = new Map(); // leading: page: {keys, heardAt}
    this.term = 0;
    this.leader = null; // a page's id
    this.leaderOpened = false; // following: whether the leader's line is
    this.beatAt = 0; // leading: told; following: heard
    this.renewedAt = 0;
    this.heardAt = Date.now(); // from the server, by whomever
    this.tickedAt = Date.now();
    this.joined = false;
    this.started = false;
    this.line = new Line({
      held: (key) => boards.get(key)?.held,
      told: (event, key, data) => this.relay(event, key, data),
      changed: () => this.beat(),
    });
  }

  get leading() {
    return this.leader === this.id;
  }

  get opened() {
    return this.leading ? this.line.opened : this.leader !== null && this.leaderOpened;
  }

  /** Follow what the feeds of this page want, from now on. */
  start() {
    if (this.started) return this.renew();
    this.started = true;
    setInterval(() => this.tick(), TICK_MS);
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.changed());
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => event.persisted && this.join());
    document.addEventListener("visibilitychange", () => this.seen(!document.hidden));
    this.join();
    this.seen(!document.hidden);
  }

  /** A feed of this page has stopped. */
  less() {
    if (!this.leading) boards.drop(boards.wanted);
    this.renew();
  }

  // who leads -----------------------------------------------------------------------------------------

  join() {
    if (this.joined) return;
    this.joined = true;
    this.channel = globalThis.BroadcastChannel ? new BroadcastChannel(PAGES) : null;
    if (this.channel) this.channel.onmessage = ({data}) => this.hear(data);
    this.term = Math.max(this.term, remembered());
    if (!this.term || !this.channel) return this.lead();
    this.renew();
    this.leadUnlessLed(ANSWER_MS);
  }

  leave() {
    if (!this.joined) return;
    this.joined = false;
    clearTimeout(this.electionTimer);
    this.post({kind: "farewell"});
    this.channel?.close();
    this.channel = null;
    if (this.leading) remember(0);
    this.stepDown();
    this.leader = null;
    this.changed();
  }

  leadUnlessLed(waitMs) {
    clearTimeout(this.electionTimer);
    this.electionTimer = setTimeout(() => this.leader === null && this.joined && this.lead(), waitMs);
  }

  lead() {
    this.term = Math.max(this.term, remembered()) + 1;
    this.leader = this.id;
    remember(this.term);
    this.follow();
    this.line.open();
    this.beat();
  }

  stepDown() {
    this.line.close();
    this.others.clear();
    boards.drop(boards.wanted);
  }

  /** Leading: have the line follow what anyone wants. */
  follow() {
    const keys = new Set(boards.wanted.keys());
    for (const other of this.others.values()) for (const key of other.keys) keys.add(key);
    boards.drop(keys);
    for (const key of keys) boards.of(key);
    this.line.follow(keys);
  }

  /** Say what this page wants, to whoever leads. */
  renew() {
    this.renewedAt = Date.now();
    if (this.leading) return this.follow();
    const held = [...boards.wanted.keys()].map((key) => [key, boards.of(key).held]);
    this.post({kind: "want", held});
  }

  beat() {
    if (this.leading) {
      this.beatAt = Date.now();
      this.post({kind: "beat", opened: this.line.opened, quietMs: this.beatAt - this.heardAt});
    }
    this.changed();
  }

  tick() {
    const now = Date.now();
    const slept = now - this.tickedAt > SLEPT_MS;
    this.tickedAt = now;
    if (!this.joined) return;
    if (this.leading) {
      for (const [page, {heardAt}] of this.others) if (now - heardAt > FORGOTTEN_MS) this.others.delete(page);
      this.follow();
      if (now - this.beatAt >= BEAT_MS) this.beat();
    } else if (this.leader !== null && now - this.beatAt > SILENT_MS) {
      this.leader = null;
      this.leadUnlessLed(Math.random() * FAREWELL_MS);
    } else if (now - this.renewedAt > RENEW_MS) this.renew();
    const quiet = now - this.heardAt;
    if (!document.hidden && ((slept && quiet > QUIET_MS) || quiet > STALE_MS)) this.mend();
    this.changed();
  }

  /** The line looks open and is silent: make a new one, once each time that it stays so. */
  mend() {
    if (this.leading && this.line.opened) this.line.open();
  }

  again() {
    if (this.leading) this.line.open();
    this.changed();
  }

  seen(visible) {
    clearTimeout(this.hiddenTimer);
    if (!visible) this.hiddenTimer = setTimeout(() => this.leave(), HIDDEN_MS);
    else if (!this.joined) this.join();
    else if (Date.now() - this.heardAt > QUIET_MS) this.again();
  }

  // what is said between pages ------------------------------------------------------------------------

  post(message) {
    this.channel?.postMessage({...message, from: this.id, term: this.term});
  }

  hear(message) {
    const {kind, from, term} = message;
    if (kind === "anew") return this.anew();
    if (kind === "farewell") return this.gone(from);
    if (kind === "want") return this.leading && this.serve(message);
    if (message.to && message.to !== this.id) return;
    if (!this.accepts(from, term)) return;
    this.beatAt = Date.now();
    if (kind === "beat") {
      this.leaderOpened = message.opened;
      this.heardAt = Math.max(this.heardAt, Date.now() - message.quietMs);
      this.changed();
    } else this.take(message.event, message.key, message.data);
  }

  /** Whether a page leads us; it may be the first time that we hear of it. */
  accepts(from, term) {
    if (from === this.leader && term === this.term) return true;
    const newer = term > this.term || (term === this.term && (this.leader === null || from < this.leader));
    if (!newer) {
      if (this.leading) this.beat(); // so that it hears who leads
      return false;
    }
    if (this.leading) this.stepDown();
    this.leader = from;
    this.term = term;
    this.renew();
    return true;
  }

  gone(page) {
    this.others.delete(page);
    if (page !== this.leader) return;
    this.leader = null;
    this.leadUnlessLed(Math.random() * FAREWELL_MS);
    this.changed();
  }

  /** Leading: give another page what it wants, whole where it holds something else. */
  serve({from, held}) {
    this.others.set(from, {keys: held.map(([key]) => key), heardAt: Date.now()});
    this.follow();
    this.beat();
    for (const [key, version] of held) {
      const {shown} = boards.of(key);
      const behind = shown && version !== shown.version && !(version && isBefore(shown.version, version));
      if (behind) this.post({kind: "told", to: from, event: "snapshot", key, data: shown});
    }
  }

  /** Leading: what the server said, for all. */
  relay(event, key, data) {
    if (this.others.size) this.post({kind: "told", event, key, data});
    this.take(event, key, data);
  }

  take(event, key, data) {
    this.heardAt = Date.now();
    if (event === "heartbeat") this.dispatchEvent(new CustomEvent("heartbeat", {detail: data.now}));
    const board = boards.get(key);
    if (event === "snapshot") board?.snapshot(data);
    else if (event === "correction" && board) board.notice = data;
    else if (event === "error" && board) board.problem = data.status === 404 ? "There is no such board yet." : data.detail ?? data.title;
    else if (event === "patch" && board?.sure && !board.patch(data)) this.missed();
    this.changed();
  }

  /** A patch did not fit: ask for the whole board. */
  missed() {
    if (this.leading) this.line.again();
    else this.renew();
  }

  /** Who we are has changed: what is held may not be ours to see, or less than is. */
  anew() {
    for (const board of boards.all.values()) board.sure = false;
    if (this.leading) this.line.open();
  }

  changed() {
    this.dispatchEvent(new Event("state"));
  }
}

function remembered() {
  try {
    return Number(localStorage.getItem(TERM) ?? 0);
  } catch {
    return 0; // storage is forbidden: two may lead until they hear of each other
  }
}

function remember(term) {
  try {
    if (term) localStorage.setItem(TERM, String(term));
    else localStorage.removeItem(TERM);
  } catch {
    // as above
  }
}

export const shared = new Shared();
