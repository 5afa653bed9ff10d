/** Points that add up: who, then how many. */

import {chosen, ofType, shortlyAll} from "./common.js";

const STEPS = [1, 2, 3, 5, 10];
const FEW = 4;

const isTimed = ({params}) => params.unit === "ms";

function given(view) {
  const who = chosen(view);
  if (isTimed(view)) return [{
    id: "time", label: "Time", key: "1", main: true, disabled: !who, type: "points.scored", data: {entrant: who?.id},
    steps: [{title: "Seconds", number: "points", unit: "s", scale: 1000, max: 1e9}], effect: ({points}) => `${points / 1000} s ${who?.name}`,
  }];
  const score = (points, more = {}) => ({
    id: `p${points}`, label: points > 0 ? `+${points}` : `−${-points}`, type: "points.scored",
    data: {entrant: who?.id, points}, effect: `${points > 0 ? "+" : "−"}${Math.abs(points)} ${who?.name}`, disabled: !who, ...more,
  });
  return [
    ...STEPS.map((points, n) => score(points, {key: String((n + 1) % 10), main: n === 0})),
    score(-1, {key: "-"}),
    {
      id: "other", label: "Other", key: "o", type: "points.scored", data: {entrant: who?.id}, disabled: !who,
      steps: [{title: "Points", number: "points", min: -1e9, max: 1e9}],
      effect: ({points}) => `${points} points ${who?.name}`,
    },
  ];
}

export default {
  groups(view) {
    const who = chosen(view);
    return [
      {id: "who", title: "Who", wide: true, picker: "entrant", among: view.entrants},
      {id: "points", title: who ? `${isTimed(view) ? "Time of" : "Points for"} ${who.name}` : "Choose who scores", wide: true, actions: given(view)},
    ];
  },

  totals(view) {
    const {entrants, content} = view;
    const said = ofType(view, "points.scored");
    const shown = entrants.length > FEW ? entrants.filter(({id}) => id === view.local.entrant) : entrants;
    const names = shortlyAll(shown);
    return shown.map(({id}, n) => ({
      id,
      name: names[n],
      board: content.rows?.[id]?.figures?.[isTimed(view) ? "time" : "points"] ?? "",
      own: isTimed(view) ? undefined : said.filter(({entrant}) => entrant === id).reduce((sum, {points}) => sum + points, 0),
    }));
  },
};
