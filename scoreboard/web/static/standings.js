/** The standings: a table for each group, or one large ranking where there are no groups. */

import {element, mark, reconcile, setText} from "./dom.js";
import {changesByRow, sayCorrected} from "./corrected.js";
import {figure, groupsOf, words} from "./document.js";

export class StandingsBoard extends HTMLElement {
  connectedCallback() {
    this.message = element("p", "message", "Waiting for the standings…");
    this.groups = element("div", "groups");
    this.more = element("p", "more");
    this.append(this.message, this.groups, this.more);
  }

  /** Show the content of a `standings` board. */
  show(content) {
    const groups = groupsOf(content);
    const columns = content.columns ?? [];
    this.dataset.layout = content.groups ? "groups" : "ranking";
    this.message.hidden = groups.length > 0;
    setText(this.message, "No one is ranked yet.");
    reconcile(
      this.groups,
      groups.map((group) => [`${group.id}\n${JSON.stringify(columns)}`, group]),
      () => new GroupTable(columns),
      (table, group) => table.show(group),
    );
    const shown = Object.keys(content.rows ?? {}).length;
    const hidden = (content.total ?? shown) - shown;
    setText(this.more, hidden > 0 ? `and ${hidden.toLocaleString()} more` : "");
  }

  /** Say beside the rows that notices speak of what was wrong. */
  corrected(notices) {
    const changed = changesByRow(notices);
    for (const table of this.groups.children) table.corrected(changed);
  }

  /** Say why there is nothing to show. */
  explain(text) {
    if (!this.groups.childElementCount) setText(this.message, text);
  }
}

class GroupTable extends HTMLElement {
  constructor(columns = []) {
    super();
    this.columns = columns;
  }

  connectedCallback() {
    if (this.body) return;
    this.caption = element("caption");
    this.body = element("tbody");
    const table = element("table");
    table.append(this.caption, this.head(), this.body);
    this.append(table);
  }

  head() {
    const row = element("tr");
    const rank = element("th", "rank", "#");
    rank.title = "Rank";
    row.append(rank, element("th", "name", "Name"));
    this.columns.forEach((column, n) => {
      const head = element("th", columnClass(this.columns, n));
      const short = element("abbr", "", column.label ?? column.key);
      short.title = column.title ?? column.key;
      head.append(short);
      row.append(head);
    });
    for (const cell of row.children) cell.scope = "col";
    const head = element("thead");
    head.append(row);
    return head;
  }

  show(group) {
    setText(this.caption, group.name);
    reconcile(this.body, group.rows, () => this.createRow(), (row, item, isNew) => {
      this.fill(row, item, isNew);
    });
  }

  corrected(changed) {
    for (const [id, row] of this.body.childByKey ?? []) {
      const change = this.mostTelling(changed.get(id) ?? []);
      if (change) sayCorrected(row.header, row.name.textContent, change);
    }
  }

  /** The change of the main column, of any other, or of the rank. */
  mostTelling(changes) {
    const heads = [...this.columns].sort((a, b) => Boolean(b.main) - Boolean(a.main));
    for (const {key, label = key, title = key} of heads) {
      const found = changes.find(({path}) => path[0] === "figures" && path[1] === key);
      if (found) return {label, title, ...found};
    }
    const rank = changes.find(({path}) => path[0] === "rank" || path[0] === "group_rank");
    return rank && {label: "rank", title: "rank", ...rank};
  }

  createRow() {
    const row = element("tr");
    const rank = element("td", "rank");
    row.rank = element("span", "number");
    row.moved = element("span", "moved");
    rank.append(row.rank, row.moved);
    const name = element("th", "name");
    name.scope = "row";
    row.name = element("span", "entrant");
    row.note = element("span", "note");
    name.append(row.name, row.note);
    row.header = name;
    row.figures = this.columns.map((_, n) => element("td", columnClass(this.columns, n)));
    row.append(rank, name, ...row.figures);
    return row;
  }

  fill(row, item, isNew) {
    const rank = item.group_rank ?? item.rank ?? 0;  // of its division, in a field that has them
    const moved = isNew || row.at === rank ? "" : rank < row.at ? "up" : "down";
    row.at = rank;
    setText(row.rank, item.unplaced ? "–" : figure(item.group_rank ?? item.rank));
    setText(row.name, item.name ?? "");
    row.classList.toggle("withdrawn", Boolean(item.withdrawn));
    const [note, title] = noteOf(item);
    setText(row.note, note);
    row.note.title = title;
    let changed = false;
    this.columns.forEach((column, n) => {
      const text = figure(item.figures?.[column.key]);
      if (setText(row.figures[n], text) && !isNew) {
        mark(row.figures[n]);
        changed = true;
      }
    });
    if (moved) setText(row.moved, moved === "up" ? "▲" : "▼");
    if (moved) row.moved.setAttribute("aria-label", `moved ${moved}`);
    if (changed || moved) mark(row, moved || "yes");
  }
}

/** What is written small beside a name, and the whole sentence. */
function noteOf(item) {
  if (item.withdrawn) return ["withdrawn", "Takes no further part"];
  if (item.unplaced) return [item.figures?.out ?? "no place", "Has no place"];
  if (item.tied) return ["level", "Nothing parts these entrants: they share the rank"];
  if (!item.decided) return ["", ""];
  const by = words(item.decided).toLowerCase();
  return [`by ${by}`, `Parted from those level with it by ${by}`];
}

/** In narrow tables the first and the last two columns stay, then the first four. */
function columnClass(columns, n) {
  const kept = n === 0 || n >= columns.length - 2;
  const width = kept ? "" : n < 4 ? " second" : " third";
  return `figure${width}${columns[n].main ? " main" : ""}`;
}

customElements.define("group-table", GroupTable);
customElements.define("standings-board", StandingsBoard);
