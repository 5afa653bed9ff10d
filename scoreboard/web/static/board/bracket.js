/** The bracket: rounds side by side, each contest with who meets there and where it leads. */

import {element, reconcile, setText} from "../shell/dom.js";
import {sidesOf, statusOf} from "./document.js";
import {contestHref} from "./page.js";

export class BracketBoard extends HTMLElement {
  connectedCallback() {
    if (this.rounds) return;
    this.heading = element("h2", "", "Bracket");
    this.rounds = element("div", "rounds");
    this.append(this.heading, this.rounds);
  }

  /** Show the content of a `bracket` board. */
  show(content) {
    const rows = content.rows ?? {};
    this.hidden = !Object.keys(rows).length;
    const depths = new Map();
    for (const id of Object.keys(rows)) depthOf(id, rows, depths);
    const rounds = new Map();
    for (const [id, row] of Object.entries(rows)) {
      const depth = depths.get(id);
      if (!rounds.has(depth)) rounds.set(depth, []);
      rounds.get(depth).push([id, row]);
    }
    const order = ([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0);
    reconcile(this.rounds, [...rounds].sort(([a], [b]) => a - b), createRound, (round, contests) => {
      const names = [...new Set(contests.map(([, row]) => row.round).filter(Boolean))];
      setText(round.heading, names.join(" · ") || "Round");
      reconcile(round.list, contests.sort(order), createContest, (item, row) => fillContest(item, row, rows));
    });
  }
}

/** How many contests lie before one, at most: those without feeders are the first round. */
function depthOf(id, rows, depths) {
  if (depths.has(id)) return depths.get(id);
  depths.set(id, 0); // a circle would end here
  const feeders = Object.keys(rows).filter((other) => (rows[other].to ?? []).some(({contest}) => contest === id));
  const depth = feeders.length ? 1 + Math.max(...feeders.map((other) => depthOf(other, rows, depths))) : 0;
  depths.set(id, depth);
  return depth;
}

function createRound() {
  const round = element("section");
  round.heading = element("h3");
  round.list = element("ul");
  round.append(round.heading, round.list);
  return round;
}

function createContest(id) {
  const item = element("li", "card");
  item.contest = id;
  item.link = element("a", "sides");
  item.link.href = contestHref(id);
  item.about = element("p", "about");
  item.append(item.link, item.about);
  return item;
}

function fillContest(item, row, rows) {
  item.dataset.status = row.status;
  reconcile(item.link, sidesOf(item.contest, row).map((side) => [side.id, side]), () => {
    const side = element("span", "side");
    side.who = element("span", "who");
    side.score = element("span", "score");
    side.append(side.who, side.score);
    return side;
  }, (side, {name, score, won}) => {
    side.classList.toggle("winner", won);
    setText(side.who, won ? `${name} ✓` : name);
    setText(side.score, score);
  });
  const leads = (row.to ?? []).map(({contest, place}) => `${place === 1 ? "winner" : `place ${place}`} to ${rows[contest]?.name || contest}`);
  setText(item.about, [statusOf(row), ...leads].join(" · "));
}

customElements.define("bracket-board", BracketBoard);
