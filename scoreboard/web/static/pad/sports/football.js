/** Football: two sides, the match's clock, and what comes next in the match. */

import {elapsedAt, serverTime} from "../../shell/clock.js";
import {ofType, shortlyAll, waiting} from "./common.js";

const MINUTE_MS = 60_000;
const PERIODS = ["first", "second", "extra_first", "extra_second"];
const BEGINS = {first: 0, second: 45, extra_first: 90, extra_second: 105};
const ENDS = {first: 45, second: 90, extra_first: 105, extra_second: 120};
const BREAKS = ["half_time", "end_of_normal_time", "extra_half_time", "end_of_extra_time"];
const NAMES = {
  scheduled: "Not begun",
  first: "First half",
  half_time: "Half-time",
  second: "Second half",
  end_of_normal_time: "End of normal time",
  extra_first: "Extra time, first half",
  extra_half_time: "Half-time of extra time",
  extra_second: "Extra time, second half",
  end_of_extra_time: "End of extra time",
  shootout: "Shoot-out",
  finished: "Full time",
};
const KEYS = [
  {goal: "q", penalty: "w", own: "e", yellow: "a", red: "s", second: "d", on: "f"},
  {goal: "p", penalty: "o", own: "i", yellow: "l", red: "k", second: "j", on: "h"},
];

/** The state of play: the board's, or what this pad has said since and the board does not know. */
function playOf({line, said}) {
  let play = line.play ?? "scheduled";
  for (const {state, event} of said) {
    if (state !== "unsent") continue;
    if (event.type === "football.kick_off") play = event.data.period;
    if (event.type === "football.period_end") play = BREAKS[PERIODS.indexOf(event.data.period)];
    if (event.type === "football.full_time") play = "finished";
    if (event.type === "football.shootout_kick") play = "shootout";
  }
  return play;
}

/** Milliseconds on the match's clock and whether it runs, or nothing if nobody said when it began. */
function clockOf({line, said, now}) {
  const last = said.filter(({event}) => ["football.kick_off", "football.clock"].includes(event.type)).at(-1);
  if (last?.state === "unsent") {
    const {period, elapsed_ms: shown = BEGINS[period] * MINUTE_MS, running = true} = last.event.data;
    return {period, running, elapsed: shown + (running ? Date.now() - last.at : 0)};
  }
  if (!line.clock) return null;
  return {running: Boolean(line.clock.running_since), elapsed: elapsedAt(line.clock, now)};
}

/** The minute as it is written in a match: the first minute is 1; past a period's end it is 45+2. */
function minuteOf(view) {
  const play = playOf(view);
  const clock = clockOf(view);
  const counted = clock ? Math.floor(clock.elapsed / MINUTE_MS) + 1 : (BEGINS[play] ?? 0) + 1;
  const whole = Math.max(0, counted + (view.local.minutes ?? 0));
  const end = ENDS[play];
  return end && whole > end ? {minute: end, stoppage: Math.min(60, whole - end)} : {minute: Math.min(150, whole)};
}

const written = ({minute, stoppage}) => (stoppage ? `${minute}+${stoppage}'` : `${minute}'`);

function periods(view) {
  const play = playOf(view);
  const kickOff = (period, label) => ({id: `kick-${period}`, label, type: "football.kick_off", data: {period}, effect: label.toLowerCase()});
  const whistle = (period, label) => ({id: `end-${period}`, label, type: "football.period_end", data: {period}, effect: label.toLowerCase()});
  const over = {id: "full-time", label: "Full time", type: "football.full_time", data: {}, effect: "full time"};
  const next = {
    scheduled: [kickOff("first", "Kick-off")],
    first: [whistle("first", "Half-time")],
    half_time: [kickOff("second", "Second half")],
    second: [over, whistle("second", "Extra time follows")],
    end_of_normal_time: [kickOff("extra_first", "Extra time"), over],
    extra_first: [whistle("extra_first", "Half-time")],
    extra_half_time: [kickOff("extra_second", "Second half of extra time")],
    extra_second: [over, whistle("extra_second", "Shoot-out follows")],
    end_of_extra_time: [over],
    shootout: [over],
    finished: [],
  }[play] ?? [over];
  const after = (local) => (local.minutes = 0);
  return next.map((action, n) => ({...action, key: ["n", "m"][n], main: n === 0, after}));
}

