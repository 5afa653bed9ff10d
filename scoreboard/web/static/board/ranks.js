/** Ranks over time as a picture: the standings read at a few moments, one after the other. */

import {chart} from "../faces/chart.js";
import {ask} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {groupsOf} from "./document.js";

const MOMENTS = 14; // so many boards of the past are read for one picture
const DRAWN = 8;
const SOON_MS = 60_000; // moments within this are told apart by their entries, not by the clock

/** Draw into `host` the ranks of the first few of a group ("": the first group, or all). */
export async function drawRanks(host, api, content, group) {
  const groups = groupsOf(content);
  const {name, rows = []} = groups.find(({id}) => id === group) ?? groups[0] ?? {};
  const drawn = rows.slice(0, DRAWN);
  const {moments} = await ask(`${api}/moments`, {login: false});
  const some = evenly(moments, MOMENTS);
  const boards = [];
  for (const {position} of some) {
    boards.push((await ask(`${api}/boards/standings?at=${position}`, {login: false})).content.rows ?? {});
  }
  const [first, last] = [some[0], some.at(-1)].map(({at}) => Date.parse(at));
  const label = ({position, at}) => (last - first < SOON_MS ? `entry ${position}` : localTime(Date.parse(at)));
  chart(host, "ranks", {
    title: `Rank over time${name ? `: ${name}` : ""}`,
    inverted: true,
    labels: some.map(label),
    series: drawn.map(([id, row]) => ({name: row.name, values: boards.map((board) => rankOf(board[id]))})),
    corner: "When",
  });
}

/** Nobody has a rank worth drawing before anything counted, nor without a place. */
function rankOf(row) {
  return !row || row.unplaced ? undefined : row.group_rank ?? row.rank;
}

function evenly(all, count) {
  if (all.length <= count) return all;
  return Array.from({length: count}, (_, n) => all[Math.round((n * (all.length - 1)) / (count - 1))]);
}
