/** What happened in a contest, the newest first. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import {inOrder} from "../faces/face.js";

const SHOWN_MAX = 40;

export class TimelineList extends HTMLElement {
  connectedCallback() {
    if (this.items) return;
    this.heading = element("h2", "", "What happened");
    this.items = element("ol", "timeline");
    this.items.reversed = true;
    this.all = element("button", "all");
    this.all.type = "button";
    this.all.addEventListener("click", () => {
      this.open = !this.open;
      this.show(...this.shown);
    });
    this.append(this.heading, this.items, this.all);
  }

  /** Show the content of a `timeline:CONTEST` board; `names`: of entrants by id. */
  show(content, names) {
    this.shown = [content, names];
    const all = inOrder(content).reverse();
    this.hidden = !all.length;
    this.dataset.clocks = all.some(({clock}) => clock) ? "yes" : "no";
    const isFirst = !this.items.childElementCount;
    reconcile(
      this.items,
      (this.open ? all : all.slice(0, SHOWN_MAX)).map((one) => [one.record, one]),
      createItem,
      (item, one, isNew) => {
        setText(item.clock, one.clock ?? "");
        setText(item.text, one.text);
        setText(item.who, names.get(one.entrant) ?? "");
        setText(item.score, one.score ?? "");
        if (isNew && !isFirst) mark(item);
      },
    );
    this.all.hidden = all.length <= SHOWN_MAX;
    setText(this.all, this.open ? "Show fewer" : `Show all ${all.length}`);
    this.all.setAttribute("aria-expanded", String(Boolean(this.open)));
  }
}

function createItem() {
  const item = element("li");
  item.clock = element("span", "clock");
  item.text = element("span", "text");
  item.who = element("span", "who");
  item.score = element("span", "score");
  const words = element("span", "words");
  words.append(item.text, item.who);
  item.append(item.clock, words, item.score);
  return item;
}

customElements.define("timeline-list", TimelineList);
