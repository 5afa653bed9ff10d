/**
 * What a preview changes, as rows of before and after in the boards' own words. No page in here.
 *
 *   [{board, title, isNew, rows: [{key, name, kind, cells: [{label, before, after}]}]}, ...]
 */

import {figure, merge, statusOf, words} from "../board/document.js";

const TITLES = {standings: "Standings", contests: "Contests", flags: "To be looked at", bracket: "Bracket"};
/** Boards of one contest, by the word before the colon. */
const OF_CONTEST = {box: "Score sheet", timeline: "Timeline", reconciliation: "Waiting to be matched"};
const ORDER = ["standings", "contests", "timeline", "box"];
/** Members that only repeat what others say, or where a row is put. */
const SILENT = new Set(["order", "tied", "name", "short", "decided"]);

/** A change `{board, merge, status}` on top of the board's `content` (null if it is new). */
export function differences(change, content, office) {
  const before = content ?? {};
  const after = merge(before, change.merge);
  const rows = [];
  if (before.rows || after.rows) {
    for (const key of Object.keys(change.merge.rows ?? {})) {
      const row = ofRow(key, before.rows?.[key], after.rows?.[key], after, office);
      if (row.kind !== "changed" || row.cells.length) rows.push(row);
    }
  }
  const rest = ({rows: _, ...others}) => others;
  const own = cellsOf(rest(before), rest(after), after, office);
  if (own.length) rows.push({key: "", name: "All of it", kind: "changed", cells: own});
  return {board: change.board, title: titleOf(change.board, office), isNew: !content, rows};
}

export function titleOf(board, office) {
  const [kind, contest] = board.split(":");
  if (contest !== undefined) return `${OF_CONTEST[kind] ?? words(kind)}: ${office.contest(contest)}`;
  return TITLES[board] ?? words(board);
}

/** The order in which boards are looked at: what the public looks at first. */
export function byWeight(a, b) {
  const weight = ({board}) => (ORDER.indexOf(board.split(":")[0]) + 1 || ORDER.length + 1);
  return weight(a) - weight(b) || (a.board < b.board ? -1 : 1);
}

function ofRow(key, before, after, content, office) {
  const row = after ?? before ?? {};
  if (row.flags) return {key, name: `${row.flags.map(words).join(", ")} (${key})`, kind: before && after ? "changed" : before ? "gone" : "new", cells: []};
  const name = row.name ?? (row.text ? happening(row, office) : office.entrants.get(key) ?? office.contests.get(key) ?? key);
  const kind = !before ? "new" : !after ? "gone" : "changed";
  if (row.text && kind === "changed" && happening(before, office) !== happening(after, office)) {
    return {key, name: words(row.text), kind, cells: [{label: "", before: happening(before, office), after: happening(after, office)}]};
  }
  return {key, name, kind, cells: kind === "changed" ? cellsOf(before, after, content, office) : []};
}

function happening({clock = "", text, entrant = "", score = ""}, office) {
  return [clock, text, office.entrants.get(entrant) ?? entrant, score.replace?.("-", "–")].filter(Boolean).join(" ");
}

/** The figures that differ, each with its heading. */
function cellsOf(before, after, content, office) {
  const cells = [];
  const [was, is] = [statusOf(before), statusOf(after)];
  if (was !== is) cells.push({label: "State", before: was || "–", after: is || "–"});
  walk(before, after, [], (path, old, now) => {
    if (path.length === 1 && ["status", "result"].includes(path[0])) return;
    if (SILENT.has(path.at(-1))) return;
    const named = isTable(old) || isTable(now) ? path.slice(0, -1) : path; // the last is an id
    cells.push({label: labelOf(named, content), before: shown(old, office), after: shown(now, office)});
  });
  const once = new Map(cells.map((cell) => [JSON.stringify(cell), cell])); // a line repeats its sheet
  return [...once.values()];
}

/** Each pair of values that differ below two tables. */
function walk(before, after, path, tell) {
  for (const key of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const [old, now] = [before?.[key], after?.[key]];
    if (isTable(old) && isTable(now)) walk(old, now, [...path, key], tell);
    else if (JSON.stringify(old) !== JSON.stringify(now)) tell([...path, key], old, now);
  }
}

function isTable(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function labelOf(path, content) {
  const column = path[0] === "figures" && content.columns?.find?.(({key}) => key === path[1]);
  if (column) return column.title ?? column.label;
  const said = path.filter((one) => !["figures", "line", "box"].includes(one));
  return said.map((one) => (/^[a-z_]+$/.test(one) ? words(one) : one)).join(" › "); // ids as they are
}

function shown(value, office) {
  if (value === undefined || value === null || value === "") return "–";
  if (Array.isArray(value) && value.every((one) => typeof one === "number")) return value.map(figure).join("–");
  return typeof value === "number" ? figure(value) : office.value(value);
}
