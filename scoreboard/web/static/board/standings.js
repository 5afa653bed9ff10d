/** The standings: a table for each group, or one large ranking where there are no groups. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import {askable, keepStop} from "./cells.js";
import {decimalsOf, figure, groupsOf, words, written} from "./document.js";
import {isFollowed} from "./favourites.js";
import {inSight, moving} from "./moving.js";
import {entrantHref} from "./page.js";

const LETTERS_MAX = 4; // in a column as wide as those of small numbers
const LABEL = 0.95; // a heading's letters are smaller by this
const NARROW = /[.,:;' ]/g;
const WIDE = /[\p{Lu}mw+−-]/gu;
const PLUS = 4 / 3;
const NONE = {};
const widths = new WeakMap(); // of what patches leave as it is

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
    const written = this.measure(columns, Object.values(content.rows ?? {}));
    const layout = content.groups ? "groups" : "ranking";
    if (this.dataset.layout !== layout) this.dataset.layout = layout;
    this.message.hidden = groups.length > 0;
    setText(this.message, all.length ? "Nobody here has such a name." : "No one is ranked yet.");
    reconcile(
      this.groups,
      [...followedOf(all), ...groups].map((group) => [`${group.id}\n${JSON.stringify(written)}`, group]),
      () => new GroupTable(written),
      (table, group) => table.show(group),
    );
    const shown = Object.keys(content.rows ?? {}).length;
    const hidden = (content.total ?? shown) - shown;
    setText(this.more, hidden > 0 ? `and ${hidden.toLocaleString()} more` : "");
    keepStop(this);
  }

  /**
   * Note how wide each column has to be, and whether any is wider than those of small numbers; returns
   * them with the `decimals` of their numbers.
   */
  measure(columns, rows) {
    const longest = columns.map(({key, signed}) => rows.reduce((most, {figures = NONE}) => Math.max(most, (widthsOf(figures)[key] ?? 0) + (signed && figures[key] > 0 ? PLUS : 0)), 0));
    const needed = columns.map(({key, label = key}, n) => Math.max(longest[n], LABEL * widthOf(label)));
    const figures = longest.some((width) => width > LETTERS_MAX) ? "text" : "numbers";
    if (`${figures} ${needed}` !== this.measured) {
      this.measured = `${figures} ${needed}`;
      this.dataset.figures = figures;
      needed.forEach((width, n) => this.style.setProperty(`--letters-${n}`, width));
    }
    return columns.map((column) => ({...column, decimals: decimalsOf(rows.map(({figures = NONE}) => figures[column.key]))}));
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

  /** How many rows each table has. */
  get lengths() {
    return this.content ? this.filtered(groupsOf(this.content)).map(({rows}) => rows.length) : [];
  }

  /** Show one page of so many tables, of each so many `rows`; returns how many pages there are. Null: all. */
  fitTo(fits, page = 0) {
    this.page = fits && {...fits, page};
    if (this.content) this.show(this.content);
    return this.pages ?? 1;
  }

  /** The part of the groups that is on the page, if pages are turned: longer ones turn beside each other. */
  onPage(all) {
    this.pages = 1;
    if (!this.page) return all;
    const {rows, groups, page} = this.page;
    const last = (one) => Math.ceil(one.rows.length / rows) - 1;
    const part = (one, n) => ({...one, rows: one.rows.slice(n * rows, (n + 1) * rows)});
    const sheets = [];
    for (let first = 0; first < all.length; first += groups) {
      const beside = all.slice(first, first + groups);
      for (let n = 0; n <= Math.max(...beside.map(last)); n++) {
        sheets.push(beside.map((one) => part(one, Math.min(n, last(one)))));
      }
    }
    this.pages = Math.max(1, sheets.length);
    return sheets[page] ?? [];
  }

  /** Say beside the rows that notices speak of what was wrong. */
  async corrected(notices) {
    const {changesByRow, sayCorrected} = await import("./corrected.js");
    const changed = changesByRow(notices);
    for (const table of this.groups.children) table.corrected(changed, sayCorrected);
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
    const head = this.head();
    table.role = "grid"; // see cells.js; the other roles are lost with rows that are no table rows
    for (const part of [head, this.body]) part.role = "rowgroup";
    table.append(this.caption, head, this.body);
    this.append(table);
  }

  head() {
    const row = element("tr");
    row.role = "row";
    const rank = element("th", "rank", "#");
    rank.title = "Rank";
    row.append(rank, element("th", "name", "Name"));
    this.columns.forEach((column, n) => {
      const head = figureCell("th", this.columns, n);
      const short = element("abbr", "", column.label ?? column.key);
      short.title = column.title ?? column.key;
      head.append(short);
      row.append(head);
    });
    for (const cell of row.children) {
      cell.scope = "col";
      cell.role = "columnheader";
    }
    const head = element("thead");
    head.append(row);
    return head;
  }

  show(group) {
    setText(this.caption, group.name);
    const order = group.rows.map(([id]) => id).join("\n");
    const known = this.body.childByKey;
    if (order === this.order && group.rows.every(([id, item]) => known.get(id).item === item)) return;
    const seen = inSight(this.body);
    const write = () => {
      const news = this.write(group.rows);
      for (const row of [...this.body.children].slice(...seen)) lightUp(row, news.get(row));
    };
    if (order === this.order) write();
    else moving(this.body, seen, write);
    this.order = order;
  }

  /** Write the rows whose content is new, in order; returns what is new in them. */
  write(rows) {
    const news = new Map();
    reconcile(this.body, rows, (id) => this.createRow(id), (row, item, isNew) => {
      if (row.item !== item) news.set(row, this.fill(row, item, isNew));
    });
    return news;
  }

  corrected(changed, say) {
    for (const [id, row] of this.body.childByKey ?? []) {
      const change = this.mostTelling(changed.get(id) ?? []);
      if (change) say(row.header, row.name.textContent, change);
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
    row.role = "row";
    row.entrant = id;
    const rank = element("td", "rank");
    rank.role = "gridcell";
    row.rank = element("span", "number");
    row.moved = element("span", "moved");
    rank.append(row.rank, row.moved);
    const name = element("th", "name");
    name.scope = "row";
    name.role = "rowheader";
    row.name = element("a", "entrant");
    row.name.href = entrantHref(id);
    row.note = element("span", "note");
    name.append(row.name, row.note);
    row.header = name;
    row.figures = this.columns.map(({key}, n) => {
      const cell = figureCell("td", this.columns, n);
      cell.role = "gridcell";
      cell.tabIndex = -1;
      cell.dataset.figure = key;
      return cell;
    });
    row.append(rank, name, ...row.figures);
    return row;
  }

  /** Write what is new; returns it: `{cells, moved}`, nothing if the row is. */
  fill(row, item, isNew) {
    const rank = item.group_rank ?? item.rank ?? 0;  // of its division, in a field that has them
    const moved = row.at === rank ? "" : rank < row.at ? "up" : "down";
    const isSame = row.item && row.item.figures === item.figures;
    row.item = item;
    row.at = rank;
    setText(row.rank, item.unplaced ? "–" : figure(item.group_rank ?? item.rank));
    setText(row.name, item.name ?? "");
    row.classList.toggle("withdrawn", Boolean(item.withdrawn));
    const [note, title] = noteOf(item);
    const followed = isFollowed(row.entrant);
    row.classList.toggle("followed", followed);
    setText(row.note, [followed ? "★ followed" : "", note].filter(Boolean).join(" · "));
    if (row.note.title !== title) row.note.title = title;
    const cells = isSame ? [] : row.figures.filter((cell, n) => setText(cell, written(item.figures?.[cell.dataset.figure], this.columns[n], this.columns[n].decimals)));
    return isNew ? null : {cells, moved};
  }
}

/** Let a row's news be seen for a while. Who only made room is not lit up. */
function lightUp(row, news) {
  if (!news || (!news.cells.length && !news.moved)) return;
  const {cells, moved} = news;
  for (const cell of cells) mark(cell);
  setText(row.moved, {up: "▲", down: "▼"}[moved] ?? "");
  if (moved) row.moved.setAttribute("aria-label", `moved ${moved}`);
  else row.moved.removeAttribute("aria-label");
  mark(row, cells.length ? "yes" : "moved");
}

/** How wide each of a row's figures is. */
function widthsOf(figures) {
  if (!widths.has(figures)) {
    widths.set(figures, Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, widthOf(value)])));
  }
  return widths.get(figures);
}

/** How wide a figure is, in digits, nearly. */
function widthOf(value) {
  const text = String(value ?? "");
  return text.length - (text.match(NARROW)?.length ?? 0) / 2 + (text.match(WIDE)?.length ?? 0) / 3;
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

/** A cell of a column: in narrow tables the main and the brief ones stay, or the first and the last two. */
function figureCell(name, columns, n) {
  const {main, brief} = columns[n];
  const kept = columns.some((column) => column.brief) ? main || brief : main || n === 0 || n >= columns.length - 2;
  const width = kept ? "" : n < 4 ? " second" : " third";
  const cell = element(name, `figure${width}${columns[n].main ? " main" : ""}`);
  cell.style.setProperty("--letters", `var(--letters-${n})`);
  return cell;
}

customElements.define("group-table", GroupTable);
customElements.define("standings-board", StandingsBoard);