function clockActions(view) {
  const clock = clockOf(view);
  const play = playOf(view);
  if (!clock || !PERIODS.includes(play)) return [];
  const running = !clock.running;
  const data = () => ({period: play, elapsed_ms: Math.max(0, Math.round(clockOf({...view, now: serverTime.now()}).elapsed)), running});
  const label = running ? "Clock on" : "Stop the clock";
  return [{id: "clock", label, key: "c", type: "football.clock", data, effect: label.toLowerCase()}];
}

function side(view, teams, n) {
  const [team, other] = [teams[n], teams[1 - n]];
  const names = shortlyAll(teams);
  const keys = KEYS[n];
  const at = minuteOf(view);
  const play = playOf(view);
  const period = PERIODS.includes(play) ? {period: play} : {};
  const said = (id, label, what, type, data, more = {}) => ({
    id, label, type, key: keys[id], data: {...at, ...period, team: team.id, ...data}, effect: `${what} ${team.name} ${written(at)}`, ...more,
  });
  const actions = [
    said("goal", "Goal", "goal", "football.goal", {}, {main: true, sub: names[n]}),
    said("penalty", "Penalty", "penalty goal", "football.goal", {kind: "penalty"}),
    said("own", "Own goal", "own goal for", "football.goal", {kind: "own"}, {sub: other ? `by ${other.short || other.name}` : ""}),
    said("yellow", "Yellow", "yellow card", "football.card", {colour: "yellow"}, {tone: "yellow"}),
    said("red", "Red", "red card", "football.card", {colour: "red"}, {tone: "red"}),
    said("second", "2nd yellow", "second yellow card", "football.card", {colour: "second_yellow"}, {tone: "yellow"}),
    said("on", "Change", "substitution", "football.substitution", {}),
  ];
  return {id: team.id, label: team.name, side: ["first", "second"][n], actions};
}

function kicks(view, team, n) {
  const known = Object.values(view.box.kicks ?? {}).filter((kick) => kick.team === team.id).length;
  const own = waiting(view, "football.shootout_kick").filter(({event}) => event.data.team === team.id).length;
  const number = known + own + 1;
  const kick = (scored, key) => ({
    id: scored ? "scored" : "missed", label: scored ? "Scored" : "Missed", key, main: scored, type: "football.shootout_kick",
    data: {team: team.id, scored, number}, effect: `kick ${number} ${team.name} ${scored ? "scored" : "missed"}`, sub: `kick ${number}`,
  });
  return {id: `kicks-${team.id}`, label: team.name, side: ["first", "second"][n], actions: [kick(true, "qp"[n]), kick(false, "wo"[n])]};
}

export default {
  ticks: true,
  positions: ["scorer", "second scorer", "timekeeper"],

  heading(view) {
    const clock = clockOf(view);
    const play = playOf(view);
    const stopped = clock && !clock.running && PERIODS.includes(play) ? " · clock stopped" : "";
    return `${NAMES[play] ?? play}${PERIODS.includes(play) ? ` · ${written(minuteOf(view))}` : ""}${stopped}`;
  },

  groups(view) {
    const teams = view.entrants.slice(0, 2);
    const play = playOf(view);
    const shootout = play === "shootout" || play === "end_of_extra_time" || (play === "end_of_normal_time" && view.local.kicks);
    const toKicks = play === "end_of_normal_time" && !view.local.kicks
      ? [{id: "to-kicks", label: "Shoot-out at once", run: (local) => (local.kicks = true)}]
      : [];
    return [
      ...teams.map((team, n) => (shootout ? kicks(view, team, n) : side(view, teams, n))),
      {id: "match", wide: true, actions: [...periods(view), ...toKicks, ...clockActions(view)]},
      ...(PERIODS.includes(play)
        ? [{id: "minute", title: "Minute", wide: true, stepper: "minutes", value: view.local.minutes ?? 0, label: written(minuteOf(view)), min: -150, max: 150, keys: [",", "."]}]
        : []),
    ];
  },

  totals(view) {
    const goals = ofType(view, "football.goal");
    const teams = view.entrants.slice(0, 2);
    const names = shortlyAll(teams);
    return teams.map((team, n) => ({
      id: team.id,
      name: names[n],
      board: view.line.score?.[n] ?? "",
      own: goals.filter(({team: id}) => id === team.id).length,
    }));
  },
};
