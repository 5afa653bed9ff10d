/**
 * What this device has said, kept on the device (IndexedDB) until the server has it, and a while longer.
 *
 *   add ──▶ unsent ──▶ sent      in the ledger, kept so that it can be undone
 *                └───▶ refused   shown until it is dismissed or sent again
 *
 * An item is written before anything is shown of it, so that what was seen on the screen outlives a
 * reload or a crash. Its number is its event's id and this device's name is its source: however often
 * it is sent, the ledger has it once. Bounds: UNSENT_MAX wait, those refused included (more are not
 * taken, in words); the newest SENT_KEPT of what was sent are remembered.
 */

const NAME = "scoreboard-pad";
export const UNSENT_MAX = 5_000;
const SENT_KEPT = 300;
const ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"; // none that looks like another
const ID_LENGTH = 8;

/** A request or transaction as a promise. */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.oncomplete = () => resolve();
    request.onerror = request.onabort = () => reject(request.error ?? new Error("the device's store gave up"));
  });
}

/** Letters by chance; `crypto.randomUUID` is for secure pages alone, this is for all. */
export function chance(length = ID_LENGTH) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join("");
}

/** The device's store, with an identity that it keeps. Throws where the browser keeps nothing. */
export async function openStore() {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("device", {keyPath: "key"});
    const events = asked.result.createObjectStore("events", {keyPath: "n", autoIncrement: true});
    events.createIndex("state", "state");
  };
  const store = new Store(await done(asked));
  await store.identify();
  navigator.storage?.persist?.(); // where it can be asked for: not to be cleared for want of space
  return store;
}

class Store extends EventTarget {
  constructor(db) {
    super();
    this.db = db;
    this.device = "";
    this.others = new BroadcastChannel(NAME);
    this.others.onmessage = () => this.dispatchEvent(new Event("change"));
    db.onversionchange = () => db.close();
  }

  /** A transaction; what it writes is on the disk when it is done. */
  write(...names) {
    return this.db.transaction(names, "readwrite", {durability: "strict"});
  }

  async identify() {
    const writing = this.write("device");
    const kept = writing.objectStore("device");
    const known = await done(kept.get("id"));
    this.device = known?.value ?? `pad-${chance()}`;
    if (!known) kept.put({key: "id", value: this.device});
    await done(writing);
  }

  /** What was kept under a name by `keep`. */
  async kept(key) {
    return (await done(this.db.transaction("device").objectStore("device").get(key)))?.value;
  }

  async keep(key, value) {
    const writing = this.write("device");
    writing.objectStore("device").put({key, value});
    await done(writing);
  }

  /**
   * Write what was said; returns the items with their numbers once they are on the disk.
   * `items`: {competition, contest, event: {type, data, action?, record?, time}, label, ...}.
   */
  async add(items) {
    const writing = this.write("events");
    const events = writing.objectStore("events");
    const states = ["unsent", "refused"].map((state) => done(events.index("state").count(state)));
    const [waiting, refused] = await Promise.all(states);
    if (waiting + refused + items.length > UNSENT_MAX) {
      writing.abort();
      throw new Error(`${waiting + refused} events wait on this device: send or dismiss them first.`);
    }
    const made = [];
    for (const item of items) {
      const n = await done(events.add({...item, state: "unsent"}));
      const event = {id: String(n), source: this.device, contest: item.contest, ...item.event};
      made.push({...item, n, state: "unsent", event});
      events.put(made.at(-1));
    }
    await done(writing);
    this.changed();
    return made;
  }

  /** The items that wait, oldest first. */
  unsent(most) {
    const events = this.db.transaction("events").objectStore("events");
    return done(events.index("state").getAll("unsent", most));
  }

  /** All that is remembered of a contest, oldest first; {unsent, refused} count for the whole device. */
  async of(competition, contest) {
    const events = this.db.transaction("events").objectStore("events");
    const all = await done(events.getAll());
    const count = (state) => all.filter((item) => item.state === state).length;
    return {
      items: all.filter((item) => item.competition === competition && item.contest === contest),
      refused: all.filter((item) => item.state === "refused"),
      unsent: count("unsent"),
    };
  }

  /** Note what became of items: `changes` by number. */
  async settle(changes) {
    const writing = this.write("events");
    const events = writing.objectStore("events");
    for (const [n, change] of changes) {
      const item = await done(events.get(n));
      if (item) events.put({...item, ...change});
    }
    const old = await done(events.index("state").getAllKeys("sent"));
    for (const n of old.slice(0, Math.max(0, old.length - SENT_KEPT))) events.delete(n);
    await done(writing);
    this.changed();
  }

  async forget(n) {
    const writing = this.write("events");
    writing.objectStore("events").delete(n);
    await done(writing);
    this.changed();
  }

  /** Whether this tab may send for so long; of two that ask, one may. */
  async lease(tab, ms) {
    const writing = this.write("device");
    const kept = writing.objectStore("device");
    const held = await done(kept.get("sending"));
    const now = Date.now();
    const free = !held || held.tab === tab || held.until < now || held.until > now + 2 * ms;
    if (free) kept.put({key: "sending", tab, until: now + ms});
    await done(writing);
    return free;
  }

  /** Tell this tab and the others that something is different now. */
  changed() {
    this.dispatchEvent(new Event("change"));
    this.others.postMessage("change");
  }
}
