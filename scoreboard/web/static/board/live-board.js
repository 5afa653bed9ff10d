/** The boards that a page holds, each kept right by snapshots and patches. */

import {isBefore, merge, ofOneGeneration, showedWrong} from "./document.js";

const kept = globalThis.caches ? import("./kept.js").catch(() => null) : null; // where the page is secure

/**
 * Events: `board` (there is newer content) and `corrected` (`detail`: notices of what this page has
 * shown wrong).
 *
 * A notice comes before the patch that it is of, and counts with it. After a snapshot in place of
 * patches the board's list is asked. What is shown is all that must be remembered: versions only grow,
 * so that a page showed something wrong if the version that it showed last, of those before it was
 * right, is one of the wrong ones.
 */
class Board extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.shown = null; // {version, as_of, status, content}
    this.notice = null; // of the patch that comes next
    this.sure = true; // no patch was missed
    this.problem = ""; // why there is no board, in words
  }

  /** The version to go on from, if there is one. */
  get held() {
    return this.sure ? this.shown?.version : undefined;
  }

  /**
   * Ask for the whole board, sooner than a new line can tell it. Offline it is the one seen last, from
   * the service worker; the line goes on from its version in either case.
   */
  async first() {
    try {
      const answer = await fetch(this.url); // which the page's Link header has asked for already
      const board = answer.ok ? await answer.json() : null;
      if (board && !this.shown) this.take(board);
    } catch {
      // the line will tell
    }
  }

  /** False if the patch does not begin at what is held. */
  patch({before, merge: changes, ...envelope}) {
    const {notice} = this;
    this.notice = null;
    const {version} = this.shown ?? {};
    if (version === envelope.version || (version && isBefore(envelope.version, version))) return true;
    if (version !== before) return (this.sure = false);
    this.take({...envelope, content: merge(this.shown.content, changes)});
    if (notice?.right_from === envelope.version) this.tell([notice], before);
    return true;
  }

  async snapshot(board) {
    const held = this.shown?.version;
    this.notice = null;
    this.sure = true;
    this.take(board);
    if (!held || (ofOneGeneration(held, board.version) && !isBefore(held, board.version))) return;
    try {
      const answer = await fetch(`${this.url}/corrections`, {cache: "no-cache"});
      if (answer.ok) this.tell((await answer.json()).corrections.reverse(), held);
    } catch {
      // what is shown is right all the same
    }
  }

  take(board) {
    this.shown = board;
    this.problem = "";
    kept?.then((found) => found?.keep(this.url, board));
    this.dispatchEvent(new Event("board"));
  }

  /** Of these notices tell those of what was shown: `held` was the version before the newest. */
  tell(notices, held) {
    const mine = notices.filter((notice) => showedWrong(held, notice));
    if (mine.length) this.dispatchEvent(new CustomEvent("corrected", {detail: mine}));
  }
}

/** The boards of this page by key (`cup/standings`), and how many of its feeds want each. */
class Boards {
  constructor() {
    this.all = new Map();
    this.wanted = new Map();
  }

  get(key) {
    return this.all.get(key);
  }

  /** The board of a key, which there is from now on. */
  of(key) {
    if (!this.all.has(key)) {
      const [competition, ...board] = key.split("/");
      this.all.set(key, new Board(`/api/v1/competitions/${encodeURIComponent(competition)}/boards/${board.join("/")}`));
    }
    return this.all.get(key);
  }

  /** Keep a board for a feed. */
  want(key) {
    this.wanted.set(key, (this.wanted.get(key) ?? 0) + 1);
    return this.of(key);
  }

  unwant(key) {
    const left = this.wanted.get(key) - 1;
    if (left) this.wanted.set(key, left);
    else this.wanted.delete(key);
  }

  /** Forget boards that are not among these. */
  drop(kept) {
    for (const key of [...this.all.keys()]) if (!kept.has(key)) this.all.delete(key);
  }
}

export const boards = new Boards();
