/**
 * Corrections, or an undoing, on their way to being signed. No page in here.
 *
 *   written ──look──▶ previewed ──sign──▶ signed
 *      ▲  any change      │
 *      └──────────────────┤ 412: something came in between: looked at again, `moved` says what moved
 *                         └────────────────────────────────▶ previewed
 *
 * What was typed is kept for the tab, so that no failure, login or reload loses it. Signing twice what
 * was previewed once is one signing, so that an answer that was lost can be asked for again.
 */

import {ask, wordsOf} from "../shell/ask.js";
import {byWeight, differences} from "./differences.js";

const NOTHING = {corrections: [], undo: null, reason: ""};

export class Draft extends EventTarget {
  constructor(office) {
    super();
    this.office = office;
    this.place = `corrections/${office.slug}`;
    Object.assign(this, structuredClone(NOTHING), this.kept());
    this.preview = null;
    this.boards = null; // as of the last preview, as `differences` tells them
    this.moved = null; // what the last preview showed otherwise, by board and row
    this.between = []; // what came in between, in words
    this.trouble = null; // what was refused: `{text, pointer, later?}`
    this.busy = "";
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.place)) ?? {};
    } catch {
      return {};
    }
  }

  get isEmpty() {
    return !this.corrections.length && !this.undo;
  }

  /** Change what is to be signed; what was previewed is then of something else. */
  write(changes) {
    Object.assign(this, changes);
    this.preview = this.boards = this.moved = this.trouble = null;
    this.between = [];
    const {corrections, undo, reason} = this;
    sessionStorage.setItem(this.place, JSON.stringify({corrections, undo, reason}));
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("draft"));
  }

  /** Put a correction on the list; another one of the same record goes, the same one stays. */
  add(correction) {
    if (this.corrections.some(({record, action}) => record === correction.record && action === correction.action)) return;
    const others = this.corrections.filter(({record}) => record !== correction.record);
    this.write({corrections: [...others, correction], undo: null});
  }

  remove(record) {
    this.write({corrections: this.corrections.filter((one) => one.record !== record)});
  }

  clear() {
    this.write(structuredClone(NOTHING));
  }

  get body() {
    const {reason} = this;
    if (this.undo) return {positions: this.undo.positions, over: this.undo.over, reason};
    const corrections = this.corrections.map(({record, action, version, dataversion, said, typed}) => ({
      record, action, version, reason,
      ...(action === "amend" ? {data: typed ?? said, dataversion} : {}),
    }));
    return {corrections};
  }

  get path() {
    return `${this.office.api}/${this.undo ? "undo" : "corrections"}`;
  }

  /** What is missing before boards can be previewed, in words; "" if nothing is. */
  get missing() {
    const same = this.corrections.find(({action, said, typed}) => action === "amend" && alike(said, typed ?? said));
    if (same) return `Nothing is changed yet in ${same.words}.`;
    return this.reason ? "" : "Say why.";
  }

  /** Preview every board. */
  look() {
    return this.working("Looking at every board…", () => this.lookAgain(null));
  }

  async lookAgain(seen) {
    for (let tries = 0; ; tries++) {
      let preview;
      try {
        preview = await ask(`${this.path}/preview`, {method: "POST", body: this.body});
      } catch (refused) {
        if (refused.status !== 412 || tries > 2 || this.undo) throw refused;
        await this.catchUp(); // somebody else corrected one of these records
        continue;
      }
      const boards = await described(preview.boards, this.office);
      if (!boards && tries < 3) continue; // a board moved while it was read
      this.preview = preview;
      this.boards = boards ?? [];
      this.moved = seen && movedSince(seen, this.boards);
      return;
    }
  }

  /** Take over the versions that others made meanwhile, and tell them. */
  async catchUp() {
    for (const one of this.corrections) {
      const {versions} = await ask(`${this.office.api}/records/${one.record.split("/").map(encodeURIComponent).join("/")}`);
      this.between.push(...versions.filter(({version}) => version > one.version));
      one.version = versions.at(-1).version;
    }
  }

  /** Sign what was previewed. Returns what was made, or null. */
  async sign() {
    if (!this.preview) return null;
    const {basis, digest} = this.preview;
    let made = null;
    await this.working("Signing…", async () => {
      try {
        made = await ask(this.path, {method: "POST", body: {...this.body, basis, digest}});
      } catch (refused) {
        if (refused.status !== 412) throw refused;
        const seen = this.boards;
        this.preview = null;
        this.between = [];
        await this.lookAgain(seen);
        this.trouble = {text: "Something came in between. Nothing is signed. Look again: what moved is marked.", pointer: "", stale: true};
      }
    });
    if (made) {
      const undo = this.undo ? this.undo.words : null;
      const signed = {made, undo, corrections: this.corrections, reason: this.reason};
      this.clear();
      return signed;
    }
    return null;
  }

  async working(word, work) {
    if (this.busy) return;
    this.busy = word;
    this.trouble = null;
    this.tell();
    try {
      await work();
    } catch (refused) {
      if (refused.name !== "Refused") throw refused;
      this.trouble = {text: wordsOf(refused), pointer: refused.pointer, later: refused.problem.later ?? null};
    } finally {
      this.busy = "";
      this.tell();
    }
  }
}

/** What a preview changes, in rows, the most looked at first; null if a board moved meanwhile. Throws Refused. */
export async function described(changes, office) {
  const found = await Promise.all(changes.map(async (change) => {
    if (!change.before) return differences(change, null, office);
    const board = await ask(`${office.api}/boards/${encodeURIComponent(change.board)}`);
    return board.version === change.before ? differences(change, board.content, office) : null;
  }));
  return found.includes(null) ? null : found.filter(({rows}) => rows.length).sort(byWeight);
}

/** What boards show otherwise than before: `board` and `board\nrow` for each. */
function movedSince(seen, boards) {
  const before = new Map(seen.flatMap(({board, rows}) => rows.map((row) => [`${board}\n${row.key}`, JSON.stringify(row)])));
  const moved = new Set();
  for (const {board, rows} of boards) {
    for (const row of rows) {
      const key = `${board}\n${row.key}`;
      if (before.get(key) !== JSON.stringify(row)) moved.add(key);
    }
  }
  return moved;
}

/** Whether two payloads say the same, in whatever order. */
function alike(one, other) {
  const sorted = (_, value) => value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}
