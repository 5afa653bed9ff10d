/** Golf: a marker with a few players, hole by hole. */

import {chosen, ofType, shortlyAll} from "./common.js";

const PAR = 4;
const GROUP = 4; // as many play together: after a score the next of them is up

function holes(view) {
  return view.box.pars ?? view.params.pars ?? Array(18).fill(PAR);
}

function scoreOf(view, entrant, hole) {
  const own = ofType(view, "golf.holed").find((one) => one.entrant === entrant && one.hole === hole);
  return own?.strokes ?? view.box.rows?.[entrant]?.holes?.[hole];
}

export default {
  positions: ["marker"],
  heading(view) {
    const hole = view.local.hole ?? 1;
    return `Hole ${hole} · par ${holes(view)[(hole - 1) % holes(view).length]}`;
  },
  groups(view) {
    const {entrants, local} = view;
    const hole = local.hole ?? 1;
    const who = chosen(view) ?? (entrants.length <= GROUP ? entrants[0] : undefined);
    const had = who && scoreOf(view, who.id, hole);
    const forward = (made) => {
      const at = entrants.findIndex(({id}) => id === who.id);
      const last = entrants.length > GROUP || at === entrants.length - 1;
      if (entrants.length <= GROUP) made.entrant = entrants[(at + 1) % entrants.length].id;
      if (last) made.hole = Math.min(hole + 1, holes(view).length);
    };
    const strokes = (n) => ({
      id: `s${n}`, label: String(n), key: String(n), main: n === holes(view)[hole - 1], disabled: !who || had !== undefined, type: "golf.holed",
      data: {entrant: who?.id, hole, strokes: n}, effect: `${n} strokes ${who?.name} hole ${hole}`, after: forward,
    });
    const more = [
      {...strokes(10), id: "more", label: "More", key: "0", main: false, data: {entrant: who?.id, hole}, steps: [{title: "Strokes", number: "strokes", min: 1, max: 99}], effect: (data) => `${data.strokes} strokes ${who?.name} hole ${hole}`},
      {id: "penalty", label: "Penalty", sub: "for the round", key: "p", disabled: !who, type: "golf.penalty", data: {entrant: who?.id}, steps: [{title: "Strokes", number: "strokes", min: -50, max: 50}], effect: (data) => `penalty ${data.strokes} ${who?.name}`},
      {id: "status", label: "Out, or back", key: "s", disabled: !who, type: "golf.status", data: {entrant: who?.id}, steps: [{title: "What", choices: [["wd", "Withdrawn"], ["dq", "Disqualified"], ["cut", "Missed the cut"], ["reinstated", "Back"]].map(([status, label]) => ({label, data: {status}}))}], effect: (data) => `${who?.name} ${data.status}`},
      ...(view.params.play === "match" ? [{id: "conceded", label: "Concedes", sub: "the hole", key: "c", disabled: !who, type: "golf.conceded", data: {entrant: who?.id, hole}, effect: `${who?.name} concedes hole ${hole}`}] : []),
    ];
    const title = !who ? "Choose a player" : had === undefined ? `${who.name}, hole ${hole}` : `${who.name} has ${had} here: undo it to change it`;
    return [
      {id: "hole", wide: true, stepper: "hole", value: hole, label: `Hole ${hole}`, min: 1, max: holes(view).length, keys: [",", "."]},
      {id: "who", wide: true, picker: "entrant", among: entrants},
      {id: "strokes", title, wide: true, actions: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(strokes)},
      {id: "more", wide: true, actions: more},
    ];
  },
  totals(view) {
    const {box, entrants} = view;
    const shown = entrants.length > GROUP ? entrants.filter((one) => one.id === view.local.entrant) : entrants;
    const names = shortlyAll(shown);
    return shown.map((one, n) => ({
      id: one.id,
      name: names[n],
      board: box.rows?.[one.id]?.total ?? (view.line.text ?? ""),
      own: ofType(view, "golf.holed").filter(({entrant}) => entrant === one.id).reduce((sum, {strokes}) => sum + strokes, 0),
    }));
  },
};
