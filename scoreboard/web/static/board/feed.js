/**
 * Boards of a competition followed live, over the one connection of this browser (`shared.js`).
 *
 *   connecting ──snapshots──▶ live ──connection lost──▶ reconnecting ──40 s of silence──▶ stale
 *                              ▲                             │                              │
 *                              └────────── open, snapshots ──┴──────────────────────────────┘
 *
 * Events of the feed: `state` and `heartbeat` (`detail`: the server's time). Events of a board: `board`
 * and `corrected` (`live-board.js`).
 */

import {STALE_MS, shared} from "./shared.js";

export {STALE_MS};

export class Feed extends EventTarget {
  /** The boards of these names of the competition at `url`; `boards` has them by name. */
  constructor(url, names) {
    super();
    const slug = decodeURIComponent(url.split("/").at(-1));
    this.keys = names.map((name) => `${slug}/${name}`);
    this.boards = Object.fromEntries(names.map((name, n) => [name, shared.want(this.keys[n])]));
    this.all = Object.values(this.boards);
    this.state = "connecting";
    this.update = this.update.bind(this);
    this.beat = ({detail}) => this.dispatchEvent(new CustomEvent("heartbeat", {detail}));
  }

  /** Why there are no boards, in words. */
  get problem() {
    return this.all.find((board) => board.problem && !board.shown)?.problem ?? "";
  }

  get heardAt() {
    return shared.heardAt;
  }

  /** Follow the boards until `stop`, or for as long as the page lives. */
  start() {
    shared.addEventListener("state", this.update);
    shared.addEventListener("heartbeat", this.beat);
    shared.start();
    for (const board of this.all) if (board.shown) board.dispatchEvent(new Event("board"));
    this.update();
  }

  stop() {
    shared.removeEventListener("state", this.update);
    shared.removeEventListener("heartbeat", this.beat);
    shared.unwant(this.keys);
  }

  update() {
    const before = this.state;
    if (Date.now() - this.heardAt > STALE_MS) this.state = "stale";
    else if (this.all.some((board) => !board.shown)) this.state = "connecting";
    else this.state = shared.opened ? "live" : "reconnecting";
    if (this.state !== before || this.state !== "live") this.dispatchEvent(new Event("state"));
  }
}
