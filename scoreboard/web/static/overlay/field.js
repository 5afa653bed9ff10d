/** What an overlay says of many: who leads a contest, and the part of the standings that fits. */

import {decimalsOf, figure, groupsOf, written} from "../board/document.js";

const COLUMNS_MAX = 4;
const WORDS = /[a-z]{3}/i;
const LETTERS_MAX = 20; // of all figures of a row together

/**
 * The first of a contest, `[{id, rank, name, figure, note}]`: by its own ranking or places if it has any (`box`),
 * else as those who are in it stand in the standings. `note`: where one is who is not home yet.
 */
export function leadersOf(row, box, standings, most) {
  const placed = placedIn(box?.box?.rows ?? {}, standings);
  if (placed.length) return placed.slice(0, most);
  const ranked = box?.columns ? box : standings;
  if (!ranked?.columns) return [];
  const inIt = new Set((row.entrants ?? []).map(({id}) => id));
  const main = ranked.columns.find((column) => column.main) ?? ranked.columns.at(-1);
  const decimals = decimalsOf(Object.values(ranked.rows ?? {}).map(({figures}) => figures?.[main.key]));
  return tableOf(ranked, ranked === box ? "" : row.group ?? "").rows
    .filter(([id, {unplaced}]) => !unplaced && (ranked === box || !inIt.size || inIt.has(id)))
    .slice(0, most)
    .map(([id, {name, figures = {}}, rank]) => ({
      id, rank, name: name ?? id, figure: written(figures[main.key], main, decimals), note: figures.status === "racing" ? figures.at ?? "" : "",
    }));
}

/** Who has a place in a round, with what it was worth; names are in the standings. */
function placedIn(rows, standings) {
  return Object.entries(rows)
    .filter(([, {place, points}]) => place !== undefined && points !== undefined)
    .sort(([a, x], [b, y]) => x.place - y.place || (a < b ? -1 : 1))
    .map(([id, {place, points}]) => ({id, rank: place, name: standings?.rows?.[id]?.name ?? id, figure: figure(points), note: ""}));
}

/** `{title, rows: [[id, row, rank], ...]}`: a group, or a whole field whose divisions are ranked beside it. */
export function tableOf(content, wanted) {
  const groups = groupsOf(content);
  const divided = Object.values(content.rows ?? {}).some((row) => row.group_rank);
  if (divided && !groups.some(({id}) => id === wanted)) {
    const rows = Object.entries(content.rows).sort(([a, x], [b, y]) => x.rank - y.rank || (a < b ? -1 : 1));
    return {title: content.title, rows: rows.map(([id, row]) => [id, row, row.rank])};
  }
  const group = groups.find(({id}) => id === wanted) ?? groups[0];
  return {
    title: [content.title, group?.name].filter(Boolean).join(" · "),
    rows: (group?.rows ?? []).map(([id, row]) => [id, row, row.group_rank ?? row.rank]),
  };
}

/** The columns that fit: the main one, then the brief ones or, without such, all, while there is room. */
export function columnsOf(columns, rows) {
  const letters = ({key, label = key}) => Math.max(
    Math.ceil(label.length * 0.6), ...rows.map(([, row]) => figure(row.figures?.[key]).length),
  );
  const main = columns.find((column) => column.main)?.key;
  const repeats = (value, {figures = {}}) => value === figures[main] && figure(value).length > 2;
  const says = ({key}) => rows.some(([, row]) => {
    const value = row.figures?.[key];
    return value !== undefined && !WORDS.test(value) && !repeats(value, row);
  });
  const hasBrief = columns.some(({brief}) => brief);
  const told = columns.filter((column) => column.main || ((!hasBrief || column.brief) && says(column)));
  const kept = new Set();
  let room = LETTERS_MAX;
  for (const column of [...told.filter(({main}) => main), ...told.filter(({main}) => !main)]) {
    room -= letters(column);
    if (kept.size && (room < 0 || kept.size === COLUMNS_MAX)) break;
    kept.add(column);
  }
  return columns.filter((column) => kept.has(column))
    .map((column) => ({...column, decimals: decimalsOf(rows.map(([, row]) => row.figures?.[column.key]))}));
}

/** How many rows of the standings the stage has room for, in its units of 1080 by height. */
export function rowsThatFit({show, corner, scale, rows}) {
  const bottom = corner.startsWith("b");
  let room = 1080 - 2 * 54;
  if (show.includes("bug")) room -= 16 + 222 * scale;
  if (show.includes("lower") && bottom) room -= 46 + 140 * scale;
  if (show.includes("contest")) room -= 18 + 300 * scale;
  return Math.max(1, Math.min(rows, Math.floor((room / scale - 75) / 45)));
}
