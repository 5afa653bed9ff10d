/** A football match: score, clock, who scored when, cards, substitutions, the shoot-out. */

import {element, reconcile, setText} from "../shell/dom.js";
import {words} from "../board/document.js";
import {called, inOrder, part} from "./face.js";
import {play, sides} from "./sides.js";
import {steps} from "./scores.js";

const CARD = {yellow: ["▮", "Yellow card"], second_yellow: ["▮▮", "Second yellow card"], red: ["▮", "Red card"]};
const GOAL = {open: "", penalty: "(penalty)", own: "(own goal)"};

export function show(host, shown) {
  sides(host, shown);
  play(host, shown);
  const {row: {box = {}}} = shown;
  const teams = box.teams ?? [];
  const lists = part(host, "happened", () => element("div", "by-side"));
  reconcile(lists, teams.map((id) => [id, id]), createList, (list, id) => {
    setText(list.heading, shown.names.get(id) ?? id);
    const said = happened(box, id);
    list.hidden = !teams.some((team) => happened(box, team).length);
    reconcile(list.items, said, createItem, fillItem);
  });
  steps(host, shown, inOrder(shown.timeline));
}

function happened(box, team) {
  const of = (rows, make) => Object.entries(rows ?? {})
    .filter(([, row]) => row.team === team)
    .map(([record, row]) => [record, {at: (row.minute ?? 200) * 100 + (row.stoppage ?? 0) + (row.order ?? 0), ...make(row)}]);
  return [
    ...of(box.goals, (goal) => ({
      clock: goal.clock, sign: "●", kind: "goal", said: "Goal", text: [called(goal.player), GOAL[goal.kind]].filter(Boolean).join(" "),
    })),
    ...of(box.cards, (card) => ({
      clock: card.clock, sign: CARD[card.colour][0], kind: card.colour, said: CARD[card.colour][1], text: called(card.player),
    })),
    ...of(box.substitutions, (change) => ({
      clock: change.clock, sign: "⇄", kind: "", said: "Substitution",
      text: [change.on && `${called(change.on)} on`, change.off && `${called(change.off)} off`].filter(Boolean).join(", "),
    })),
    ...of(box.kicks, (kick) => ({
      clock: `Kick ${kick.order}`, sign: kick.scored ? "✓" : "✕", kind: "", said: kick.scored ? "Scored" : "Missed", text: called(kick.player),
    })),
  ].sort(([a, x], [b, y]) => x.at - y.at || (a < b ? -1 : 1));
}

function createList() {
  const list = element("section");
  list.heading = element("h2");
  list.items = element("ul", "happenings");
  list.append(list.heading, list.items);
  return list;
}

function createItem() {
  const item = element("li");
  item.clock = element("span", "clock");
  item.sign = element("span", "sign");
  item.sign.setAttribute("aria-hidden", "true");
  item.said = element("span");
  item.append(item.clock, item.sign, item.said);
  return item;
}

function fillItem(item, {clock, sign, kind, said, text}) {
  setText(item.clock, clock);
  setText(item.sign, sign);
  item.sign.dataset.kind = kind;
  setText(item.said, text ? `${said}: ${text}` : words(said));
}
