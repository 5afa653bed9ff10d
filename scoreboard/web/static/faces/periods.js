/** A game in periods: the line score, fouls and time-outs, players. */

import {called, inOrder, table} from "./face.js";
import {play, sides} from "./sides.js";
import {steps} from "./scores.js";
import {words} from "../board/document.js";

export function show(host, shown) {
  const {row: {box = {}, ...row}, names, hrefs} = shown;
  sides(host, shown);
  play(host, {row: {...row, line: {...row.line, by_period: undefined}}});
  const teams = box.teams ?? [];
  const periods = Object.keys(box.by_period ?? {});
  table(host, "line", {
    caption: "Score by period",
    columns: [
      ...periods.map((key) => ({key, label: key, title: `Period ${key}`})),
      {key: "total", label: "Total", title: "Total", main: true},
      {key: "fouls", label: "Fouls"},
      {key: "time_outs_left", label: "Time-outs", title: "Time-outs left"},
    ],
    rows: teams.map((id, n) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      note: box.sides?.[id]?.bonus ? "in the bonus" : "",
      cells: {
        ...Object.fromEntries(periods.map((key) => [key, box.by_period[key][n]])),
        total: box.score?.[n],
        fouls: box.sides?.[id]?.fouls,
        time_outs_left: box.sides?.[id]?.time_outs_left,
      },
    }]),
  });
  steps(host, shown, inOrder(shown.timeline));
  for (const id of teams) {
    const players = Object.entries(box.sides?.[id]?.players ?? {});
    const keys = [...new Set(players.flatMap(([, figures]) => Object.keys(figures)))].sort(); // patches have any order
    table(host, `players ${id}`, {
      caption: `Players of ${names.get(id) ?? id}`,
      corner: "Player",
      columns: keys.map((key) => ({key, label: words(key), main: key === "points"})),
      rows: players.sort(byPoints).map(([player, cells]) => [player, {name: called(player), cells}]),
    });
  }
}

/** Most points first; equals by their numbers, so that nobody moves without a reason. */
function byPoints([one, {points: a = 0}], [other, {points: b = 0}]) {
  return b - a || one.localeCompare(other, undefined, {numeric: true});
}
