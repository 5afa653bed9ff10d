/**
 * The definition that is being changed, as it stands.
 *
 * Until anything was said on top of it (a late entry, a withdrawal, a moved contest), it is written
 * anew as a whole. Later each change is an event of its own, so that what was planned stays known.
 */

import {isGame} from "../board/document.js";
import {ask, under} from "../shell/ask.js";

const RECORD = "competition";

export class Definition {
  constructor(slug) {
    this.slug = slug;
  }

  /** Read it again: as it was written (`written`), as it stands (`now`), and what has begun. */
  async load() {
    const [record, now] = await Promise.all([ask(under(this.slug, "records", RECORD)), ask(under(this.slug))]);
    const board = isGame(now) ? {} : await ask(under(this.slug, "boards", "contests")).catch(() => ({}));
    this.versions = record.versions.length;
    this.written = record.versions.find(({version}) => version === record.in_force)?.data ?? now;
    this.now = {entrants: [], groups: [], contests: [], ...now};
    this.status = Object.fromEntries(Object.entries(board.content?.rows ?? {}).map(([id, row]) => [id, row.status]));
    return this;
  }

  /** Whether changes are events of their own by now. */
  get changedSince() {
    return ["entrants", "groups", "contests"].some((part) => JSON.stringify(this.written[part] ?? []) !== JSON.stringify(this.now[part] ?? []));
  }

  /** Whether any contest has begun. */
  get begun() {
    return Object.values(this.status).some((status) => !["scheduled", "delayed"].includes(status));
  }

  /** Write it anew with some parts changed; refused if somebody else has meanwhile. */
  async redefine(changes) {
    await this.send([{type: "competition.defined", record: RECORD, seenversion: this.versions, data: {...this.written, ...changes}}]);
  }

  /** Say events of the definition, all or none: `[{type, data}]`. */
  async say(events) {
    await this.send(events);
  }

  async send(events) {
    const said = crypto.getRandomValues(new Uint32Array(4)).reduce((text, part) => text + part.toString(16).padStart(8, "0"), "");
    const named = events.map((one, number) => ({id: `setup-${said}-${number}`, ...one}));
    const many = named.length > 1;
    await ask(under(this.slug, "events") + (many ? "?atomic=true" : ""), {method: "POST", body: many ? named : named[0]});
    await this.load();
  }
}
