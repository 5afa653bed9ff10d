/**
 * Boards of a competition followed live, over the one connection of this browser (`shared.js`).
 *
 *   connecting ──snapshots──▶ live ──connection lost──▶ reconnecting ──40 s of silence──▶ stale
 *                              ▲                             │                              │
 *                              └────────── open, snapshots ──┴──────────────────────────────┘
 *
 * The boards are asked for as they stand while the line is fetched, which none needs to be drawn.
 *
 * Events of the feed: `state` and `heartbeat` (`detail`: the server's time). Events of a board: `board`
 * and `corrected` (`live-board.js`).
 */

import {STALE_MS} from "../shell/connection.js";
import {boards} from "./live-board.js";

const LINE_AGAIN_MS = 2_500;

export class Feed extends EventTarget {
  /** The boards of these names of the competition at `url`; `boards` has them by name. */
  constructor(url, names) {
    super();
    const slug = decodeURIComponent(url.split("/").at(-1));
    this.keys = names.map((name) => `${slug}/${name}`);
    this.boards = Object.fromEntries(names.map((name, n) => [name, boards.want(this.keys[n])]));
    this.all = Object.values(this.boards);
    this.shared = null; // not before it is fetched
    this.stopped = false;
    this.bornAt = Date.now();
    this.state = "connecting";
    this.update = this.update.bind(this);
    this.beat = ({detail}) => this.dispatchEvent(new CustomEvent("heartbeat", {detail}));
  }

  /** Why there are no boards, in words. */
  get problem() {
    return this.all.find((board) => board.problem && !board.shown)?.problem ?? "";
  }

  get heardAt() {
    return this.shared?.heardAt ?? this.bornAt;
  }

  /** Follow the boards until `stop`, or for as long as the page lives. */
  start() {
    for (const board of this.all) {
      if (board.shown) board.dispatchEvent(new Event("board"));
      else board.first().then(this.update);
    }
    this.connect();
    this.update();
  }

  async connect() {
    try {
      const [{shared}] = await Promise.all([import("./shared.js"), import("./line.js"), import("./socket.js")]); // what it imports, at once
      if (this.stopped) return;
      this.shared = shared;
      shared.addEventListener("state", this.update);
      shared.addEventListener("heartbeat", this.beat);
      shared.start();
      this.update();
    } catch {
      setTimeout(() => this.stopped || this.connect(), LINE_AGAIN_MS);
    }
  }

  stop() {
    this.stopped = true;
    for (const key of this.keys) boards.unwant(key);
    this.shared?.removeEventListener("state", this.update);
    this.shared?.removeEventListener("heartbeat", this.beat);
    this.shared?.less();
  }

  update() {
    const before = this.state;
    if (Date.now() - this.heardAt > STALE_MS) this.state = "stale";
    else if (this.all.some((board) => !board.shown)) this.state = "connecting";
    else this.state = this.shared?.opened ? "live" : "reconnecting";
    if (this.state !== before || this.state !== "live") this.dispatchEvent(new Event("state"));
  }
}
