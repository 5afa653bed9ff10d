/**
 * One WebSocket on which boards of any competitions are followed (`/api/v1/ws` in `/openapi.json`).
 *
 * A board's key is the server's name of its channel: `cup/standings`. After a lost connection it opens
 * another one, later each time that it does not help, and every board goes on from the version held.
 */

const URL_OF_BOARDS = "/api/v1/ws";
const RETRY_MS = [2_500, 2_500, 5_000, 10_000]; // spread, since a crowd comes back at once; then the last
const MESSAGES_MAX = 10; // sent in a turn: the server takes 20 a second
const TURN_MS = 1_000;

export class Line {
  /** `held(key)`: the version to go on from; `told(event, key, data)`; `changed()`: opened or lost. */
  constructor({held, told, changed}) {
    Object.assign(this, {held, told, changed});
    this.socket = null;
    this.wanted = new Set();
    this.asked = new Set(); // on this connection
    this.refs = []; // what was asked by which number
    this.failures = 0;
    this.retryTimer = 0;
    this.turnTimer = 0;
    this.said = 0; // in this turn
  }

  get opened() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Follow these boards and no other. */
  follow(keys) {
    this.wanted = new Set(keys);
    this.settle();
  }

  /** Throw the connection away and make a new one. */
  open() {
    this.close();
    const url = new URL(URL_OF_BOARDS, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      this.settle();
      this.changed();
    });
    socket.addEventListener("message", ({data}) => this.socket === socket && this.hear(JSON.parse(data)));
    socket.addEventListener("close", () => this.socket === socket && this.again());
  }

  close() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    const {socket} = this;
    this.socket = null;
    this.asked.clear();
    this.refs = [];
    socket?.close();
  }

  /** Connect anew after a while. */
  again() {
    if (this.retryTimer) return;
    this.close();
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.retryTimer = setTimeout(() => this.open(), wait * (0.4 + Math.random() * 1.2));
    this.changed();
  }

  hear({event, channel = "", data}) {
    if (event === "subscribed") this.failures = 0;
    if (event === "error" && data.ref) this.refused(this.refs[data.ref], data);
    else this.told(event, channel, data);
  }

  /** The server does not give a board: it is asked again when the line is, or after a while. */
  refused(key, problem) {
    this.told("error", key, problem);
    setTimeout(() => {
      this.asked.delete(key);
      this.settle();
    }, RETRY_MS.at(-1) * (0.4 + Math.random()));
  }

  settle() {
    if (!this.opened) return;
    const gone = [...this.asked].filter((key) => !this.wanted.has(key));
    const missing = [...this.wanted].filter((key) => !this.asked.has(key));
    for (const key of [...gone, ...missing].slice(0, MESSAGES_MAX - this.said)) {
      if (this.asked.delete(key)) this.say({action: "unsubscribe", channel: key});
      else this.subscribe(key);
    }
  }

  subscribe(key) {
    const at = key.indexOf("/");
    const named = {competition: key.slice(0, at), board: key.slice(at + 1)};
    this.asked.add(key);
    this.say({action: "subscribe", ...named, last_id: this.held(key), ref: String(this.refs.push(key) - 1)});
  }

  say(message) {
    this.said++;
    this.turnTimer ||= setTimeout(() => {
      this.turnTimer = this.said = 0;
      this.settle();
    }, TURN_MS);
    this.socket.send(JSON.stringify(message));
  }
}
