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

const clock = new Intl.DateTimeFormat([], {hour: "2-digit", minute: "2-digit", second: "2-digit"});
const date = new Intl.DateTimeFormat([], {day: "numeric", month: "short"});
const DAY_MS = 86_400_000;

/** A moment as the reader's clock shows it, with its day if that is not today. */
export function localTime(ms) {
  const when = new Date(ms);
  const today = when.toDateString() === new Date().toDateString();
  return today ? clock.format(when) : `${date.format(when)}, ${clock.format(when)}`;
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
    setText(this.asOf, asOf ? `${label} ${localTime(Date.parse(asOf))}` : "");
    this.asOf.dateTime = asOf ?? "";
    setText(this.age, state === "stale" ? `silent for ${span(quietMs)}` : "");
  }
}

customElements.define("connection-state", ConnectionState);
