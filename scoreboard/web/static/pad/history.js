/** What this device has said of the contest, newest first, and what the server has refused of it. */

import {element, reconcile, setText} from "../shell/dom.js";
import {undone} from "./said.js";

const SHOWN_MAX = 30;
const SIGNS = {unsent: "○", sent: "✓", refused: "✕"};
const WORDS = {unsent: "not sent yet", sent: "sent", refused: "refused"};
const time = new Intl.DateTimeFormat([], {hour: "2-digit", minute: "2-digit", second: "2-digit"});

export class PadHistory extends HTMLElement {
  connectedCallback() {
    this.refused = element("ul", "refused");
    this.details = element("details");
    this.title = "";
    this.summary = element("summary", "", "Said on this device");
    this.list = element("ol", "said");
    this.details.append(this.summary, this.list);
    this.append(this.refused, this.details);
  }

  of(pad) {
    this.pad = pad;
  }

  show({items, refused}) {
    reconcile(this.refused, refused.map((item) => [item.n, item]), createRefused, (row, item) => {
      const {detail, title, hint, pointer} = item.problem ?? {};
      const where = pointer ? ` (${pointer})` : "";
      setText(row.words, `✕ Refused: ${item.label}. ${detail ?? title ?? ""}${where} ${hint ?? ""}`.trim());
      row.dismiss.onclick = () => this.pad.store.forget(item.n);
      row.again.onclick = () => this.again(item);
    });
    const gone = undone(items);
    const said = items.filter((item) => item.of === undefined).slice(-SHOWN_MAX).reverse();
    setText(this.summary, `Said on this device: ${said.length}`);
    reconcile(this.list, said.map((item) => [item.n, item]), createSaid, (row, item) => {
      const off = gone.has(item.n);
      row.classList.toggle("undone", off);
      setText(row.sign, SIGNS[item.state]);
      row.sign.title = WORDS[item.state];
      setText(row.when, time.format(item.at));
      setText(row.words, `${item.label}${off ? " (undone)" : ""}`);
      setText(row.button, off ? "Put back" : "Undo");
      row.button.hidden = item.state === "refused";
      row.button.setAttribute("aria-label", `${off ? "Put back" : "Undo"}: ${item.label}`);
      row.button.onclick = () => (off ? this.pad.putBack([item]) : this.pad.undo([item]));
    });
  }

  async again(item) {
    await this.pad.store.settle([[item.n, {state: "unsent", problem: undefined}]]);
    this.pad.drain.kick();
  }
}

function createRefused() {
  const row = element("li");
  row.words = row.appendChild(element("span"));
  row.again = row.appendChild(element("button", "", "Send again"));
  row.dismiss = row.appendChild(element("button", "", "Dismiss"));
  return row;
}

function createSaid() {
  const row = element("li");
  row.sign = row.appendChild(element("span", "sign"));
  row.when = row.appendChild(element("span", "when"));
  row.words = row.appendChild(element("span", "words"));
  row.button = row.appendChild(element("button"));
  return row;
}

customElements.define("pad-history", PadHistory);
