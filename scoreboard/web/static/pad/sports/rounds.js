/** Matches of alliances: points of a side, as they fall. */

import {alliancesOf, words} from "../../board/document.js";
import {ofType} from "./common.js";

const KEYS = [["q", "w", "e", "r", "t"], ["p", "o", "i", "u", "y"]];
const STEPS = [1, 2, 5, 10];

export default {
  positions: ["red scorer", "blue scorer", "head referee"],
  groups(view) {
    const sides = alliancesOf(view).map(([side]) => side);
    const category = view.local.category;
    const group = (side, n) => ({
      id: side, title: sides.length > 2 ? words(side) : undefined, label: side, side: sides.length > 2 ? "" : ["first", "second"][n],
      actions: [
        ...STEPS.map((points, k) => ({id: `p${points}`, label: `+${points}`, sub: points === 1 ? words(side) : "", key: KEYS[n]?.[k], main: points === 1, type: "rounds.scored", data: {side, points, ...(category && {category})}, effect: `+${points} ${side}`})),
        {id: "other", label: "Other", key: KEYS[n]?.[4], type: "rounds.scored", data: {side, ...(category && {category})}, steps: [{title: "Points", number: "points", min: -1e6, max: 1e6}], effect: ({points}) => `${points} ${side}`},
      ],
    });
    const over = {id: "over", label: "Match over", key: "x", type: "rounds.ended", data: {}, effect: "match over"};
    const categories = [...new Set(["points", ...(view.params.ties ?? []).filter((one) => one !== "best")])];
    const choose = categories.map((id) => ({id, label: words(id), pressed: id === (category ?? "points"), run: (local) => (local.category = id)}));
    return [
      ...(categories.length > 1 ? [{id: "category", title: "What for", wide: true, actions: choose}] : []),
      ...sides.map(group),
      {id: "match", wide: true, actions: [over]},
    ];
  },
  totals(view) {
    const scored = ofType(view, "rounds.scored");
    const nameOf = (id) => view.entrants.find((one) => one.id === id)?.name ?? id;
    return alliancesOf(view).map(([side, {score, entrants = []}]) => ({
      id: side, name: [words(side), entrants.map(nameOf).join(", ")].filter(Boolean).join(": "), board: score ?? "", own: scored.filter((one) => one.side === side).reduce((sum, {points}) => sum + points, 0),
    }));
  },
};
