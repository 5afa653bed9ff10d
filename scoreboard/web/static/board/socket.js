/** Boards followed over a WebSocket (`/api/v1/ws` in `/openapi.json`). */

const URL_OF_BOARDS = "/api/v1/ws";
const OPEN_MS = 8_000; // in which it opens, or never will: there are proxies that do not answer at all
const REFUSED_MS = 10_000; // before a board that was refused is asked for again
const MESSAGES_MAX = 10; // sent in a turn: the server takes 20 a second
const TURN_MS = 1_000;

export class Socket {
  /** As `Line`; `lost(wasOpen)`: it will not open any more. */
  constructor({held, told, changed, lost}) {
    Object.assign(this, {held, told});
    this.wanted = new Set();
    this.asked = new Set();
    this.refs = []; // what was asked by which number
    this.turnTimer = 0;
    this.said = 0; // in this turn
    this.wasOpen = false;
    const url = new URL(URL_OF_BOARDS, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.socket = new WebSocket(url);
    this.openTimer = setTimeout(() => lost(false), OPEN_MS);
    this.socket.addEventListener("open", () => {
      clearTimeout(this.openTimer);
      this.wasOpen = true;
      this.settle();
      changed();
    });
    this.socket.addEventListener("message", ({data}) => this.hear(JSON.parse(data)));
    this.socket.addEventListener("close", () => lost(this.wasOpen));
  }

  get opened() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  follow(keys) {
    this.wanted = keys;
    this.settle();
  }

  close() {
    clearTimeout(this.openTimer);
    this.socket.close();
  }

  hear({event, channel = "", data}) {
    if (event === "error" && data.ref) this.refused(this.refs[data.ref], data);
    else this.told(event, channel, data);
  }

  /** The server does not give a board: it is asked again after a while. */
  refused(key, problem) {
    this.told("error", key, problem);
    setTimeout(() => {
      this.asked.delete(key);
      this.settle();
    }, REFUSED_MS * (0.4 + Math.random()));
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
