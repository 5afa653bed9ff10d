/** A table of figures that is filled anew with every change and keeps its cells, so nothing jumps. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import {decimalsOf, figure, written} from "../board/document.js";

/**
 * `show({caption, corner, columns, rows, most})`
 *
 * columns: `[{key, label, title, main}]`; rows: `[[id, {name, href, note, cells}]]`, cells by column:
 * a figure, or `{text, said, kind, title}`, where `said` is read aloud in place of a sign and `kind`
 * is what the style sheet knows it by. Past `most` rows a button shows the others.
 */
export class FiguresTable extends HTMLElement {
  connectedCallback() {
    if (this.table) return;
    this.caption = element("caption");
    this.title_ = this.caption.appendChild(element("span"));
    this.head = element("tr");
    const head = element("thead");
    head.append(this.head);
    this.body = element("tbody");
    this.table = element("table");
    this.table.append(this.caption, head, this.body);
    this.scroller = element("div", "scroller");
    this.scroller.append(this.table);
    this.more = element("button", "all");
    this.more.type = "button";
    this.more.hidden = true;
    this.more.addEventListener("click", () => {
      this.open = !this.open;
      this.show(this.shown);
    });
    this.append(this.scroller, this.more);
    new ResizeObserver(() => this.reach()).observe(this.scroller);
  }

  /** A table wider than its place is scrolled, by keyboard too. */
  reach() {
    const wide = this.scroller.scrollWidth > this.scroller.clientWidth + 1;
    if (wide) this.scroller.tabIndex = 0;
    else this.scroller.removeAttribute("tabindex");
    if (wide) this.scroller.setAttribute("role", "region");
    else this.scroller.removeAttribute("role");
    this.scroller.setAttribute("aria-label", this.caption.textContent || "Table");
  }

  show(table) {
    const {caption, corner = "Name", columns, rows, most = 40} = table;
    this.shown = table;
    this.hidden = !rows.length;
    setText(this.title_, caption);
    const heads = [{key: "", label: corner, name: true}, ...columns];
    reconcile(this.head, heads.map((column) => [column.key, column]), createHead, fillHead);
    const keys = columns.map((column) => column.key).join("\n");
    const decimals = new Map(columns.map(({key}) => [key, decimalsOf(rows.map(([, {cells}]) => cells[key]))]));
    const some = this.open ? rows : rows.slice(0, most);
    reconcile(
      this.body,
      some.map(([id, row]) => [`${id}\n${keys}`, row]),
      () => createRow(columns),
      (made, row, isNew) => fillRow(made, row, columns, isNew, decimals),
    );
    this.more.hidden = rows.length <= most;
    setText(this.more, this.open ? "Show fewer" : `Show all ${rows.length}`);
    this.more.setAttribute("aria-expanded", String(Boolean(this.open)));
  }
}

function createHead() {
  const head = element("th");
  head.scope = "col";
  head.short = element("abbr");
  head.append(head.short);
  return head;
}

function fillHead(head, {label, title = "", name, main}) {
  head.className = name ? "name" : main ? "figure main" : "figure";
  setText(head.short, label);
  head.short.title = title;
}

function createRow(columns) {
  const row = element("tr");
  row.header = element("th", "name");
  row.header.scope = "row";
  row.note = element("span", "note");
  row.cells_ = columns.map(({main}) => element("td", main ? "figure main" : "figure"));
  row.append(row.header, ...row.cells_);
  return row;
}

function fillRow(row, {name, href, note = "", kind = "", cells}, columns, isNew, decimals) {
  if (row.name_ !== name || row.href_ !== href) {
    row.name_ = name;
    row.href_ = href;
    const text = element(href ? "a" : "span", "entrant", name);
    if (href) text.href = href;
    row.header.replaceChildren(text, row.note);
  }
  setText(row.note, note);
  row.dataset.kind = kind;
  columns.forEach(({key}, n) => {
    const cell = row.cells_[n];
    const value = cells[key];
    const {text, said, kind: of = "", title = ""} = typeof value === "object" && value ? value : {text: value};
    const shown = typeof text === "number" ? written(text, {}, decimals.get(key)) : figure(text);
    const whole = `${shown}\n${said ?? ""}`;
    if (cell.whole === whole && cell.dataset.kind === of) return;
    if (cell.whole !== undefined && cell.whole !== whole && !isNew) mark(cell);
    cell.whole = whole;
    cell.dataset.kind = of;
    cell.title = title;
    if (said === undefined) return setText(cell, shown);
    const sign = element("span", "sign", shown);
    sign.setAttribute("aria-hidden", "true");
    cell.replaceChildren(sign, element("span", "unseen", said));
  });
}

customElements.define("figures-table", FiguresTable);
