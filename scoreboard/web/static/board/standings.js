/** The standings: a table for each group, or one large ranking where there are no groups. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import {askable, keepStop} from "./cells.js";
import {changesByRow, sayCorrected} from "./corrected.js";
import {figure, groupsOf, words} from "./document.js";
import {isFollowed} from "./favourites.js";
import {moving} from "./moving.js";
import {entrantHref} from "./page.js";

const LETTERS_MAX = 4; // in a column as wide as those of small numbers

export class StandingsBoard extends HTMLElement {
  connectedCallback() {
    this.message = element("p", "message", "Waiting for the standings…");
    this.groups = element("div", "groups");
    this.more = element("p", "more");
    this.append(this.message, this.groups, this.more);
    this.filter = {text: "", group: ""};
    askable(this, (cell) => {
      const {entrant, name} = cell.parentElement;
      const detail = {entrant, name: name.textContent, figure: cell.dataset.figure, cell};
      this.dispatchEvent(new CustomEvent("why", {bubbles: true, detail}));
    });
  }

  /** Show the content of a `standings` board. */
  show(content) {
    this.content = content;
    const all = groupsOf(content);
    const groups = this.onPage(this.filtered(all));
    const columns = content.columns ?? [];
    this.dataset.figures = hasLongText(content) ? "text" : "numbers";
    this.dataset.layout = content.groups ? "groups" : "ranking";
    this.message.hidden = groups.length > 0;
    setText(this.message, all.length ? "Nobody here has such a name." : "No one is ranked yet.");
    reconcile(
      this.groups,
      [...followedOf(all), ...groups].map((group) => [`${group.id}\n${JSON.stringify(columns)}`, group]),
      () => new GroupTable(columns),
      (table, group) => table.show(group),
    );
    const shown = Object.keys(content.rows ?? {}).length;
    const hidden = (content.total ?? shown) - shown;
    setText(this.more, hidden > 0 ? `and ${hidden.toLocaleString()} more` : "");
    keepStop(this);
  }

  /** Show only rows whose names have `text`, of one `group` if it is not ""; returns how many. */
  narrow(filter) {
    this.filter = filter;
    if (!this.content) return 0;
    this.show(this.content);
    return this.filtered(groupsOf(this.content)).reduce((sum, {rows}) => sum + rows.length, 0);
  }

  filtered(groups) {
    const {text, group} = this.filter;
    const wanted = text.trim().toLocaleLowerCase();
    const has = ([id, {name = "", short = ""}]) => [id, name, short].some((word) => word.toLocaleLowerCase().includes(wanted));
    return groups
      .filter(({id}) => !group || id === group)
      .map((one) => ({...one, rows: wanted ? one.rows.filter(has) : one.rows}))
      .filter(({rows}) => rows.length);
  }

  /** Show one page of as many rows, or groups where there are some; returns how many pages there are. */
  fitTo({rows, groups}, page) {
    if (!this.content) return 1;
    this.page = {rows, groups, page};
    this.show(this.content);
    return this.pages;
  }

  /** The part of the groups that is on the page, if pages are turned. */
  onPage(all) {
    if (!this.page) return all;
    const {rows, groups, page} = this.page;
    if (all.length > 1) {
      this.pages = Math.ceil(all.length / groups);
      return all.slice(page * groups, (page + 1) * groups);
    }
    this.pages = Math.ceil((all[0]?.rows.length ?? 0) / rows);
    return all.map((one) => ({...one, rows: one.rows.slice(page * rows, (page + 1) * rows)}));
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

/** The rows of those whom this browser follows, as a group of its own before the others. */
function followedOf(groups) {
  const rows = groups.flatMap((group) => group.rows).filter(([id]) => isFollowed(id));
  return rows.length ? [{id: "\u2605", name: "★ Followed", rows}] : [];
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
    table.setAttribute("role", "grid"); // see cells.js
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
    const order = group.rows.map(([id]) => id).join("\n");
    const fill = () => reconcile(this.body, group.rows, (id) => this.createRow(id), (row, item, isNew) => {
      this.fill(row, item, isNew);
    });
    if (order === this.order) fill();
    else moving(this.body, fill);
    this.order = order;
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

  createRow(id) {
    const row = element("tr");
    row.entrant = id;
    const rank = element("td", "rank");
    row.rank = element("span", "number");
    row.moved = element("span", "moved");
    rank.append(row.rank, row.moved);
    const name = element("th", "name");
    name.scope = "row";
    row.name = element("a", "entrant");
    row.name.href = entrantHref(id);
    row.note = element("span", "note");
    name.append(row.name, row.note);
    row.header = name;
    row.figures = this.columns.map(({key}, n) => {
      const cell = element("td", columnClass(this.columns, n));
      cell.tabIndex = -1;
      cell.dataset.figure = key;
      return cell;
    });
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
    const followed = isFollowed(row.entrant);
    row.classList.toggle("followed", followed);
    setText(row.note, [followed ? "★ followed" : "", note].filter(Boolean).join(" · "));
    row.note.title = title;
    let changed = false;
    this.columns.forEach((column, n) => {
      const text = figure(item.figures?.[column.key]);
      if (setText(row.figures[n], text) && !isNew) {
        mark(row.figures[n]);
        changed = true;
      }
    });
    if (!changed && !moved) return;
    setText(row.moved, {up: "▲", down: "▼"}[moved] ?? "");
    if (moved) row.moved.setAttribute("aria-label", `moved ${moved}`);
    else row.moved.removeAttribute("aria-label");
    mark(row, changed ? "yes" : "moved"); // who only made room is not lit up
  }
}

/** Whether any figure is longer than columns of small numbers are wide. */
function hasLongText({rows = {}, columns = []}) {
  const long = (value) => String(value ?? "").length > LETTERS_MAX;
  return Object.values(rows).some(({figures = {}}) => columns.some(({key}) => long(figures[key])));
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
