/** A race: the gun, and who is seen where. The moment of the press counts, whoever it turns out to be. */

import {elapsedAt, serverTime} from "../../shell/clock.js";
import {ofType, waiting} from "./common.js";

const POINTS = [{id: "start", name: "Start"}, {id: "finish", name: "Finish"}];
const OUT = {dns: "Did not start", dnf: "Did not finish", dsq: "Disqualified", reinstated: "Back in the race"};

/** Milliseconds on the race's clock now; nothing before the first gun. */
function clockNow(view) {
  const guns = Object.values(view.line.guns ?? {});
  const own = waiting(view, "race.gun")[0] ?? view.said.find(({event}) => event.type === "race.gun");
  if (view.line.clock) return Math.min(...guns) + elapsedAt(view.line.clock, serverTime.now());
  return own ? own.event.data.at + Date.now() - own.at : null;
}

/** When the first gun was, on the clock of the timing devices, which may show anything then. */
const firstGun = (view) => Math.min(...Object.values(view.line.guns ?? {}), ...ofType(view, "race.gun").map(({at}) => at));

function written(ms) {
  const s = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

const at = (view) => Math.max(0, Math.round(clockNow(view) ?? 0));

export default {
  ticks: true,
  positions: ["timekeeper", "finish judge"],
  heading(view) {
    const now = clockNow(view);
    return now === null ? "Before the gun" : written(now - firstGun(view));
  },
  groups(view) {
    const points = view.params.points ?? POINTS;
    const reader = view.local.reader ?? points.at(-1).id;
    const begun = clockNow(view) !== null;
    const among = view.entrants.map((one) => ({...one, bib: one.attributes?.bib}));
    const nameOf = (id) => view.entrants.find((one) => one.id === id)?.name ?? id;
    const who = {title: "Who", find: "entrant", among};
    const gun = {
      id: "gun", label: begun ? "Gun of a wave" : "Gun", key: "g", main: !begun, type: "race.gun", data: () => ({at: at(view)}),
      steps: begun ? [{title: "Wave", text: "wave"}] : [], effect: ({wave}) => (wave ? `gun of wave ${wave}` : "gun"),
    };
    const here = {
      id: "here", label: "Here now", sub: points.find(({id}) => id === reader)?.name || reader, key: " ", main: true, disabled: !begun,
      type: "race.read", data: () => ({reader, at: at(view)}), steps: [who], effect: (data) => `${nameOf(data.entrant)} at ${reader} ${written(data.at - firstGun(view))}`,
    };
    const status = {
      id: "status", label: "Out, or back", key: "s", type: "race.status",
      steps: [who, {title: "What", choices: Object.entries(OUT).map(([status, label]) => ({label, data: {status}}))}],
      effect: (data) => `${nameOf(data.entrant)}: ${OUT[data.status].toLowerCase()}`,
    };
    const penalty = {
      id: "penalty", label: "Penalty", sub: "seconds", key: "p", type: "race.penalty",
      steps: [who, {title: "Seconds", number: "time", unit: "s", scale: 1000, min: -86_400_000, max: 86_400_000}],
      effect: (data) => `penalty ${data.time / 1000} s ${nameOf(data.entrant)}`,
    };
    const stations = (view.params.stations ?? []).map((one) => ({
      id: `reps-${one.id}`, label: one.name || one.id, sub: "no-reps", type: "race.reps",
      data: () => ({station: one.id, at: at(view)}), steps: [who, {title: "Good", number: "good", start: one.reps ?? 0}, {title: "No-reps", number: "no_reps", start: 0}],
      effect: (data) => `${one.id} ${nameOf(data.entrant)}: ${data.good} good, ${data.no_reps} no-reps`,
    }));
    const places = points.map(({id, name}) => ({id, label: name || id, pressed: id === reader, run: (local) => (local.reader = id)}));
    return [
      {id: "reads", wide: true, actions: begun ? [here, status, penalty, gun] : [gun, status]},
      {id: "where", title: "This device stands at", wide: true, actions: places},
      ...(stations.length ? [{id: "stations", title: "Stations", wide: true, actions: stations}] : []),
    ];
  },
  totals(view) {
    return [{id: "seen", name: "Seen anywhere", board: view.line.seen ?? "", own: `${ofType(view, "race.read").length} reads`}];
  },
};
