/** The face of a sport that has none of its own: its line and its box as tables. */

import "../board/standings.js";
import {figure, words} from "../board/document.js";
import {part, table} from "./face.js";
import {play, sides} from "./sides.js";
import {element, setText} from "../shell/dom.js";

const DEEP_MAX = 3;

export function show(host, shown) {
  const {row} = shown;
  if (row.columns) return ranking(host, shown);
  if (row.line?.score !== undefined && (row.entrants ?? []).length <= 2) sides(host, shown);
  play(host, shown);
  const plain = [];
  objects(host, "", row.box ?? row.line ?? {}, shown, plain, 0);
  figures(host, plain, shown);
}

/** A contest that ranks a field. */
function ranking(host, {row}) {
  const board = part(host, "standings", () => document.createElement("standings-board"));
  board.show(row);
}

/** Objects of objects become tables; everything else is listed. */
function objects(host, path, value, shown, plain, depth) {
  for (const [key, inner] of Object.entries(value)) {
    const name = path ? `${path} · ${words(key)}` : words(key);
    if (isTable(inner)) rows(host, name, inner, shown);
    else if (isObject(inner) && depth < DEEP_MAX) objects(host, name, inner, shown, plain, depth + 1);
    else plain.push([name, inner]);
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isTable = (value) => isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isObject);

function rows(host, caption, value, {names, hrefs}) {
  const keys = [...new Set(Object.values(value).flatMap((row) => Object.keys(row)))];
  const simple = keys.filter((key) => Object.values(value).every((row) => !isObject(row[key])));
  table(host, caption, {
    caption,
    columns: simple.map((key) => ({key, label: words(key)})),
    rows: Object.entries(value)
      .sort(([a, x], [b, y]) => (x.order ?? x.rank ?? 0) - (y.order ?? y.rank ?? 0) || (a < b ? -1 : 1))
      .map(([id, row]) => [id, {
        name: names.get(id) ?? id,
        href: names.has(id) ? hrefs(id) : undefined,
        cells: Object.fromEntries(simple.map((key) => [key, read(row[key], names)])),
      }]),
  });
}

function read(value, names) {
  if (Array.isArray(value)) return value.map((one) => read(one, names)).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return names.get(value) ?? figure(value);
}

function figures(host, plain, {names}) {
  const list = part(host, "figures", () => element("dl", "facts"));
  const shown = plain.filter(([name]) => !["Score", "Teams", "Winner", "Clock", "Play", "Sides", "Pars"].includes(name));
  list.hidden = !shown.length;
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach(([name, value], n) => {
    if (!list.children[n]) {
      const pair = element("div");
      pair.append(element("dt"), element("dd"));
      list.append(pair);
    }
    const [term, said] = list.children[n].children;
    setText(term, name);
    setText(said, isObject(value) ? JSON.stringify(value) : read(value, names));
  });
}
