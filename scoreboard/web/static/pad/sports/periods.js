/** Basketball and other games in timed periods: points, fouls, the game clock. */

import {elapsedAt, serverTime} from "../../shell/clock.js";
import {ofType, shortlyAll, waiting} from "./common.js";

const KEYS = [
  {p1: "q", p2: "w", p3: "e", foul: "a", out: "s"},
  {p1: "p", p2: "o", p3: "i", foul: "l", out: "k"},
];

function periodOf(view) {
  const own = waiting(view, "periods.period_began").at(-1);
  if (own) return own.event.data.period;
  const shown = String(view.line.period ?? "1");
  return shown.startsWith("OT") ? (view.params.periods ?? 4) + Number(shown.slice(2)) : Number(shown);
}

const lengthOf = (view, period) => 1000 * (period > (view.params.periods ?? 4) ? view.params.overtime_s ?? 300 : view.params.period_s ?? 600);

/** What is left on the game clock, and whether it runs. */
function clockOf(view) {
  const last = waiting(view, "periods.clock", "periods.period_began").at(-1);
  if (last) {
    const {period, clock_ms: left = lengthOf(view, period), running = false} = last.event.data;
    return {running, left: Math.max(0, left - (running ? Date.now() - last.at : 0))};
  }
  const {clock} = view.line;
  if (!clock) return {running: false, left: lengthOf(view, periodOf(view))};
  return {running: Boolean(clock.running_since), left: Math.max(0, clock.limit_ms - elapsedAt(clock, serverTime.now()))};
}

/** Where something stands in the game at this moment. */
function moment(view) {
  const sequence = view.said.length + 1;
  return {period: periodOf(view), clock_ms: Math.round(clockOf(view).left), sequence};
}

const written = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

function side(view, teams, n) {
  const team = teams[n];
  const name = shortlyAll(teams)[n];
  const keys = KEYS[n];
  const said = (data) => () => ({...moment(view), team: team.id, ...data});
  const points = (view.params.points ?? [1, 2, 3]).map((points) => ({
    id: `p${points}`, label: `+${points}`, key: keys[`p${points}`], main: points === 2, sub: points === 2 ? name : "", type: "periods.score", data: said({points}), effect: `+${points} ${team.name}`,
  }));
  points.sort((a, b) => Number(b.main) - Number(a.main));
  const kinds = ["personal", "offensive", "technical"];
  const foul = {
    id: "foul", label: "Foul", key: keys.foul, type: "periods.foul", data: said({}),
    steps: [{title: "Kind", choices: kinds.map((kind) => ({label: kind, data: {kind}}))}, {title: "Number of the player", text: "player", optional: true, most: 20}],
    effect: ({kind, player}) => `${kind} foul ${team.name}${player ? ` ${player}` : ""}`,
  };
  const timeOut = {id: "out", label: "Time-out", key: keys.out, type: "periods.time_out", data: said({}), effect: `time-out ${team.name}`};
  return {id: team.id, label: team.name, side: ["first", "second"][n], actions: [...points, foul, timeOut]};
}

export default {
  ticks: true,
  positions: ["scorer", "timekeeper"],
  heading(view) {
    const {left, running} = clockOf(view);
    return `Period ${view.line.period ?? periodOf(view)} · ${written(left)}${running ? "" : " · stopped"}`;
  },
  groups(view) {
    const teams = view.entrants.slice(0, 2);
    const {running} = clockOf(view);
    const period = periodOf(view);
    const begun = Boolean(view.line.period) || waiting(view, "periods.period_began").length > 0;
    const clock = {id: "clock", label: running ? "Stop the clock" : "Start the clock", key: " ", main: begun, type: "periods.clock", data: () => ({...moment(view), running: !running}), effect: running ? "clock stopped" : "clock started"};
    const began = (number) => ({id: "began", label: `Period ${number} begins`, key: "n", main: !begun, type: "periods.period_began", data: {period: number}, effect: `period ${number} begins`});
    const ended = {id: "ended", label: `Period ${period} ends`, key: "m", type: "periods.period_ended", data: {period}, effect: `period ${period} ends`};
    const over = {id: "over", label: "Game over", key: "x", type: "periods.ended", data: {}, effect: "game over"};
    return [
      {id: "clock", wide: true, actions: [clock]},
      ...teams.map((_, n) => side(view, teams, n)),
      {id: "game", wide: true, actions: begun ? [ended, began(period + 1), over] : [began(1)]},
    ];
  },
  totals(view) {
    const scores = ofType(view, "periods.score");
    const teams = view.entrants.slice(0, 2);
    const names = shortlyAll(teams);
    return teams.map((team, n) => ({
      id: team.id,
      name: names[n],
      board: view.line.score?.[n] ?? "",
      own: scores.filter((one) => one.team === team.id).reduce((sum, {points}) => sum + points, 0),
    }));
  },
};
