/** A programming contest: teams against problems; pending ones asked, the first to solve starred. */

import {table} from "./face.js";

const MOST = 60;

export const wide = true;

export function show(host, {row: {box = {}}, names, hrefs}) {
  const problems = Object.entries(box.problems ?? {});
  const teams = Object.entries(box.teams ?? {}).sort(([a, x], [b, y]) => x.rank - y.rank || (a < b ? -1 : 1));
  table(host, "grid", {
    caption: "Problems: ✓ solved, ★ first to solve, ? pending, ✕ tried",
    corner: "Team",
    most: MOST,
    columns: [
      {key: "rank", label: "#", title: "Rank"},
      {key: "solved", label: "Solved", main: true},
      {key: "time", label: "Time", title: "Minutes with penalties"},
      ...problems.map(([key, {name}]) => ({key, label: key, title: name})),
    ],
    rows: teams.map(([id, team]) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      cells: {
        rank: team.rank,
        solved: team.solved,
        time: team.time,
        ...Object.fromEntries(problems.map(([key, problem]) => [key, cell(team.cells?.[key], problem, id)])),
      },
    }]),
  });
  table(host, "problems", {
    caption: "The problems",
    corner: "Problem",
    columns: [
      {key: "solved_by", label: "Solved", main: true},
      {key: "tried_by", label: "Tried"},
      {key: "pending", label: "Pending"},
      {key: "first", label: "First to solve"},
    ],
    rows: problems.map(([key, problem]) => [key, {
      name: [key, problem.name].filter(Boolean).join(" "),
      cells: {
        solved_by: problem.solved_by,
        tried_by: problem.tried_by,
        pending: problem.pending ?? 0,
        first: problem.first ? `${names.get(problem.first.team) ?? problem.first.team}, ${problem.first.minute}${problem.first.sure ? "" : " (not sure)"}` : "",
      },
    }]),
  });
}

function cell(made, problem, team) {
  if (!made) return "";
  const {solved, pending = 0, rejected = 0} = made;
  const tries = rejected + (solved === undefined ? 0 : 1);
  if (solved !== undefined) {
    const first = problem.first?.team === team && problem.first.sure;
    const said = `solved in minute ${solved}, ${tries} ${tries === 1 ? "try" : "tries"}${first ? ", the first to solve" : ""}`;
    return {text: `${first ? "★" : "✓"} ${tries}/${solved}`, said, kind: first ? "first" : "good", title: said};
  }
  if (pending) {
    return {text: `?${rejected + pending}`, said: `${pending} pending, ${rejected} rejected`, kind: "called", title: "Pending"};
  }
  return {text: `✕${rejected}`, said: `${rejected} rejected`, kind: "failed"};
}
