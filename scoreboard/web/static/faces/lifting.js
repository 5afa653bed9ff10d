/** A lifting session: every attempt with its weight, the referees' lights, bests and totals. */

import {table} from "./face.js";
import {words} from "../board/document.js";

export const wide = true;

export function show(host, {row: {box = {}}, names, hrefs}) {
  const lifters = Object.entries(box.lifters ?? {})
    .sort(([a, x], [b, y]) => (x.rank ?? 999) - (y.rank ?? 999) || (a < b ? -1 : 1));
  const lifts = [...new Set(lifters.flatMap(([, {lifts: own}]) => Object.keys(own ?? {})))].sort(inPlay);
  table(host, "attempts", {
    caption: "Attempts, with the lights of the referees from left to right",
    most: 60,
    columns: [
      {key: "rank", label: "#", title: "Rank"},
      ...lifts.flatMap((lift) => ["1", "2", "3"].map((n) => ({key: lift + n, label: `${words(lift)} ${n}`}))),
      {key: "total", label: "Total", main: true},
      {key: "points", label: "Points"},
      {key: "body_weight", label: "BW", title: "Body weight, kg"},
    ],
    rows: lifters.map(([id, lifter]) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      note: lifter.out ? words(lifter.out) : "",
      cells: {
        rank: lifter.rank ?? "–",
        total: lifter.total || "",
        points: lifter.points,
        body_weight: lifter.body_weight,
        ...Object.fromEntries(lifts.flatMap((lift) => ["1", "2", "3"].map((n) => [lift + n, attempt(lifter.lifts?.[lift]?.[n])]))),
      },
    }]),
  });
}

/** Lifts in the order of the sport: squat, bench, deadlift; snatch, clean and jerk. */
const ORDER = ["squat", "bench", "deadlift", "snatch", "clean", "clean_and_jerk", "jerk"];
const place = (lift) => (ORDER.indexOf(lift) + ORDER.length + 1) % (ORDER.length + 1); // unknown ones last
const inPlay = (a, b) => place(a) - place(b) || (a < b ? -1 : 1);

function attempt(tried) {
  if (!tried) return "";
  const {weight, good, lights = {}, jury} = tried;
  const shown = ["left", "centre", "right"].filter((side) => side in lights).map((side) => (lights[side] ? "○" : "●")).join("");
  if (good === undefined) return {text: `${weight} ${shown}`, said: `${weight}, not decided`, kind: "called"};
  const white = Object.values(lights).filter(Boolean).length;
  const said = `${weight}, ${good ? "good lift" : "no lift"}, ${white} white lights${jury ? ", decided by the jury" : ""}`;
  return {text: `${good ? "✓" : "✕"} ${weight} ${shown}${jury ? " J" : ""}`, said, kind: good ? "good" : "failed", title: said};
}
