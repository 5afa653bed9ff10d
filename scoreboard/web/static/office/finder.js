/**
 * Finds a record: the competition's latest, narrowed by contest, type and words. What comes in while
 * somebody looks is announced and waits to be asked for: nothing moves under the hand.
 */

import {ask, wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {ACTS, moment, person} from "./competition.js";

const PAGE = 100;
const RECORDED = /^(?!competition\.defined|competition\.proposed|ledger\.|projection\.)/;

export class RecordFinder extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.contest = this.choice("Contest", "every contest");
    this.type = this.choice("Kind", "every kind");
    this.words = element("input");
    this.words.type = "search";
    this.words.id = "find-words";
    this.words.autocomplete = "off";
    const label = element("label", "", "Find ");
    label.htmlFor = this.words.id;
    label.append(element("kbd", "", "/"));
    const search = element("div", "field");
    search.append(label, this.words);
    const form = element("div", "narrow");
    form.append(search, this.contest.field, this.type.field);
    this.fresh = element("button", "fresh");
    this.fresh.type = "button";
    this.fresh.hidden = true;
    this.message = element("p", "message");
    this.message.setAttribute("role", "status");
    this.list = element("ul", "found");
    this.list.setAttribute("aria-label", "Records, the newest first");
    this.older = element("button", "older", "Look further back");
    this.older.type = "button";
    this.older.hidden = true;
    this.append(form, this.fresh, this.message, this.list, this.older);
    for (const one of [this.contest.select, this.type.select]) one.addEventListener("change", () => this.look());
    this.words.addEventListener("input", () => this.draw());
    this.words.addEventListener("keydown", (event) => event.key === "ArrowDown" && this.list.querySelector("button")?.focus());
    this.fresh.addEventListener("click", () => this.look());
    this.older.addEventListener("click", () => this.look(this.next));
    this.list.addEventListener("keydown", (event) => this.arrow(event));
  }

  choice(word, all) {
    const select = element("select");
    select.id = `find-${word.toLowerCase()}`;
    select.add(new Option(all, ""));
    const label = element("label", "", word);
    label.htmlFor = select.id;
    const field = element("div", "field");
    field.append(label, select);
    return {select, field};
  }

  /** Begin for a competition; `chosen(record)` is called for the one that is asked for. */
  async start(office, chosen) {
    this.office = office;
    this.chosen = chosen;
    this.lines = [];
    for (const [id, name] of office.contests) this.contest.select.add(new Option(name, id));
    for (const type of Object.keys(office.payloads.types)) this.type.select.add(new Option(office.describe(type), type));
    await this.look();
    const stream = new EventSource(`${office.api}/entries/stream`);
    for (const name of ["entries", "more"]) stream.addEventListener(name, () => this.hear());
  }

  /** Read the latest, or what came before a position. */
  async look(before) {
    const query = new URLSearchParams({limit: PAGE});
    if (this.contest.select.value) query.set("contest", this.contest.select.value);
    if (this.type.select.value) query.set("type", this.type.select.value);
    if (before) query.set("before", before);
    try {
      const {entries, next} = await ask(`${this.office.api}/entries?${query}`);
      this.lines = before ? [...this.lines, ...entries] : entries;
      this.next = next;
      this.problem = "";
    } catch (refused) {
      this.problem = wordsOf(refused);
    }
    this.fresh.hidden = !before ? true : this.fresh.hidden;
    this.draw();
  }

  hear() {
    if (!this.fresh.hidden) return;
    this.fresh.hidden = false;
    setText(this.fresh, "There is something new. Show it");
  }

  draw() {
    const sought = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const records = recordsOf(this.lines).filter(({record, type}) => record && RECORDED.test(type));
    const rows = records.map((one) => ({...one, words: this.office.describe(one.type, one.data)}));
    const shown = rows.filter((one) => {
      const text = [one.words, one.record, one.source, this.office.contest(one.contest), one.last.actor].join(" ").toLowerCase();
      return sought.every((word) => text.includes(word));
    });
    reconcile(this.list, shown.map((one) => [one.record, one]), () => this.item(), (item, one) => this.fill(item, one));
    setText(this.message, this.problem || (shown.length ? "" : "Nothing here is like that."));
    this.older.hidden = !this.next;
  }

  item() {
    const item = element("li");
    item.button = element("button", "record");
    item.button.type = "button";
    item.what = element("strong", "what");
    item.where = element("span", "where");
    item.last = element("span", "last");
    item.button.append(item.what, item.where, item.last);
    item.button.addEventListener("click", () => this.chosen(item.record));
    item.append(item.button);
    return item;
  }

  fill(item, {record, words, contest, last}) {
    item.record = record;
    setText(item.what, words);
    setText(item.where, this.office.contest(contest));
    const act = last.action === "record" ? "" : `▲ ${ACTS[last.action]} by ${person(last.actor)} `;
    setText(item.last, `${act}${moment(last.received)}`);
    item.button.setAttribute("aria-current", String(record === this.shown));
  }

  /** Mark the record that is shown beside. */
  mark(record) {
    this.shown = record;
    for (const item of this.list.children) item.button.setAttribute("aria-current", String(item.record === record));
  }

  arrow(event) {
    const step = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key];
    if (!step) return;
    event.preventDefault();
    (event.target.closest("li")[step]?.button ?? this.words).focus();
  }
}

/** Entries, the newest first, by record: its last entry, and what it said last. */
function recordsOf(lines) {
  const found = new Map();
  for (const line of lines) {
    const known = found.get(line.record);
    const said = line.action === "record" || line.action === "amend";
    if (!known) found.set(line.record, {...line, last: line, data: said ? line.data : undefined});
    else if (said) known.data ??= line.data;
  }
  return [...found.values()];
}

customElements.define("record-finder", RecordFinder);
