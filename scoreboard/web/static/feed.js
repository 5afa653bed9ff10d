/**
 * Boards of a competition followed live, all over one connection: a browser opens six to a server for
 * all its pages.
 *
 *   connecting ──snapshots──▶ live ──connection lost──▶ reconnecting ──40 s of silence──▶ stale
 *                              ▲                             │                              │
 *                              └────────── open, snapshots ──┴──────────────────────────────┘
 *
 * The browser reconnects by itself after a lost connection. Everything else is mended here: a patch
 * that does not fit, an answer that is no stream, silence on a connection that looks open, a machine
 * that slept. Events of the feed: `state` and `heartbeat` (`detail`: the server's time). Events of a
 * board: `board` (there is newer content) and `corrected` (`detail`: notices of what this page has
 * shown wrong).
 *
 * A notice comes before the patch that it is of, and counts with it. After a snapshot in place of
 * patches the board's list is asked. What is shown is all that must be remembered: versions only grow,
 * so that a page showed something wrong if the version that it showed last, of those before it was
 * right, is one of the wrong ones.
 */

import {isBefore, merge, ofOneGeneration, showedWrong} from "./document.js";

export const STALE_MS = 40_000;
const TICK_MS = 1_000;
const SLEPT_MS = 10_000; // a tick this late means that the machine slept
const QUIET_MS = 20_000; // the server speaks every 15 s: past this, look again when we can
const RETRY_MS = [1_000, 2_000, 5_000, 10_000]; // after answers that were no stream; then the last
const HIDDEN_MS = 60_000; // a page unseen for this long gives its connection back

/** One board as the page holds it. */
export class Board extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.shown = null; // {version, as_of, status, content}
    this.notice = null; // of the patch that comes next
  }

  /** False if the patch does not begin at what is held. */
  patch({before, merge: changes, ...envelope}) {
    const {notice} = this;
    this.notice = null;
    if (this.shown?.version !== before) return false;
    this.take({...envelope, content: merge(this.shown.content, changes)});
    if (notice?.right_from === envelope.version) this.tell([notice], before);
    return true;
  }

  async snapshot(board) {
    const held = this.shown?.version;
    this.notice = null;
    this.take(board);
    if (!held || (ofOneGeneration(held, board.version) && !isBefore(held, board.version))) return;
    try {
      const answer = await fetch(`${this.url}/corrections`, {cache: "no-cache"});
      if (answer.ok) this.tell((await answer.json()).corrections.reverse(), held);
    } catch {
      // what is shown is right all the same
    }
  }

  take(board) {
    this.shown = board;
    this.dispatchEvent(new Event("board"));
  }

  /** Of these notices tell those of what was shown: `held` was the version before the newest. */
  tell(notices, held) {
    const mine = notices.filter((notice) => showedWrong(held, notice));
    if (mine.length) this.dispatchEvent(new CustomEvent("corrected", {detail: mine}));
  }
}

export class Feed extends EventTarget {
  /** The boards of these names of the competition at `url`; `boards` has them by name. */
  constructor(url, names) {
    super();
    const boards = names.map((name) => [name, new Board(`${url}/boards/${name}`)]);
    this.url = `${url}/stream?boards=${names.join(",")}`;
    this.boards = Object.fromEntries(boards);
    this.all = Object.values(this.boards);
    this.state = "connecting";
    this.problem = ""; // why there are no boards, in words
    this.heardAt = Date.now();
    this.source = null;
    this.failures = 0;
    this.retryTimer = 0;
    this.hiddenTimer = 0;
    this.tickedAt = Date.now();
  }

  /** Connect, and stay connected for as long as the page lives. */
  start() {
    this.connect();
    setInterval(() => this.tick(), TICK_MS);
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.update());
    addEventListener("pageshow", (event) => event.persisted && this.connect());
    document.addEventListener("visibilitychange", () => this.seen(!document.hidden));
  }

  /** Throw the connection away and make a new one; what was shown stays until it is known better. */
  connect() {
    this.disconnect();
    const source = this.source = new EventSource(this.url);
    const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)));
    source.addEventListener("open", () => this.heard());
    on("snapshot", (board) => {
      this.boards[board.board].snapshot(board);
      this.take();
    });
    on("correction", (notice) => (this.boards[notice.board].notice = notice));
    on("patch", (patch) => {
      if (this.boards[patch.board].patch(patch)) this.take();
      else this.again();
    });
    on("reset", () => this.heard());
    on("heartbeat", (beat) => this.beat(beat));
    source.addEventListener("bye", () => this.update());
    source.addEventListener("error", () => this.failed());
    this.update();
  }

  disconnect() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.source?.close();
    this.source = null;
    for (const board of this.all) board.notice = null;
  }

  beat({now}) {
    this.heard();
    this.dispatchEvent(new CustomEvent("heartbeat", {detail: now}));
  }

  heard() {
    this.heardAt = Date.now();
    this.update();
  }

  take() {
    this.problem = "";
    this.failures = 0;
    this.heard();
  }

  /** The browser gives up on an answer that is no stream: ask why, and try again ourselves. */
  async failed() {
    this.update();
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.again();
    try {
      const answer = await fetch(this.all[0].url, {cache: "no-store"});
      this.problem = answer.status === 404 ? "There is no such board yet." : "";
    } catch {
      this.problem = "";
    }
    this.update();
  }

  /** Connect anew, later each time that it does not help. */
  again() {
    if (this.retryTimer) return;
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.retryTimer = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
  }

  tick() {
    const now = Date.now();
    const slept = now - this.tickedAt > SLEPT_MS;
    this.tickedAt = now;
    if (document.hidden) return;
    const quiet = now - this.heardAt;
    const justStale = quiet > STALE_MS && this.state !== "stale";
    if ((slept && quiet > QUIET_MS) || (justStale && this.opened)) this.connect();
    else this.update();
  }

  seen(visible) {
    clearTimeout(this.hiddenTimer);
    if (!visible) this.hiddenTimer = setTimeout(() => this.disconnect(), HIDDEN_MS);
    else if (!this.source || Date.now() - this.heardAt > QUIET_MS) this.connect();
  }

  get opened() {
    return this.source?.readyState === EventSource.OPEN;
  }

  update() {
    const quiet = Date.now() - this.heardAt;
    const before = this.state;
    if (quiet > STALE_MS) this.state = "stale";
    else if (this.all.some((board) => !board.shown)) this.state = "connecting";
    else this.state = this.opened && !this.retryTimer ? "live" : "reconnecting";
    if (this.state !== before || this.state !== "live") this.dispatchEvent(new Event("state"));
  }
}
