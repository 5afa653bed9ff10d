/**
 * The competition that an office page is about: what it is called, who competes, what may be said.
 * And the words for records, entries and people that the office's pages share.
 */

import {ask, under} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {words} from "../board/document.js";

/** What entries in the ledger do to a record, as a noun. */
export const ACTS = {record: "record", amend: "amendment", void: "void", restore: "restoration"};
/** What officials do to a record, as what they ask for. */
export const WILL = {amend: "Amend", void: "Void", restore: "Restore"};

export class Office {
  /** `slug`: which competition; call `load` before anything is asked of it. */
  constructor(slug) {
    this.slug = slug;
    this.api = under(slug);
  }

  /** Read the definition and the payloads by type. Throws Refused. */
  async load() {
    const [definition, payloads] = await Promise.all([ask(this.api), ask(`${this.api}/payloads`)]);
    this.definition = definition;
    this.payloads = payloads;
    this.entrants = new Map((definition.entrants ?? []).map((one) => [one.id, one.name]));
    this.contests = new Map((definition.contests ?? []).map((one) => [one.id, this.contestName(one)]));
    return this;
  }

  contestName({id, name, entrants = []}) {
    return name || entrants.map((one) => this.entrants.get(one) ?? one).join(" – ") || id;
  }

  /** What a contest is called; outside contests, the competition. */
  contest(id) {
    return id ? this.contests.get(id) ?? id : this.definition.name;
  }

  /** A value as people read it: an entrant by name, yes and no, lists with commas. */
  value(value) {
    if (value === true) return "yes";
    if (value === false) return "no";
    if (Array.isArray(value)) return value.map((one) => this.value(one)).join(", ");
    if (value && typeof value === "object") {
      return Object.entries(value).map(([key, one]) => `${words(key).toLowerCase()} ${this.value(one)}`).join(", ");
    }
    return this.entrants.get(value) ?? String(value ?? "");
  }

  /** A record in a few words, the entrant first: `Goal Gulls 23'`. */
  describe(type, data = {}) {
    const own = type.startsWith(`${this.payloads.sport}.`) ? type.slice(this.payloads.sport.length + 1) : type;
    const said = [words(own.replaceAll(".", " "))];
    const entries = Object.entries(data ?? {});
    const isEntrant = ([, value]) => typeof value === "string" && this.entrants.has(value);
    for (const one of entries.filter(isEntrant)) said.push(this.value(one[1]));
    for (const [key, value] of entries) {
      if (isEntrant([key, value])) continue;
      if (key === "minute") said.push(`${value}'`);
      else if (typeof value === "string") said.push(this.contests.get(value) ?? value);
      else if (typeof value === "number") said.push(`${words(key).toLowerCase()} ${value}`);
      else if (value === true) said.push(words(key).toLowerCase());
    }
    return said.slice(0, 6).join(" ");
  }
}

/** What a proposal would do, in a few words. */
export function effectOf({corrections}, office) {
  const said = corrections.map(({action, type, said: was, undoes}) => {
    const words = office.describe(type, was ?? {});
    return undoes ? `Undo ${undoes}: ${WILL[action].toLowerCase()} ${words}` : `${WILL[action]} ${words}`;
  });
  return said.length > 2 ? `${said[0]} and ${said.length - 1} more` : said.join(" and ");
}

/** `official:Ann` as `Ann`; the role is told where there is no name. */
export function person(actor = "") {
  const at = actor.indexOf(":");
  return actor.slice(at + 1) || actor;
}

/** A moment of the ledger as the reader's clock shows it. */
export function moment(text) {
  return localTime(Date.parse(text));
}
