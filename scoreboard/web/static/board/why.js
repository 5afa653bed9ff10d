/**
 * Why a figure is what it is: the records behind it, as far as whoever looks may see. A panel beside the
 * board, or below it on a phone; the row that was asked for stays in sight. Escape closes it.
 */

import {ask, under, wordsOf} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {figure, words} from "./document.js";
import {contestHref, slug} from "./page.js";

const AGAIN_MS = 1_000; // figures that change are explained again this often at most
const PARTS_MAX = 200;

class WhyPanel extends HTMLElement {
  connectedCallback() {
    this.hidden = true;
    this.turns = this.shown = 0;
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", "Why this figure");
    this.heading = element("h2");
    this.heading.tabIndex = -1;
    this.close_ = element("button", "close", "Close ");
    this.close_.type = "button";
    this.close_.append(element("kbd", "", "Esc"));
    this.close_.addEventListener("click", () => this.close());
    this.place = element("p", "hint");
    this.select = element("select");
    this.select.addEventListener("change", () => this.draw(this.select.value));
    const label = element("label", "", "Figure ");
    label.append(this.select);
    this.message = element("p", "message");
    this.message.setAttribute("role", "status");
    this.parts = element("ol", "parts");
    const top = element("div", "row");
    top.append(this.heading, this.close_);
    this.append(top, this.place, label, this.message, this.parts);
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.hidden) return;
      event.stopImmediatePropagation();
      this.close();
    });
  }

  /** Explain `figure` of an entrant on a board; `cell`: where it stands; `nameOf(contest)`; `at`: when. */
  open(asked) {
    this.asked = asked;
    this.hidden = false;
    document.body.dataset.why = "open";
    setText(this.heading, asked.name);
    setText(this.message, "Asking…");
    this.parts.replaceChildren();
    this.heading.focus({preventScroll: true});
    this.keepInSight();
    this.load();
  }

  close() {
    this.hidden = true;
    delete document.body.dataset.why;
    const {cell} = this.asked;
    this.asked = null;
    if (cell?.isConnected) cell.focus();
  }

  /** The row that was asked for is scrolled to where the panel does not lie. */
  keepInSight() {
    const {cell} = this.asked;
    const row = cell?.getBoundingClientRect();
    const own = this.getBoundingClientRect();
    const top = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
    const bottom = own.left > 0 ? innerHeight : own.top;
    if (row && row.bottom > bottom - 8) scrollBy({top: row.bottom - bottom + 24});
    else if (row && row.top < top) scrollBy({top: row.top - top - 24});
  }

  /** What is shown may have changed: explain it again soon. */
  refresh() {
    if (this.hidden || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (!this.hidden) this.load();
    }, AGAIN_MS);
  }

  /** Ask, and show the answer unless one to a later question is shown: answers overtake each other. */
  async load() {
    const {asked} = this;
    const turn = ++this.turns;
    const isLate = () => this.asked !== asked || turn < this.shown;
    const at = asked.at?.();
    const path = `${under(slug, "boards", asked.board, "rows", asked.entrant, "explain")}${at ? `?at=${at}` : ""}`;
    try {
      const found = await ask(path, {login: false});
      if (isLate()) return;
      this.shown = turn;
      this.found = found;
    } catch (refused) {
      if (!isLate()) setText(this.message, wordsOf(refused));
      return;
    }
    const heads = Object.entries(this.found.figures);
    reconcile(this.select, heads, (key) => {
      const option = element("option");
      option.value = key;
      return option;
    }, (option, {title, value}) => setText(option, `${title || words(option.value)}: ${figure(value)}`));
    if (asked.figure in this.found.figures) this.select.value = asked.figure;
    this.draw(this.select.value);
  }

  draw(key) {
    const {figures, ...row} = this.found;
    const {value, parts = []} = figures[key] ?? {};
    this.asked.figure = key;
    setText(this.place, placeOf(row));
    const counts = parts.some((part) => "change" in part);
    setText(this.message, parts.length ? (counts ? `These add up to ${figure(value)}:` : "What made it so:") : "No record is behind this figure yet.");
    const shown = parts.slice(-PARTS_MAX);
    this.parts.replaceChildren(...shown.map((part) => partItem(part, this.asked.nameOf)));
  }
}

function placeOf({rank, group_rank: own, unplaced, decided, tied, frozen}) {
  const said = [];
  if (unplaced) said.push("Has no place.");
  else if (own ?? rank) said.push(`Place ${own ?? rank}.`);
  if (decided) said.push(`Parted from equals by ${words(decided).toLowerCase()}.`);
  if (tied) said.push("Nothing parts it from its equals.");
  if (frozen) said.push("Frozen: what came later is not counted here.");
  return said.join(" ");
}

function partItem(part, nameOf) {
  const item = element("li");
  const did = "change" in part ? `${part.change > 0 ? "+" : ""}${figure(part.change)}` : `→ ${figure(part.became) || "none"}`;
  item.append(element("span", "did", did));
  const words_ = element("div");
  words_.append(element("p", "", part.text || (part.type ? words(part.type.split(".").at(-1)) : REMAINDER[part.remainder] ?? "")));
  if (part.contest) {
    const link = element("a", "", nameOf(part.contest));
    link.href = contestHref(part.contest);
    const where = element("p");
    where.append(link);
    words_.append(where);
  }
  if (part.record) words_.append(element("p", "hint", recordOf(part)));
  for (const joined of part.joined ?? []) words_.append(element("p", "hint", `Combined with ${joined.record} by ${joined.by}`));
  if (part.said) words_.append(versions(part.said));
  item.append(words_);
  return item;
}

const REMAINDER = {start: "There from the start", others: "By what others did"};

function recordOf({record, position, versions: count}) {
  const corrected = count > 1 ? ` · corrected: version ${count}` : "";
  return `Record ${record} · entry ${position}${corrected}`;
}

/** Who said what, oldest first; what is no longer in force is struck through. */
function versions(said) {
  const list = element("ul", "versions");
  said.forEach((one, n) => {
    const text = `${words(one.action)} by ${one.actor} from ${one.source}, ${localTime(Date.parse(one.received))}${one.reason ? `: ${one.reason}` : ""}`;
    const line = element("li");
    line.append(element(n < said.length - 1 ? "s" : "span", "", text));
    list.append(line);
  });
  return list;
}

customElements.define("why-panel", WhyPanel);
