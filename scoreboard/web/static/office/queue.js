/**
 * The queue of what waits, in an order that never changes under the hand: what is new goes to the end
 * and is announced, what is settled stays in its place, struck out, until it is cleared. No page in here.
 */

export class Queue extends EventTarget {
  constructor() {
    super();
    this.items = []; // {matter, settled: "" or words, gone, undo?: {position, words}}
    this.chosen = "";
    this.unseen = 0;
  }

  get waiting() {
    return this.items.filter(({settled}) => !settled).length;
  }

  get item() {
    return this.items.find(({matter}) => matter.key === this.chosen) ?? null;
  }

  /** What waits now, of the competitions that were asked (`slugs`). */
  take(matters, slugs) {
    const first = !this.started;
    this.started = true;
    const now = new Map(matters.map((one) => [one.key, one]));
    for (const item of this.items) {
      if (!slugs.includes(item.matter.slug)) continue;
      const found = now.get(item.matter.key);
      now.delete(item.matter.key);
      if (!found) {
        item.settled ||= "Settled";
        item.gone = true;
      } else if (!item.settled || item.gone || found.stamp !== item.matter.stamp) {
        Object.assign(item, {matter: found, settled: "", undo: null, gone: false});
      } // else it was decided here a moment ago, and the boards do not have it yet
    }
    this.items.push(...[...now.values()].map((matter) => ({matter, settled: ""})));
    if (!first && now.size) {
      this.unseen += now.size;
      this.dispatchEvent(new CustomEvent("new", {detail: now.size}));
    }
    if (!this.item) this.chosen = this.items[0]?.matter.key ?? "";
    this.tell();
  }

  choose(key) {
    this.chosen = key;
    if (key === this.items.at(-1)?.matter.key) this.unseen = 0;
    this.tell();
  }

  /** The next or the one before; those that are settled are passed over by `skip`. */
  step(by, {skip = false} = {}) {
    let at = this.items.indexOf(this.item) + by;
    while (skip && this.items[at]?.settled) at += by;
    if (this.items[at]) this.choose(this.items[at].matter.key);
  }

  /** Say that a matter is settled ("": that it is not), and how that is undone. */
  settle(key, words, undo) {
    const item = this.items.find(({matter}) => matter.key === key);
    if (item) Object.assign(item, {settled: words, undo});
    this.tell();
  }

  /** Take what is settled off the list. */
  clear() {
    this.items = this.items.filter(({settled}) => !settled);
    this.unseen = 0;
    if (!this.item) this.chosen = this.items[0]?.matter.key ?? "";
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("queue"));
  }
}
