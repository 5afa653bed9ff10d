/** A round of golf, or a match hole by hole: cards with holes and pars, under par in a circle, over par in a square. */

import {table} from "./face.js";
import {chart} from "./chart.js";
import {figure} from "../board/document.js";
import {show as general} from "./general.js";
import {play, sides} from "./sides.js";

const DRAWN = 6;
const WORD = {"-3": "albatross", "-2": "eagle", "-1": "birdie", 0: "par", 1: "bogey", 2: "double bogey"};

export const wide = true;

export function show(host, shown) {
  const {row: {box = {}}, names, hrefs} = shown;
  if (box.sides && box.holes) return match(host, shown);
  if (!box.pars || !box.rows || !Object.values(box.rows).some(({holes}) => holes)) return general(host, shown);
  const holes = box.pars.map((par, n) => ({key: String(n + 1), par}));
  const cards = Object.entries(box.rows).sort(([a, x], [b, y]) => (x.to_par ?? 99) - (y.to_par ?? 99) || (a < b ? -1 : 1));
  table(host, "cards", {
    caption: "Cards",
    columns: [
      {key: "to_par", label: "Par", title: "Strokes to par", main: true},
      {key: "total", label: "Total", title: "Strokes"},
      {key: "thru", label: "Thru", title: "Holes played"},
      ...holes.map(({key}) => ({key, label: key, title: `Hole ${key}`})),
    ],
    rows: [
      ["", {name: "Par of the hole", kind: "par", cells: Object.fromEntries(holes.map(({key, par}) => [key, par]))}],
      ...cards.map(([id, card]) => [id, {
        name: names.get(id) ?? id,
        href: hrefs(id),
        cells: {
          to_par: signed(card.to_par),
          total: card.total,
          thru: card.thru,
          ...Object.fromEntries(holes.map(({key, par}) => [key, hole(card.holes?.[key], par)])),
        },
      }]),
    ],
  });
  chart(host, "through", {
    title: "Strokes to par through the round, the first six",
    hidden: cards.length < 2,
    inverted: true,
    labels: ["Start", ...holes.map(({key}) => key)],
    series: cards.slice(0, DRAWN).map(([id, card]) => ({name: names.get(id) ?? id, values: running(card, holes)})),
    text: signed,
    corner: "Hole",
  });
}

/** A match: who is up, and hole by hole the strokes, who won it and how the match stood. */
function match(host, shown) {
  const {row: {box}, names, hrefs} = shown;
  const holes = Object.entries(box.holes).sort(([a], [b]) => a - b);
  const isWorth = holes.some(([, {worth}]) => worth !== 1);
  const cells = (of) => Object.fromEntries(holes.map(([number, one]) => [number, of(one)]));
  sides(host, shown);
  play(host, shown);
  table(host, "match", {
    caption: "Hole by hole, ✓ where one was won",
    corner: "Hole",
    columns: holes.map(([number]) => ({key: number, label: number, title: `Hole ${number}`})),
    rows: [
      ["par", {name: "Par", kind: "par", cells: cells(({par}) => par)}],
      ...(isWorth ? [["worth", {name: "Worth", kind: "par", cells: cells(({worth}) => worth)}]] : []),
      ...box.sides.map((id) => [id, {
        name: names.get(id) ?? id,
        href: hrefs(id),
        cells: cells(({strokes = {}, winner}) => won(strokes[id], winner === id)),
      }]),
      ["status", {name: "Stood", cells: cells(({status}) => status)}],
    ],
  });
}

function won(strokes, is) {
  if (!is) return strokes ?? "";
  return {text: `✓ ${strokes ?? ""}`.trim(), said: `${strokes ?? ""} won the hole`.trim(), kind: "won"};
}

function hole(strokes, par) {
  if (strokes === undefined) return "";
  const to = Math.max(-3, Math.min(2, strokes - par));
  const kind = to < 0 ? "under" : to > 0 ? "over" : "";
  return {text: strokes, said: `${strokes}, ${WORD[to]}`, kind, title: WORD[to]};
}

function running(card, holes) {
  let sum = 0;
  return [0, ...holes.map(({key, par}) => (card.holes?.[key] === undefined ? undefined : (sum += card.holes[key] - par)))];
}

function signed(value) {
  if (value === undefined || value === "") return "";
  return value === 0 ? "E" : value > 0 ? `+${value}` : figure(value);
}
