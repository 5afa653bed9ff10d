/** A race: who is where, splits with the gap to the first there, and gaps as a picture. */

import {part, table} from "./face.js";
import {chart} from "./chart.js";
import {play} from "./sides.js";
import "../board/standings.js";

const DRAWN = 6;
const NO_POINTS = new Set(["time", "penalty"]);

export function show(host, shown) {
  const {row} = shown;
  play(host, shown);
  const ranked = Object.entries(row.rows ?? {}).sort(([a, x], [b, y]) => x.rank - y.rank || (a < b ? -1 : 1));
  const legs = (row.columns ?? []).filter(({key}) => ranked.some(([, {figures}]) => figures[`${key}_ms`] !== undefined));
  const points = legs.filter(({key}) => !NO_POINTS.has(key));
  gaps(host, ranked, points, shown);
  chart(host, "gaps", {
    title: "Behind the first at each point",
    hidden: ranked.length < 2 || points.length < 2,
    inverted: true,
    timed: true,
    labels: ["Start", ...points.map(({title}) => title)],
    series: ranked.slice(0, DRAWN).map(([, {name, figures}]) => ({
      name,
      values: [0, ...points.map(({key}) => behind(ranked, key, figures))],
    })),
    text: (ms) => span(ms),
    corner: "Point",
  });
  part(host, "standings", () => document.createElement("standings-board")).show(row);
}

/** Milliseconds behind the first at a point; undefined for who is not there yet. */
function behind(ranked, key, figures) {
  const all = ranked.map(([, row]) => row.figures[`${key}_ms`]).filter((ms) => ms !== undefined);
  const own = figures[`${key}_ms`];
  return own === undefined ? undefined : own - Math.min(...all);
}

function gaps(host, ranked, points, {hrefs}) {
  const some = ranked.filter(([, row]) => points.some(({key}) => row.figures[`${key}_ms`] !== undefined)).slice(0, 10);
  table(host, "splits", {
    caption: "Splits of the first ten, and how far behind the first there",
    columns: points.map(({key, label, title}) => ({key, label, title})),
    rows: some.map(([id, row]) => [id, {
      name: row.name,
      href: hrefs(id),
      cells: Object.fromEntries(points.map(({key}) => {
        const gap = behind(ranked, key, row.figures);
        if (gap === undefined) return [key, ""];
        return [key, {text: `${row.figures[key]} ${gap ? `+${span(gap)}` : "first"}`, kind: gap ? "" : "won"}];
      })),
    }]),
  });
}

/** `1:02:03.4` as races write it. */
function span(ms) {
  const seconds = Math.round(Math.abs(ms) / 100) / 10;
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = Number.isInteger(s) ? String(s).padStart(2, "0") : s.toFixed(1).padStart(4, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}
