/**
 * One connection on which boards of any competitions are followed: a WebSocket (`socket.js`), or, where
 * something on the way lets none through, server-sent events (`events.js`, fetched when it is needed).
 *
 *   socket ──never opened──▶ events ──never opened, or lost for long──▶ wait ──▶ socket
 *      └──lost──▶ wait ──▶ socket
 *
 * A board's key is the server's name of its channel: `cup/standings`. After a lost connection there is
 * another one, later each time that it does not help, and every board goes on from the version held.
 */

import {Socket} from "./socket.js";

export const RETRY_MS = [2_500, 2_500, 5_000, 10_000]; // spread, since a crowd comes back at once; then the last

export class Line {
  /** `held(key)`: the version to go on from; `told(event, key, data)`; `changed()`: opened or lost. */
  constructor({held, told, changed}) {
    Object.assign(this, {held, told, changed});
    this.way = null;
    this.wanted = new Set();
    this.failures = 0;
    this.retryTimer = 0;
  }

  get opened() {
    return this.way?.opened ?? false;
  }

  /** Follow these boards and no other. */
  follow(keys) {
    this.wanted = new Set(keys);
    this.way?.follow(this.wanted);
  }

  /** Throw the connection away and make a new one. */
  open() {
    this.go(Socket, (wasOpen) => (wasOpen ? this.again() : this.withoutSocket()));
  }

  /** Go on by server-sent events. */
  async withoutSocket() {
    const {way} = this;
    try {
      const {Events} = await import("./events.js");
      if (this.way === way) this.go(Events, () => this.again());
    } catch {
      if (this.way === way) this.again();
    }
  }

  /** `lost(wasOpen)`: it will not open any more. */
  go(Way, lost) {
    this.close();
    const mine = (act) => (...said) => this.way === way && act(...said);
    const way = new Way({
      held: this.held,
      told: mine((event, key, data) => this.hear(event, key, data)),
      changed: mine(() => this.changed()),
      lost: mine(lost),
    });
    this.way = way;
    way.follow(this.wanted);
  }

  close() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    const {way} = this;
    this.way = null;
    way?.close();
  }

  /** Connect anew after a while. */
  again() {
    if (this.retryTimer) return;
    this.close();
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.retryTimer = setTimeout(() => this.open(), wait * (0.4 + Math.random() * 1.2));
    this.changed();
  }

  hear(event, key, data) {
    if (key && event !== "error") this.failures = 0;
    this.told(event, key, data);
  }
}
