/**
 * How a sport's contest is drawn: one module a sport, fetched when a contest of it is looked at, and a
 * general one for all others, such as points: a ranking by one figure is a table. A module exports
 *
 *   show(host, {row, timeline, names, hrefs})
 *
 * which fills `host` from the content of the boards `box:CONTEST` and `timeline:CONTEST` (null where
 * there is none), again and again as they change. One that exports `wide` has the page's whole width. `names`: entrants by id; `hrefs(id)`: their pages.
 */

import "./table.js";

const OWN = new Set(["football", "golf", "judged", "lifting", "periods", "problems", "race", "rounds", "season", "tennis"]);

/** The face of a sport's contests. */
export async function faceOf(sport) {
  return import(OWN.has(sport) ? `./${sport}.js` : "./general.js");
}

/** A part of a face by its name: made once, in the order in which parts are asked for first. */
export function part(host, name, create) {
  host.parts ??= new Map();
  if (!host.parts.has(name)) {
    const made = create();
    host.parts.set(name, made);
    host.append(made);
  }
  return host.parts.get(name);
}

/** A table of a face; see `FiguresTable.show`. */
export function table(host, name, shown) {
  part(host, name, () => document.createElement("figures-table")).show(shown);
}

/** A player by name, or by the number that is all that is known: `no. 12`. */
export function called(player = "") {
  return /^\d+$/.test(player) ? `no. ${player}` : player;
}

/** Happenings in order, `[{record, text, clock, entrant, score}]`. */
export function inOrder(timeline) {
  return Object.entries(timeline?.rows ?? {})
    .map(([record, row]) => ({record, ...row}))
    .sort((a, b) => a.order - b.order);
}
