/**
 * Boards followed over server-sent events (`…/stream?boards=` in `/openapi.json`), where nothing better
 * is let through: a stream for every four boards of a competition.
 *
 * A stream that breaks is taken up by the browser itself, from the last id that it heard; what went by
 * meanwhile of other boards comes whole. Boards past the streams that a browser may have open are refused.
 */

const EVENTS = ["snapshot", "patch", "correction", "reset", "heartbeat", "bye"];
const BOARDS_MAX = 4; // on a stream, as the server has it
const STREAMS_MAX = 4; // browsers open six connections to a server, and pages ask for more than boards
const REFUSED_MS = 10_000; // before a board that was refused is asked for again

export class Events {
  /** As `Line`; `lost()`: it will not open any more. */
  constructor({told, changed, lost}) {
    Object.assign(this, {told, changed, lost});
    this.wanted = new Set();
    this.refused = new Set();
    this.streams = new Map(); // by address
    this.closed = false;
  }

  get opened() {
    return this.streams.size > 0 && [...this.streams.values()].every(({readyState}) => readyState === EventSource.OPEN);
  }

  follow(keys) {
    this.wanted = keys;
    const asked = streamsOf([...keys].filter((key) => !this.refused.has(key)));
    for (const {keys: left} of asked.slice(STREAMS_MAX)) {
      for (const key of left) this.told("error", key, {title: "Too many boards are followed for a network that lets no WebSocket through."});
    }
    const kept = new Map(asked.slice(0, STREAMS_MAX).map((one) => [one.url, one]));
    for (const [url, source] of this.streams) {
      if (kept.has(url)) continue;
      source.close();
      this.streams.delete(url);
    }
    for (const [url, one] of kept) if (!this.streams.has(url)) this.streams.set(url, this.open(one));
  }

  close() {
    this.closed = true;
    for (const source of this.streams.values()) source.close();
    this.streams.clear();
  }

  open({url, competition, keys}) {
    const source = new EventSource(url);
    let opened = false;
    source.addEventListener("open", () => {
      opened = true;
      this.changed();
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) return this.ask(keys);
      if (!opened) return this.lost();
      opened = false; // the browser tries once by itself
      this.changed();
    });
    for (const event of EVENTS) {
      source.addEventListener(event, ({data}) => {
        const said = JSON.parse(data);
        this.told(event, said.board ? `${competition}/${said.board}` : "", said);
      });
    }
    return source;
  }

  /** A stream was refused: find out for which boards, and follow the others. */
  async ask(keys) {
    try {
      const answers = await Promise.all(keys.map((key) => fetch(boardOf(key), {cache: "no-cache"})));
      const bad = answers.map((answer, n) => [keys[n], answer]).filter(([, {ok}]) => !ok);
      if (this.closed) return;
      if (!bad.length) return this.lost();
      for (const [key, answer] of bad) await this.refuse(key, answer);
      this.follow(this.wanted);
    } catch {
      if (!this.closed) this.lost();
    }
  }

  async refuse(key, answer) {
    this.refused.add(key);
    this.told("error", key, await answer.json().catch(() => ({status: answer.status, title: "The board is not given."})));
    setTimeout(() => {
      this.refused.delete(key);
      if (!this.closed) this.follow(this.wanted);
    }, REFUSED_MS * (0.4 + Math.random()));
  }
}

const split = (key) => [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)];

function boardOf(key) {
  const [competition, board] = split(key);
  return `/api/v1/competitions/${encodeURIComponent(competition)}/boards/${board.split("/").map(encodeURIComponent).join("/")}`;
}

/** The streams that these boards need: `[{url, competition, keys}, ...]`. */
function streamsOf(keys) {
  const found = [];
  for (const competition of new Set(keys.map((key) => split(key)[0]))) {
    const own = keys.filter((key) => split(key)[0] === competition).sort();
    for (let at = 0; at < own.length; at += BOARDS_MAX) {
      const part = own.slice(at, at + BOARDS_MAX);
      const names = part.map((key) => encodeURIComponent(split(key)[1])).join(",");
      found.push({url: `/api/v1/competitions/${encodeURIComponent(competition)}/stream?boards=${names}`, competition, keys: part});
    }
  }
  return found;
}
