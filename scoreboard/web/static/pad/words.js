/** What differs between two contents of a board, in sentences to be read aloud. No page in here. */

import {decimalsOf, scoresOf, written} from "../board/document.js";

const STATUS = {live: "is under way", finished: "is over", delayed: "is delayed", abandoned: "is abandoned"};
const RESULT = {official: "the result is official", disputed: "the result is disputed", "under-review": "the result is under review"};

/** A contest with its score: `Gulls 1 – 0 Terns`. */
export function scored(row) {
  const scores = scoresOf(row);
  const sides = row.entrants ?? [];
  if (sides.length !== 2) return row.name || sides.map(({name}) => name).join(", ");
  const [[one, mine], [other, theirs]] = sides.map(({id, name}) => [name ?? id, scores.get(id) ?? ""]);
  return mine === "" && theirs === "" ? `${one} – ${other}` : `${one} ${mine} – ${theirs} ${other}`;
}

/** Contests that began, ended, or whose score moved without a happening of its own. */
export function changed(before, content) {
  if (!before) return [];
  const told = [];
  for (const [id, row] of Object.entries(content.rows ?? {})) {
    const old = before.rows?.[id];
    if (!old) told.push(`New on the schedule: ${scored(row)}`);
    else if (old.status !== row.status && STATUS[row.status]) told.push(`${scored(row)}: ${STATUS[row.status]}`);
    else if (old.result !== row.result && RESULT[row.result]) told.push(`${scored(row)}: ${RESULT[row.result]}`);
  }
  return told;
}

/** A score that no line is broken in. */
const together = (score) => score.replaceAll("-", "\u2060–\u2060").replaceAll(" ", "\u00a0");

/** Happenings that are new on a timeline, and those that were taken back: `[{text, tone}]`, oldest first. */
export function happened(before, content, nameOf) {
  const rows = content.rows ?? {};
  const words = ({text, clock, entrant, score}) => [clock, [text, entrant && nameOf(entrant)].filter(Boolean).join(", "), score && together(score)].filter(Boolean).join(" · ");
  const known = before?.rows ?? {};
  const fresh = Object.entries(rows)
    .filter(([record]) => !(record in known))
    .sort(([, a], [, b]) => a.order - b.order)
    .map(([, row]) => ({text: words(row), tone: ""}));
  const gone = Object.entries(known)
    .filter(([record]) => !(record in rows))
    .map(([, row]) => ({text: `Taken back: ${words(row)}`, tone: "corrected"}));
  return [...gone, ...fresh];
}

/** The first of a ranking, or of each of its groups: `[{id, rank, name, figure, column, decimals}]`. */
export function leaders(content, most) {
  const main = (content.columns ?? []).find((column) => column.main) ?? content.columns?.[0] ?? {};
  const decimals = decimalsOf(Object.values(content.rows ?? {}).map(({figures}) => figures?.[main.key]));
  return Object.entries(content.rows ?? {})
    .filter(([, row]) => !row.unplaced && (!row.group || (row.group_rank ?? row.rank) === 1))
    .sort(([, a], [, b]) => (a.group ?? "").localeCompare(b.group ?? "") || a.rank - b.rank)
    .slice(0, most)
    .map(([id, row]) => ({id, rank: row.group_rank ?? row.rank, group: row.group, name: row.group ? `${row.name} (${content.groups?.[row.group]?.name ?? row.group})` : row.name, figure: row.figures?.[main.key] ?? "", column: main, decimals}));
}

/** Who is alone in front, by group. */
function alone(content) {
  const first = leaders(content, Infinity).filter(({rank}) => rank === 1);
  const of = (group) => first.filter((one) => one.group === group);
  return new Map(first.filter((one) => of(one.group).length === 1).map((one) => [one.group, one]));
}

/** Who came to be alone in front since. */
export function led(before, content) {
  if (!before) return [];
  const old = alone(before);
  return [...alone(content)]
    .filter(([group, {id}]) => old.get(group)?.id !== id)
    .map(([, {name, figure: has, column, decimals}]) => `${name} takes the lead: ${written(has, column, decimals)} ${column.label ?? ""}`);
}

const KINDS = ["record", "best", "milestone"];

/** Records first, then bests, then milestones, of each the newest first: `[{key, kind, text, entrant}]`. */
export function told({rows = {}}) {
  return Object.entries(rows)
    .map(([key, row]) => ({key, ...row}))
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.order - a.order);
}

/** What correction notices of milestones say was told and is not true. */
export function outdone(notices) {
  return notices
    .flatMap(({changes}) => changes)
    .filter(({pointer, before}) => pointer.endsWith("/text") && before !== undefined)
    .map(({before}) => before);
}
