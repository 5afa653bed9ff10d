/**
 * Whether what is shown can be trusted: a word and a sign for the connection, "as of", and the age.
 *
 * Only the word is announced to those who listen; the seconds that tick beside it are not.
 */

import {element, setText} from "./dom.js";

export const STATES = {
  connecting: {sign: "…", text: "Connecting"},
  live: {sign: "●", text: "Live"},
  reconnecting: {sign: "↻", text: "Reconnecting"},
  offline: {sign: "⊘", text: "Offline"},
  stale: {sign: "▲", text: "Stale"},
  past: {sign: "◷", text: "Not live"},
};

export const STALE_MS = 40_000; // the server speaks every 15 s

/** Writes moments in one way, which is worked out when it is first needed: that takes a phone long. */
function written(options) {
  let format;
  return (when) => (format ??= new Intl.DateTimeFormat([], options)).format(when);
}

const clock = written({hour: "2-digit", minute: "2-digit", second: "2-digit"});
const time = written({hour: "2-digit", minute: "2-digit"});
const date = written({day: "numeric", month: "short"});
const weekday = written({weekday: "short", day: "numeric", month: "short"});
const year = written({day: "numeric", month: "short", year: "numeric"});
const DAY_MS = 86_400_000;

/** A moment as the reader's clock shows it, with its day if that is not today. */
export function localTime(ms) {
  const when = new Date(ms);
  const today = when.toDateString() === new Date().toDateString();
  return today ? clock(when) : `${date(when)}, ${clock(when)}`;
}

/** When something is planned, as short as the day allows: the time, the day of this year, the whole date. */
export function planned(start) {
  const now = new Date();
  if (start.toDateString() === now.toDateString()) return time(start);
  const on = start.getFullYear() === now.getFullYear() ? weekday : year;
  return `${on(start)}, ${time(start)}`;
}

/** A span as people say it: `45 s`, `3 min 5 s`, `2 h 5 min`, `3 days`. */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  if (ms < 2 * DAY_MS) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(ms / DAY_MS)} days`;
}

export class ConnectionState extends HTMLElement {
  connectedCallback() {
    this.sign = element("span", "sign");
    this.sign.setAttribute("aria-hidden", "true");
    this.word = element("span", "word");
    const state = element("p", "state");
    state.setAttribute("role", "status");
    state.setAttribute("aria-live", "polite");
    state.append(this.sign, this.word);
    this.asOf = element("time", "as-of");
    this.age = element("span", "age");
    const moment = element("p", "moment");
    moment.append(this.asOf, this.age);
    this.append(state, moment);
    this.show({state: "connecting"});
  }

  /** `asOf`: RFC 3339 or nothing; `quietMs`: how long nothing was heard. */
  show({state, asOf, quietMs = 0, label = "As of"}) {
    const offline = state === "reconnecting" && !navigator.onLine; // as the device itself says
    const {sign, text} = STATES[offline ? "offline" : state];
    this.dataset.state = state;
    setText(this.sign, sign);
    setText(this.word, text);
    this.moment = asOf ? {label, asOf} : null;
    if (this.written || document.hidden) this.writeMoment();
    else if (asOf) requestAnimationFrame(() => setTimeout(() => this.writeMoment())); // the board is painted before
    setText(this.age, state === "stale" ? `silent for ${span(quietMs)}` : "");
  }

  writeMoment() {
    const {label, asOf} = this.moment ?? {};
    this.written ||= Boolean(asOf);
    setText(this.asOf, asOf ? `${label} ${localTime(Date.parse(asOf))}` : "");
    this.asOf.dateTime = asOf ?? "";
  }
}

customElements.define("connection-state", ConnectionState);
