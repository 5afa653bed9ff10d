/** A round of a season: who came where, and what it was worth. */

import {table} from "./face.js";
import {words} from "../board/document.js";

export function show(host, {row: {box = {}}, names, hrefs}) {
  const results = Object.entries(box.rows ?? {}).sort(([a, x], [b, y]) => (x.order ?? 999) - (y.order ?? 999) || (a < b ? -1 : 1));
  table(host, "results", {
    caption: "Results",
    most: 60,
    columns: [
      {key: "place", label: "Place"},
      {key: "points", label: "Points", main: true},
      ...(results.some(([, {team}]) => team) ? [{key: "team", label: "Team"}] : []),
    ],
    rows: results.map(([id, row]) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      note: row.status && row.status !== "classified" ? words(row.status) : "",
      cells: {place: row.place ?? "–", points: row.points, team: names.get(row.team) ?? row.team},
    }]),
  });
}
