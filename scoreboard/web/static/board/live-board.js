/** One board as a page holds it, kept right by snapshots and patches. */

import {keep} from "./kept.js";
import {isBefore, merge, ofOneGeneration, showedWrong} from "./document.js";

/**
 * Events: `board` (there is newer content) and `corrected` (`detail`: notices of what this page has
 * shown wrong).
 *
 * A notice comes before the patch that it is of, and counts with it. After a snapshot in place of
 * patches the board's list is asked. What is shown is all that must be remembered: versions only grow,
 * so that a page showed something wrong if the version that it showed last, of those before it was
 * right, is one of the wrong ones.
 */
export class Board extends EventTarget {
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
    keep(this.url, board);
    this.dispatchEvent(new Event("board"));
  }

  /** Of these notices tell those of what was shown: `held` was the version before the newest. */
  tell(notices, held) {
    const mine = notices.filter((notice) => showedWrong(held, notice));
    if (mine.length) this.dispatchEvent(new CustomEvent("corrected", {detail: mine}));
  }
}
