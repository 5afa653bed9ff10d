/** A match in sets: the score line, who serves, what each side did, who won the points. */

import {element} from "../shell/dom.js";
import {words} from "../board/document.js";
import {chart} from "./chart.js";
import {inOrder, part, table} from "./face.js";

export function show(host, shown) {
  const {row, names, hrefs} = shown;
  const box = row.box ?? {};
  const ids = box.sides?.length ? box.sides : (row.entrants ?? []).map(({id}) => id);
  const sets = Object.keys(box.sets ?? {});
  part(host, "line", () => element("div", "score-line"));
  table(host.parts.get("line"), "line", {
    caption: "Score",
    columns: [
      {key: "won", label: "Sets", main: true},
      ...sets.map((n) => ({key: n, label: n, title: `Set ${n}`})),
      ...(box.points ? [{key: "points", label: "Game", main: true}] : []),
    ],
    rows: ids.map((id, n) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      note: [box.winner === id && "✓ won", box.server === id && "● serves", box.break_point && box.server !== id && "break point"].filter(Boolean).join(" · "),
      cells: {
        won: box.sets_won?.[n],
        ...Object.fromEntries(sets.map((set) => [set, setCell(box, set, n)])),
        points: box.points?.[n],
      },
    }]),
  });
  figures(host, box, ids, names);
  momentum(host, ids, names, inOrder(shown.timeline));
}

/** Games of a set, with the points of its tie-break beside the loser's. */
function setCell(box, set, n) {
  const [mine, other] = [box.sets[set][n], box.sets[set][1 - n]];
  const points = box.tie_breaks?.[set]?.[n];
  const kind = mine > other ? "won" : "";
  return points === undefined || mine > other ? {text: mine, kind} : {text: `${mine} (${points})`, kind};
}

const FIGURES = {chances: "Break points", breaks: "Breaks won", longest: "Most points in a row", recent: "Of the last points", streak: "Points in a row now"};

/** What a sport does not know, or nobody did yet, is left out. */
function figures(host, box, ids, names) {
  const keys = Object.keys(Object.values(box.rows ?? {})[0] ?? {}).filter((key) => ids.some((id) => box.rows[id]?.[key]));
  table(host, "figures", {
    caption: "Figures of the match",
    corner: "Figure",
    columns: ids.map((id) => ({key: id, label: names.get(id) ?? id})),
    rows: keys.map((key) => [key, {
      name: FIGURES[key] ?? words(key),
      cells: Object.fromEntries(ids.map((id) => [id, box.rows[id]?.[key]])),
    }]),
  });
}

/** Points won more than the other side, point by point. */
function momentum(host, ids, names, happenings) {
  const values = [0];
  for (const {type, entrant} of happenings) {
    if (type === "tennis.point") values.push(values.at(-1) + (entrant === ids[0] ? 1 : -1));
  }
  chart(host, "momentum", {
    title: `Points won: ${names.get(ids[0]) ?? ids[0]} above, ${names.get(ids[1]) ?? ids[1]} below`,
    hidden: values.length < 8 || ids.length < 2,
    labels: values.map((_, n) => `${n}`),
    series: [{name: "Lead", values}],
    corner: "Point",
  });
}
