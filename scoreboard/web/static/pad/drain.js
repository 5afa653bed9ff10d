/**
 * Sends what waits on the device, in order, whenever the server can be reached.
 *
 *   idle ──unsent──▶ sending ──all sent──▶ idle
 *                       ├──no answer──▶ waiting ──a while, or the network is back──▶ sending
 *                       └──401, 403──▶ login ──somebody logs in──▶ sending
 *
 * One tab sends for all: by a lock where there are locks (secure pages), else by a lease in the store.
 * Should two send all the same, the ledger takes each event once.
 */

import {ask, Refused, under} from "../shell/ask.js";
import {chance} from "./store.js";

const BATCH_EVENTS = 50;
const LEASE_MS = 20_000; // longer than a request lasts
const RETRY_MS = [1_000, 2_000, 5_000, 10_000]; // then the last
const LOGIN_MS = 30_000; // between looks whether somebody has logged in
const LOOK_MS = 3_000; // for what another tab has said and did not send
const TAB = "scoreboard-pad-tab";
/** Statuses that mean "later", for one event or for all. */
const LATER = (status) => status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
const NOT_YOU = (status) => status === 401 || status === 403;

export class Drain extends EventTarget {
  constructor(store) {
    super();
    this.store = store;
    this.state = "idle";
    this.problem = null; // of `waiting` and `login`: what the server said
    this.failures = 0;
    this.timer = 0;
    this.running = false;
    this.again = false;
    // A tab that is reloaded goes on with its own lease.
    this.tab = sessionStorage.getItem(TAB) ?? chance();
    sessionStorage.setItem(TAB, this.tab);
  }

  start() {
    addEventListener("online", () => this.kick());
    addEventListener("pageshow", () => this.kick());
    document.addEventListener("visibilitychange", () => document.hidden || this.kick());
    addEventListener("pagehide", () => this.store.lease(this.tab, 0));
    setInterval(() => this.state === "idle" && this.kick(), LOOK_MS);
    this.kick();
  }

  /** Send now; if it is being done already, look once more afterwards. */
  async kick() {
    clearTimeout(this.timer);
    this.again = this.running;
    if (this.running) return;
    this.running = true;
    try {
      await this.alone(() => this.all());
    } catch (error) {
      this.to("waiting", error);
    }
    this.running = false;
    if (this.again) this.kick();
    else if (this.state === "waiting" || this.state === "login") this.later();
  }

  /** Do it as the one tab that does. */
  async alone(work) {
    if (navigator.locks) return navigator.locks.request("scoreboard-pad", work);
    if (await this.store.lease(this.tab, LEASE_MS)) {
      await work();
      await this.store.lease(this.tab, 0);
    }
  }

  async all() {
    for (;;) {
      const waiting = await this.store.unsent(BATCH_EVENTS);
      if (!waiting.length) return this.to("idle");
      const [{competition}] = waiting;
      const batch = waiting.filter((item) => item.competition === competition);
      if (!navigator.locks) await this.store.lease(this.tab, LEASE_MS);
      if (this.state === "idle") this.to("sending");
      if (!(await this.send(competition, batch))) return;
    }
  }

  /** False if the rest has to wait. */
  async send(competition, batch) {
    const senttime = new Date().toISOString();
    let results;
    try {
      ({results} = await ask(under(competition, "events"), {
        method: "POST",
        body: batch.map(({event}) => ({...event, senttime})),
        login: false,
      }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (LATER(error.status) || NOT_YOU(error.status)) {
        this.to(NOT_YOU(error.status) ? "login" : "waiting", error);
        return false;
      }
      results = batch.map(() => ({status: error.status, problem: error.problem}));
    }
    this.failures = 0;
    const changes = results.map((result, i) => [batch[i].n, became(result)]);
    await this.store.settle(changes.filter(([, change]) => change));
    if (changes.every(([, change]) => change)) return true;
    this.to("waiting", new Refused(503, results.find(({status}) => LATER(status)).problem ?? {}));
    return false;
  }

  later() {
    const tried = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    const wait = this.state === "login" ? LOGIN_MS : tried;
    this.timer = setTimeout(() => this.kick(), wait * (0.75 + Math.random() / 2));
  }

  to(state, problem = null) {
    this.problem = problem;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** What an item becomes by its result; nothing if it is to be sent again. */
function became({status, position, record, version, problem}) {
  if (LATER(status)) return null;
  if (status < 300) return {state: "sent", position, record, version};
  return {state: "refused", problem: {status, ...problem}};
}
