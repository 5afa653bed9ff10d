/** A match of alliances: who plays together, what each side has and of what, who does not count. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import {alliancesOf, figure, words} from "../board/document.js";
import {part, table} from "./face.js";
import {play} from "./sides.js";

export function show(host, shown) {
  const {row} = shown;
  const box = row.box ?? row.line ?? {};
  const sides = alliancesOf({...row, box});
  const match = part(host, "sides", () => element("div", "match"));
  reconcile(match, sides, createSide, (side, {entrants = [], score}, isNew) => fillSide(side, entrants, score, isNew, shown, box));
  play(host, shown);
  categories(host, sides, box.winner);
}

function createSide(id) {
  const side = element("section", "match-side alliance");
  side.of = id;
  side.heading = element("h2", "", words(id));
  side.members = element("ul", "members");
  side.note = element("span", "note");
  side.score = element("output", "match-score");
  side.append(side.heading, side.members, side.score, side.note);
  return side;
}

function fillSide(side, entrants, score, isNew, {names, hrefs}, {winner, barred = {}, sides}) {
  const surrogates = new Set(sides[side.of].surrogates);
  reconcile(side.members, entrants.map((id) => [id, id]), createMember, (member, id) => {
    setText(member.name, names.get(id) ?? id);
    if (names.has(id)) member.name.href = hrefs(id);
    setText(member.note, [surrogates.has(id) && "surrogate: does not count", barred[id] && words(barred[id])].filter(Boolean).join(" · "));
  });
  const won = winner === side.of;
  side.classList.toggle("winner", won);
  setText(side.note, won ? "✓ won" : "");
  const text = figure(score);
  side.score.hidden = text === "";
  if (setText(side.score, text) && !isNew) mark(side.score);
}

function createMember() {
  const member = element("li");
  member.name = element("a", "entrant");
  member.note = element("span", "note");
  member.append(member.name, member.note);
  return member;
}

/** Points by category, the sides beside each other; what was counted as it fell, if a result stands above it. */
function categories(host, sides, winner) {
  const kinds = [...new Set(sides.flatMap(([, {points = {}}]) => Object.keys(points)))].sort();
  const counted = sides.some(([, side]) => side.counted !== undefined);
  const row = (name, of) => [name, {name: words(name), cells: Object.fromEntries(sides.map(([id, side]) => [id, of(side, id)]))}];
  table(host, "points", {
    caption: "Points by category",
    corner: "Category",
    columns: sides.map(([id]) => ({key: id, label: words(id)})),
    rows: kinds.length
      ? [
        ...kinds.map((kind) => row(kind, ({points = {}}) => points[kind] ?? 0)),
        row("all", ({score}, id) => ({text: figure(score), kind: id === winner ? "won" : ""})),
        ...(counted ? [row("counted_as_it_fell", (side) => side.counted ?? "")] : []),
      ]
      : [],
  });
}
