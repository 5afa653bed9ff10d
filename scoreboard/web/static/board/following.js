/**
 * What a page shows of its boards: as they stand, or, while it looks back, as they stood.
 *
 * Events: `shown` (`detail`: the board's name) when what is shown of it is new. The feed goes on while
 * the page looks back, so that the return to live is at once.
 */

export class Following extends EventTarget {
  constructor(feed) {
    super();
    this.feed = feed;
    this.past = null; // documents by name
    this.at = 0; // the position that they are of
    for (const [name, board] of Object.entries(feed.boards)) {
      board.addEventListener("board", () => this.past || this.tell(name));
    }
  }

  /** The document shown of a board: `{version, position, as_of, status, content}`, or nothing yet. */
  get(name) {
    return this.past ? this.past[name] : this.feed.boards[name]?.shown;
  }

  /** Show these documents by name, as of a position; null: what is live. */
  stand(past, at = 0) {
    this.past = past;
    this.at = at;
    for (const name of Object.keys(this.feed.boards)) if (this.get(name)) this.tell(name);
  }

  /** The newest moment of all boards shown (RFC 3339), if there is one. */
  get asOf() {
    return Object.keys(this.feed.boards).map((name) => this.get(name)?.as_of).filter(Boolean).sort().at(-1);
  }

  tell(name) {
    this.dispatchEvent(new CustomEvent("shown", {detail: name}));
  }
}
