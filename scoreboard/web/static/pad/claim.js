/**
 * The position that this device holds at a contest, and whether it still does.
 *
 *   none ──claim──▶ mine ──another takes over──▶ lost ──take over──▶ mine
 *
 * Without the server nothing can be claimed or lost: a pad that held its position goes on.
 */

import {ask, Refused, under} from "../shell/ask.js";

const LOOK_MS = 3_000;

export class Claim extends EventTarget {
  /** `page`: where the device holds it, so that a pad and a judge's view hold one each. */
  constructor(store, page, competition, contest) {
    super();
    this.store = store;
    this.competition = competition;
    this.contest = contest;
    this.key = `position:${page}/${competition}/${contest}`;
    this.position = ""; // what this device holds, held, or would like to
    this.state = "none";
    this.holder = null; // who holds the position if it is another
    this.all = []; // all positions of the contest, as of the last answer
    this.name = "";
    this.barred = null; // why the server does not talk to this device, if it said so
    this.had = false; // whether this device has held the position
  }

  async start() {
    this.name = (await this.store.kept("name")) ?? "";
    this.position = (await this.store.kept(this.key)) ?? "";
    this.had = Boolean(this.position);
    if (this.had) this.to("mine"); // as far as this device knows
    await this.look();
    setInterval(() => document.hidden || this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  get path() {
    return under(this.competition, "claims");
  }

  /** Who holds what now. */
  async look() {
    try {
      const {claims} = await ask(`${this.path}?contest=${encodeURIComponent(this.contest)}`, {login: false});
      this.all = claims;
      this.barred = null;
    } catch (error) {
      this.barred = [401, 403].includes(error.status) ? error : null;
      return this.dispatchEvent(new Event("looked")); // what was known stays
    }
    const held = this.all.find(({position}) => position === this.position);
    if (!this.position) this.to("none");
    else if (held?.device === this.store.device) this.to("mine");
    else if (held) this.to("lost", held);
    else if (this.state === "mine" && !this.taking) await this.retake(); // an official gave it back
    else this.to("none");
  }

  async retake() {
    this.taking = true;
    await this.take(this.position).catch(() => {});
    this.taking = false;
  }

  /** Claim a position; from another if `over` is its claim. Throws Refused. */
  async take(position, over = null) {
    await this.look();
    const held = this.all.find((one) => one.position === position);
    if (held && held.device !== this.store.device && held.version !== over?.version) {
      this.position = position;
      return this.to("lost", held);
    }
    const wish = {
      contest: this.contest,
      position,
      device: this.store.device,
      name: this.name,
      takes: over?.version ?? 0,
    };
    try {
      await ask(this.path, {method: "POST", body: wish, login: false});
    } catch (error) {
      if (!(error instanceof Refused) || ![409, 412].includes(error.status)) throw error;
      this.position = position; // another came between
      return this.look();
    }
    this.had = true;
    this.position = position;
    await this.store.keep(this.key, position);
    this.to("mine");
    await this.look();
  }

  /** Give back what is held, unless it is `but`. */
  async give(but = "") {
    if (this.state !== "mine" || !this.position || this.position === but) return;
    const wish = {contest: this.contest, position: this.position, device: this.store.device};
    await ask(`${this.path}/releases`, {method: "POST", body: wish, login: false}).catch(() => {});
    this.position = "";
    this.had = false;
    await this.store.keep(this.key, "");
    this.to("none");
  }

  async call(name) {
    this.name = name;
    await this.store.keep("name", name);
  }

  to(state, holder = null) {
    const same = state === this.state && holder?.version === this.holder?.version;
    this.state = state;
    this.holder = holder;
    this.dispatchEvent(new Event(same ? "looked" : "claim"));
  }
}
