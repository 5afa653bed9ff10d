/** Tennis and other matches for points: who won the point. */

import {ofType, shortlyAll} from "./common.js";

const KEYS = [
  {point: "q", ace: "w", winner: "e", fault: "a", penalty: "s", server: "d", ended: "f"},
  {point: "p", ace: "o", winner: "i", fault: "l", penalty: "k", server: "j", ended: "h"},
];

/** The place of the next point in the match: behind what the board and this pad know. */
function next(view) {
  const own = ofType(view, "tennis.point", "tennis.let", "tennis.penalty").map(({number}) => number);
  return Math.max((view.box.points_played ?? 0) + (view.box.lets ?? 0), ...own) + 1;
}

/** What counts now: the points of the game, or of the set where it has no games; the sets once it is over. */
function pointsOf({points, winner, sets = {}, sets_won: won}) {
  return winner ? won : points ?? Object.values(sets).at(-1) ?? won;
}

function side(view, n) {
  const sides = view.entrants.slice(0, 2);
  const [one, other] = [sides[n], sides[1 - n]];
  const names = shortlyAll(sides);
  const name = names[n];
  const number = next(view);
  const keys = KEYS[n];
  const point = (id, label, how, what, more = {}) => ({
    id, label, key: keys[id], type: "tennis.point", data: {number, winner: one.id, ...(how && {how})}, effect: `${what} ${one.name}`, ...more,
  });
  return {
    id: one.id,
    label: one.name,
    side: ["first", "second"][n],
    actions: [
      point("point", "Point", "", "point", {main: true, sub: name}),
      point("ace", "Ace", "ace", "ace"),
      point("winner", "Winner", "winner", "winner"),
      {...point("fault", "Double fault", "double_fault", "point"), sub: `by ${names[1 - n]}`, effect: `double fault ${other.name}`},
      {id: "penalty", label: "Penalty", sub: `against ${name}`, key: keys.penalty, type: "tennis.penalty", data: {number, entrant: one.id},
        steps: [{title: "Loses", choices: [{label: "A point", data: {lost: "point"}}, {label: "A game", data: {lost: "game"}}]}],
        effect: ({lost}) => `penalty ${lost} ${one.name}`},
      {id: "server", label: "Serves", key: keys.server, pressed: view.line.server === one.id, type: "tennis.server",
        data: {entrant: one.id, set: Math.max(1, Object.keys(view.line.sets ?? {}).length)}, effect: `${one.name} serves`},
      {id: "ended", label: "Goes out", key: keys.ended, type: "tennis.ended", data: {entrant: one.id},
        steps: [{title: "How", choices: ["retired", "defaulted", "walkover"].map((how) => ({label: how, data: {how}}))}],
        effect: ({how}) => `${one.name} ${how}`},
    ],
  };
}

export default {
  positions: ["umpire", "scorer"],
  heading({line}) {
    const game = line.points ? ` · ${line.points.join("–")}` : "";
    return `${line.score || "Not begun"}${game}${line.break_point ? " · break point" : ""}`;
  },
  groups(view) {
    if (view.entrants.length < 2) return [];
    const let_ = {id: "let", label: "Let", key: "n", type: "tennis.let", data: {number: next(view)}, effect: "let"};
    return [side(view, 0), side(view, 1), {id: "let", wide: true, actions: [let_]}];
  },
  totals(view) {
    const points = ofType(view, "tennis.point");
    const sides = view.entrants.slice(0, 2);
    const names = shortlyAll(sides);
    return sides.map((one, n) => ({
      id: one.id,
      name: `${names[n]}${view.line.server === one.id ? " ●" : ""}`,
      board: pointsOf(view.line)?.[n] ?? "",
      own: `${points.filter(({winner}) => winner === one.id).length} points`,
    }));
  },
};
