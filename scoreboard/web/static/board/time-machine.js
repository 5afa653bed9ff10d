/**
 * Boards as they stood: a slider over the moments of the competition, with corrections marked on it.
 *
 * A stop is a position of the ledger; boards are read with `?at=` there, one stop at a time, the newest
 * wanted one next, and a few are kept. The live feed goes on behind it: Escape is live at once.
 */

import {ask} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {element, setText} from "../shell/dom.js";

const KEPT_MAX = 60;
const SPEEDS = [1, 5, 15, 60];
const STEP_MS = [80, 1_500]; // a step of playing takes no less and no more, however long nothing happened
const SVG = "http://www.w3.org/2000/svg";

class TimeMachine extends HTMLElement {
  /** Look back on the boards of `following`, which are those of the competition at `api`. */
  connect(following, api, button) {
    Object.assign(this, {following, api, button, stops: [], at: 0, kept: new Map()});
    this.hidden = true;
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Time machine");
    this.stood = element("p", "stood");
    this.stood.setAttribute("role", "status");
    this.range = element("input");
    this.range.type = "range";
    this.range.min = 0;
    this.range.setAttribute("aria-label", "Moment");
    this.range.addEventListener("input", () => {
      this.pause();
      this.seek(Number(this.range.value));
    });
    this.marks = document.createElementNS(SVG, "svg");
    this.marks.setAttribute("aria-hidden", "true");
    this.marks.setAttribute("preserveAspectRatio", "none");
    const track = element("div", "track");
    track.append(this.range, this.marks);
    this.append(this.stood, track, this.controls());
    button.addEventListener("click", () => (this.hidden ? this.open() : this.live()));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.hidden) this.live();
    });
    const asked = new URLSearchParams(location.search).get("at");
    if (asked) this.open(asked);
  }

  controls() {
    const row = element("div", "row");
    const make = (text, press, key) => {
      const made = element("button", "", text);
      made.type = "button";
      if (key) made.append(" ", element("kbd", "", key));
      made.addEventListener("click", press);
      row.append(made);
      return made;
    };
    make("⚑ Earlier correction", () => this.toCorrection(-1));
    this.button_ = make("▶ Play", () => (this.timer ? this.pause() : this.play()));
    make("Later correction ⚑", () => this.toCorrection(1));
    this.speed = element("select");
    for (const speed of SPEEDS) {
      const option = element("option", "", `${speed}×`);
      option.value = speed;
      this.speed.append(option);
    }
    const label = element("label", "", "Speed ");
    label.append(this.speed);
    row.append(label);
    make("● Live", () => this.live(), "Esc").className = "primary";
    this.noted = element("span", "hint");
    row.append(this.noted);
    return row;
  }

  async open(asked) {
    this.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    setText(this.stood, "Asking for the moments…");
    try {
      const {moments} = await ask(`${this.api}/moments`, {login: false});
      this.stops = moments.map(({position, at}) => ({position, ms: Date.parse(at)}));
      await this.markCorrections();
    } catch (refused) {
      setText(this.stood, refused.message);
      return;
    }
    this.range.max = this.stops.length - 1;
    this.range.focus();
    const found = asked ? this.stops.findLastIndex(({position, ms}) => (/^\d+$/.test(asked) ? position <= Number(asked) : ms <= Date.parse(asked))) : -1;
    this.seek(found < 0 ? this.stops.length - 1 : found);
  }

  /** Put where boards were corrected among the stops, and on the track. */
  async markCorrections() {
    const lists = await Promise.all(Object.values(this.following.feed.boards).map(({url}) => ask(`${url}/corrections`, {login: false})));
    const known = new Map(this.stops.map((stop) => [stop.position, stop]));
    const [first, last] = [this.stops[0].position, this.stops.at(-1).position];
    for (const {corrections} of lists) {
      for (const {right_from: from, as_of: asOf} of corrections) {
        const position = Number(from.split("-")[1]);
        if (position < first || position > last) continue; // the public is shown no mark behind a cut-off
        if (!known.has(position)) known.set(position, {position, ms: Date.parse(asOf)});
        known.get(position).corrected = true;
      }
    }
    this.stops = [...known.values()].sort((a, b) => a.position - b.position);
    const marked = this.stops.map((stop, n) => [stop, n]).filter(([{corrected}]) => corrected);
    this.marks.setAttribute("viewBox", `0 0 ${Math.max(1, this.stops.length - 1)} 1`);
    this.marks.replaceChildren(...marked.map(([, n]) => {
      const line = document.createElementNS(SVG, "line");
      for (const [key, value] of Object.entries({x1: n, x2: n, y1: 0, y2: 1})) line.setAttribute(key, value);
      return line;
    }));
    setText(this.noted, `${marked.length} ${marked.length === 1 ? "correction" : "corrections"} on the track`);
  }

  toCorrection(step) {
    this.pause();
    for (let n = this.at + step; n >= 0 && n < this.stops.length; n += step) {
      if (this.stops[n].corrected) return this.seek(n);
    }
  }

  /** Show the stop of this number once its boards are read. */
  seek(n) {
    this.at = n;
    const {position, ms, corrected} = this.stops[n];
    this.range.value = n;
    const text = `As it stood at ${localTime(ms)}, entry ${position}`;
    this.range.setAttribute("aria-valuetext", text);
    setText(this.stood, `◷ ${text}${corrected ? " · ⚑ corrected here" : ""}`);
    document.body.dataset.past = "yes";
    return (this.loading ??= this.load().finally(() => (this.loading = null)));
  }

  async load() {
    let shown;
    while (!this.hidden && shown !== this.stops[this.at].position) {
      shown = this.stops[this.at].position;
      try {
        const documents = await this.read(shown);
        if (!this.hidden) this.following.stand(documents, shown);
      } catch (refused) {
        this.pause();
        setText(this.stood, `${refused.message} ${refused.hint}`);
        return;
      }
    }
  }

  async read(position) {
    if (!this.kept.has(position)) {
      const boards = Object.entries(this.following.feed.boards);
      const found = await Promise.all(boards.map(([, {url}]) => ask(`${url}?at=${position}`, {login: false})));
      this.kept.set(position, Object.fromEntries(boards.map(([name], n) => [name, found[n]])));
      while (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value);
    }
    return this.kept.get(position);
  }

  play() {
    if (this.at >= this.stops.length - 1) this.seek(0);
    setText(this.button_, "❚❚ Pause");
    this.step();
  }

  step() {
    const next = this.stops[this.at + 1];
    if (!next) return this.pause();
    const wait = (next.ms - this.stops[this.at].ms) / Number(this.speed.value);
    this.timer = setTimeout(async () => {
      await this.seek(this.at + 1);
      if (this.timer) this.step();
    }, Math.min(STEP_MS[1], Math.max(STEP_MS[0], wait)));
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = 0;
    setText(this.button_, "▶ Play");
  }

  live() {
    this.pause();
    this.hidden = true;
    this.kept.clear();
    delete document.body.dataset.past;
    this.button.setAttribute("aria-expanded", "false");
    this.following.stand(null);
    this.button.focus();
  }
}

customElements.define("time-machine", TimeMachine);
