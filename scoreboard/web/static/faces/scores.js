/** The score through a match as steps, from a timeline whose lines say `2-1`. */

import {chart} from "./chart.js";

const SCORE = /^(\d+)-(\d+)/;

/** Draw it for two sides, once there are two changes of the score. */
export function steps(host, {row, names}, happenings) {
  const found = [{label: "Start", score: [0, 0]}];
  for (const {score = "", clock, text} of happenings) {
    const read = SCORE.exec(score);
    if (!read) continue;
    const now = [Number(read[1]), Number(read[2])];
    const last = found.at(-1).score;
    if (now[0] !== last[0] || now[1] !== last[1]) found.push({label: clock || text, score: now});
  }
  const teams = row.line?.teams ?? (row.entrants ?? []).map(({id}) => id);
  chart(host, "score", {
    title: "Score through the match",
    hidden: found.length < 3 || teams.length !== 2,
    stepped: true,
    labels: found.map(({label}) => label),
    series: teams.slice(0, 2).map((id, n) => ({name: names.get(id) ?? id, values: found.map(({score}) => score[n])})),
    corner: "When",
  });
}
