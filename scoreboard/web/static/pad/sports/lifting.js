/** Lifting: what is loaded for whom. Referees have their own view; here all lights can be said at once. */

import {chosen, shortly} from "./common.js";

const LIFTS = ["squat", "bench", "deadlift"];
const REFEREES = ["left", "centre", "right"];

/** The lift and attempt that a lifter comes to next, as the board knows it. */
function upNext(view, lifter) {
  const lifts = view.params.lifts ?? LIFTS;
  const lift = view.local.lift ?? lifts[0];
  const tries = view.box.lifters?.[lifter]?.lifts?.[lift] ?? {};
  const open = Object.entries(tries).find(([, one]) => one.good === undefined && !one.declined);
  return {lift, attempt: Number(open?.[0] ?? Object.keys(tries).length + 1), open: open?.[1]};
}

export default {
  positions: ["scorer", "announcer's desk", "loader"],
  heading({line, entrants}) {
    return line.on ? `On: ${shortly(entrants.find(({id}) => id === line.on.entrant) ?? {id: line.on.entrant})}, ${line.on.lift} ${line.on.attempt}, ${line.on.weight} kg` : "";
  },
  groups(view) {
    const who = chosen(view);
    const {lift, attempt, open} = who ? upNext(view, who.id) : {lift: view.local.lift ?? (view.params.lifts ?? LIFTS)[0], attempt: 1};
    const number = view.local.attempt ?? attempt;
    const of = {entrant: who?.id, lift, attempt: number};
    const what = `${lift} ${number} ${who?.name}`;
    const again = (local) => delete local.attempt;
    const kilograms = (name, more) => ({title: "Kilograms", number: name, unit: "kg", scale: 1000, min: 1, max: 1_000_000, ...more});
    const decide = (id, label, key, good, tone) => ({
      id, label, key, tone, disabled: !who, effect: `${good} white of three, ${what}`, after: again,
      make: () => REFEREES.map((referee, n) => ({type: "lifting.light", data: {...of, referee, good: n < good}})),
    });
    return [
      {id: "lift", wide: true, actions: (view.params.lifts ?? LIFTS).map((id) => ({id, label: id, pressed: id === lift, run: (local) => { local.lift = id; delete local.attempt; }}))},
      {id: "who", wide: true, picker: "entrant", among: view.entrants},
      {id: "attempt", wide: true, stepper: "attempt", value: number, label: `Attempt ${number}`, min: 1, max: 9, keys: [",", "."]},
      {
        id: "load", title: who ? `${what}${open ? `: ${open.weight} kg` : ""}` : "Choose a lifter", wide: true,
        actions: [
          {id: "load", label: "Load the bar", key: "b", main: true, disabled: !who, type: "lifting.attempt", data: of, steps: [kilograms("weight_g")], effect: (data) => `${what} ${data.weight_g / 1000} kg`},
          {id: "declined", label: "Declined", key: "d", disabled: !who, type: "lifting.declined", data: of, effect: `${what} declined`, after: again},
          {id: "weigh", label: "Weigh-in", key: "w", disabled: !who, type: "lifting.weigh_in", data: {entrant: who?.id}, steps: [kilograms("body_weight_g")], effect: (data) => `weigh-in ${who?.name} ${data.body_weight_g / 1000} kg`},
          {id: "out", label: "Out", key: "o", disabled: !who, type: "lifting.excluded", data: {entrant: who?.id}, steps: [{title: "Why", choices: ["withdrawn", "disqualified"].map((kind) => ({label: kind, data: {kind}}))}], effect: (data) => `${who?.name} ${data.kind}`},
        ],
      },
      {id: "lights", title: "All three lights at once, where no referee has a device", wide: true, actions: [
        decide("w3", "○○○ Good lift", "3", 3, "good"), decide("w2", "○○✕ Good lift", "2", 2, "good"),
        decide("w1", "○✕✕ No lift", "1", 1, "red"), decide("w0", "✕✕✕ No lift", "0", 0, "red"),
      ]},
    ];
  },
  totals(view) {
    const who = chosen(view);
    const row = who && view.box.lifters?.[who.id];
    return who ? [{id: who.id, name: who.name, board: row?.total ? `${row.total} kg` : "", own: `${view.said.length} said`}] : [];
  },
};
