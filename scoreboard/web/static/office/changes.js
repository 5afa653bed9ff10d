/** What a preview changes: a card for each board, a line for each row, every figure before → after. */

import {element, reconcile, setText} from "../shell/dom.js";

const SIGNS = {new: "+ New", gone: "− Gone", changed: ""};

export class BoardChanges extends HTMLElement {
  /** `boards` as `differences` tells them; `moved`: keys of rows that a former preview showed otherwise. */
  show(boards, moved) {
    reconcile(this, boards.map((one) => [one.board, one]), () => new BoardChange(), (card, one) => card.show(one, moved));
  }
}

class BoardChange extends HTMLElement {
  connectedCallback() {
    if (this.rows) return;
    this.className = "card change";
    this.heading = element("h3");
    this.rows = element("ul", "rows");
    this.append(this.heading, this.rows);
  }

  show({board, title, isNew, rows}, moved) {
    setText(this.heading, isNew ? `${title} (new)` : title);
    this.rows.replaceChildren(...rows.map((row) => rowOf(row, moved?.has(`${board}\n${row.key}`))));
  }
}

function rowOf({name, kind, cells}, moved) {
  const made = element("li", `change-row ${kind}`);
  const head = element("p", "who");
  if (SIGNS[kind]) head.append(element("span", "sign-word", SIGNS[kind]));
  head.append(element("strong", "", name));
  if (moved) head.append(element("span", "moved", "▲ Moved meanwhile"));
  made.append(head);
  if (cells.length) made.append(figuresOf(cells));
  return made;
}

function figuresOf(cells) {
  const list = element("ul", "figures");
  for (const {label, before, after} of cells) {
    const cell = element("li");
    if (label) cell.append(element("span", "label", label));
    const old = element("del", "before", before);
    const now = element("ins", "after", after);
    const arrow = element("span", "arrow", "→");
    arrow.setAttribute("aria-label", "becomes");
    arrow.setAttribute("role", "img");
    cell.append(old, arrow, now);
    list.append(cell);
  }
  return list;
}

customElements.define("board-changes", BoardChanges);
customElements.define("board-change", BoardChange);
