/**
 * The entries of a log as the page holds them: the newest ones first, followed live, older ones on
 * demand. While it is held they wait, so many; past it the newest page is read anew when let go.
 *
 * Events: `changed` (other entries are shown), `waiting` (more or fewer wait), `state`, `failed`
 * (`detail`: what the server refused).
 */

import {ask} from "../shell/ask.js";

const PAGE = 100;
const SHOWN_MAX = 600;
const WAITING_MAX = 300;
const STALE_MS = 40_000; // the server speaks every 15 s
const TICK_MS = 1_000;
const AGAIN_MS = 3_000;

export class Entries extends EventTarget {
  /** The log at `url`; `query`: the filters. */
  constructor(url, query) {
    super();
    this.url = url;
    this.query = query;
    this.shown = [];
    this.waiting = [];
    this.missed = false; // more came than was told, or than is kept waiting
    this.held = false;
    this.next = null;
    this.state = "connecting";
    this.heardAt = Date.now();
    this.asOf = "";
  }

  async start() {
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    await this.load();
  }

  stop() {
    clearInterval(this.ticking);
    clearTimeout(this.timer);
    this.source?.close();
    this.stopped = true;
  }

  /** Read the newest page, and follow what comes after it. */
  async load() {
    let page;
    try {
      page = await this.page({});
    } catch (refused) {
      this.fail(refused);
      return;
    }
    if (this.stopped) return;
    [this.shown, this.waiting, this.missed] = [page.entries, [], false];
    this.next = page.next ?? null;
    this.tell("changed");
    this.tell("waiting");
    this.follow(this.shown[0]?.position ?? this.next ?? 0);
  }

  /** Append a page of older entries; where few are found, what was looked through is passed over. */
  async older() {
    const page = await this.page({before: this.next});
    this.shown = [...this.shown, ...page.entries];
    this.next = page.next ?? null;
    this.tell("changed");
  }

  page(more) {
    const query = new URLSearchParams({...this.query, limit: PAGE, ...more});
    return ask(`${this.url}?${query}`);
  }

  follow(after) {
    this.source?.close();
    const source = this.source = new EventSource(`${this.url}/stream?${new URLSearchParams({...this.query, after})}`);
    const on = (name, take) => source.addEventListener(name, (event) => {
      this.heard();
      take(JSON.parse(event.data));
    });
    source.addEventListener("open", () => this.heard());
    on("entries", ({entries}) => this.take(entries));
    on("more", () => this.miss());
    on("heartbeat", ({now}) => (this.asOf = now));
    on("bye", () => this.again());
    source.addEventListener("error", () => {
      this.update();
      if (source.readyState === EventSource.CLOSED) this.again();
    });
    this.update();
  }

  /** An answer that was no stream: read anew, which also tells why. */
  again() {
    this.source?.close();
    this.update();
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => (this.held ? this.follow(this.newest()) : this.load()), AGAIN_MS);
  }

  newest() {
    return this.waiting[0]?.position ?? this.shown[0]?.position ?? 0;
  }

  take(entries) {
    const newest = this.newest();
    const fresh = entries.filter(({position}) => position > newest).reverse();
    if (!fresh.length) return;
    this.asOf = fresh[0].received;
    this.waiting = [...fresh, ...this.waiting];
    if (this.waiting.length > WAITING_MAX) {
      this.waiting.length = WAITING_MAX;
      this.missed = true;
    }
    this.tell("waiting");
    if (!this.held) this.show();
  }

  miss() {
    this.missed = true;
    this.tell("waiting");
    if (!this.held) this.show();
  }

  /** Hold back what comes, or let it go. */
  hold(held) {
    this.held = held;
    if (!held) this.show();
  }

  show() {
    if (this.missed) {
      this.load();
      return;
    }
    if (!this.waiting.length) return;
    this.shown = [...this.waiting, ...this.shown];
    this.waiting = [];
    if (this.shown.length > SHOWN_MAX) {
      this.shown.length = SHOWN_MAX;
      this.next = this.shown.at(-1).position;
    }
    this.tell("changed");
    this.tell("waiting");
  }

  heard() {
    this.heardAt = Date.now();
    this.update();
  }

  tick() {
    const quiet = Date.now() - this.heardAt;
    if (quiet > STALE_MS && this.state !== "stale" && !document.hidden) this.again();
    this.update();
  }

  update() {
    const before = this.state;
    const open = this.source?.readyState === EventSource.OPEN;
    if (Date.now() - this.heardAt > STALE_MS) this.state = "stale";
    else if (open) this.state = "live";
    else if (this.state !== "connecting") this.state = "reconnecting";
    if (this.state !== before || this.state !== "live") this.tell("state");
  }

  fail(refused) {
    this.dispatchEvent(new CustomEvent("failed", {detail: refused}));
    if (refused.status === 0 || refused.status >= 500) this.again();
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
