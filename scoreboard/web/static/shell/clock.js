/**
 * Clocks that tick by themselves, by the server's time, so that every screen shows the same.
 *
 * A board says since when a clock runs and what had passed then; nothing is sent while it runs. The
 * server is asked for the time when a clock first runs, and again when this machine's clock jumped
 * (it was set, or the machine slept), when a heartbeat disagrees, and now and then. As long as it has
 * not answered, heartbeats tell the time, which is late by their way here.
 */

import {setText} from "./dom.js";

const URL_OF_TIME = "/api/v1/time";
const ANSWER_MS = 2_000; // how long a clock waits for the time
const SAMPLES = 4; // the one that was answered fastest counts
const AGAIN_MS = 10 * 60_000;
const PAUSE_MS = 5_000; // between two measurements, whatever asks for them
const JUMP_MS = 40; // wall clock against steady clock since the last measurement
const DOUBT_MS = 1_500; // a heartbeat is late by less

class ServerTime {
  constructor() {
    this.offset = 0; // milliseconds to be added to this machine's clock
    this.measuredAt = -Infinity; // by the steady clock
    this.jump = 0; // wall clock less steady clock, when last measured
    this.known = null; // settled by the first measurement, whether it came to anything
    this.measured = false;
  }

  now() {
    return Date.now() + this.offset;
  }

  /** Measure if there is reason to. */
  check() {
    const ago = performance.now() - this.measuredAt;
    const jumped = Math.abs(Date.now() - performance.now() - this.jump) > JUMP_MS;
    if (ago > AGAIN_MS || (jumped && ago > PAUSE_MS)) return this.measure();
    return this.known;
  }

  /** A heartbeat said what time it was when it was sent. */
  heard(now) {
    if (!this.measured) this.offset = Date.parse(now) - Date.now();
    const late = this.now() - Date.parse(now);
    const ago = performance.now() - this.measuredAt;
    if (this.known && Math.abs(late) > DOUBT_MS && ago > PAUSE_MS) this.measure();
  }

  measure() {
    this.measuredAt = performance.now();
    this.jump = Date.now() - this.measuredAt;
    const done = this.ask();
    return this.known ??= done;
  }

  async ask() {
    let best = Infinity;
    for (let n = 0; n < SAMPLES; n++) {
      const asked = performance.now();
      try {
        const answer = await fetch(URL_OF_TIME, {
          cache: "no-store",
          signal: AbortSignal.timeout(ANSWER_MS),
        });
        const took = performance.now() - asked;
        const wall = Date.now();
        const {now} = await answer.json();
        if (took >= best) continue;
        best = took;
        this.measured = true;
        this.offset = Date.parse(now) + took / 2 - wall;
      } catch {
        this.measuredAt = performance.now() - AGAIN_MS + PAUSE_MS; // what is known stays till then
        return;
      }
    }
  }
}

export const serverTime = new ServerTime();

/** Milliseconds that have passed on a clock of a board at a moment of the server's time. */
export function elapsedAt(clock, now) {
  const since = clock.running_since ? Date.parse(clock.running_since) : now;
  return clock.elapsed_ms + Math.max(0, now - since);
}

/** What a clock shows, and in how many milliseconds it will show something else. */
export function reading(clock, elapsed) {
  if (clock.direction !== "down") return {text: upText(clock, elapsed), next: 1000 - (elapsed % 1000)};
  const left = Math.max(0, clock.limit_ms - elapsed);
  const step = left < 60_000 ? 100 : 1000;
  const text = left < 60_000 ? `${Math.floor(left / 1000)}.${Math.floor(left / 100) % 10}` : minutes(left);
  return {text, next: left > 0 ? left % step + 1 : Infinity};
}

function upText({limit_ms: limit}, elapsed) {
  if (limit === undefined) return elapsed < 3_600_000 ? minutes(elapsed) : hours(elapsed);
  return elapsed < limit ? minutes(elapsed) : `${minutes(limit)} +${minutes(elapsed - limit)}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

function minutes(ms) {
  return `${Math.floor(ms / 60_000)}:${two(Math.floor(ms / 1000) % 60)}`;
}

function hours(ms) {
  return `${Math.floor(ms / 3_600_000)}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}`;
}

export class RunningClock extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "timer"); // which is not announced as it ticks
    if (this.clock) this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  /** Show a clock as a board carries it; nothing hides it. */
  async show(clock) {
    this.clock = clock;
    this.hidden = !clock;
    clearTimeout(this.timer);
    if (clock?.running_since) await serverTime.check();
    if (this.clock === clock) this.tick();
  }

  tick() {
    clearTimeout(this.timer);
    if (!this.clock) return;
    const running = Boolean(this.clock.running_since);
    const {text, next} = reading(this.clock, elapsedAt(this.clock, serverTime.now()));
    setText(this, text);
    this.title = this.clock.stopped ? "Stopped" : "";
    if (!running || next === Infinity || !this.isConnected) return;
    this.timer = setTimeout(() => {
      serverTime.check();
      this.tick();
    }, next);
  }
}

customElements.define("running-clock", RunningClock);
