/** The contests that are live, come next or ended last, each as a card that keeps its size. */

import {planned} from "../shell/connection.js";
import {element, mark, reconcile, setText} from "../shell/dom.js";
import "../shell/clock.js";
import {playOf, sidesOf, statusOf} from "./document.js";
import {contestHref} from "./page.js";

const LISTS = {
  live: {title: "Live now", most: Infinity},
  next: {title: "Next", most: 6},
  latest: {title: "Latest results", most: 6},
};

export class ContestList extends HTMLElement {
  connectedCallback() {
    const {title, most} = LISTS[this.dataset.which];
    this.most = most;
    this.heading = element("h2", "", title);
    this.cards = element("ul", "cards");
    this.message = element("p", "message");
    this.all = element("button", "all");
    this.all.type = "button";
    this.all.hidden = true;
    this.all.addEventListener("click", () => this.toggle());
    this.append(this.heading, this.message, this.cards, this.all);
  }

  /** Show contests, `[[id, row], ...]`; `empty` is said if there are none. */
  show(contests, empty = "") {
    this.contests = contests;
    setText(this.message, contests.length ? "" : empty);
    this.hidden = !contests.length && !empty;
    const shown = this.open ? contests : contests.slice(0, this.most);
    reconcile(this.cards, shown, (id) => createCard(id), fillCard);
    this.all.hidden = contests.length <= this.most;
    setText(this.all, this.open ? "Show fewer" : `Show all ${contests.length}`);
    this.all.setAttribute("aria-expanded", String(Boolean(this.open)));
  }

  /** Say beside the contests that notices speak of what was wrong. */
  async corrected(notices) {
    const {changesByRow, ofContest, sayCorrected} = await import("./corrected.js");
    const changed = changesByRow(notices);
    for (const [id, card] of this.cards.childByKey ?? []) {
      if (changed.has(id)) sayCorrected(card, card.who, ofContest(changed.get(id)));
    }
  }

  toggle() {
    this.open = !this.open;
    this.show(this.contests);
  }
}

function createCard(id) {
  const card = element("li", "card");
  card.status = element("span", "status");
  card.meta = element("span", "meta");
  const top = element("p", "about");
  top.append(card.status, card.meta);
  card.sides = element("a", "sides");
  card.sides.href = contestHref(id);
  card.contest = id;
  card.play = element("p", "play");
  card.clock = element("running-clock");
  card.words = element("span");
  card.play.append(card.words, card.clock);
  card.append(top, card.sides, card.play);
  return card;
}

function fillCard(card, row, isNew) {
  card.dataset.status = row.status;
  setText(card.status, statusOf(row));
  setText(card.meta, aboutOf(row));
  const sides = sidesOf(card.contest, row);
  let changed = false;
  reconcile(
    card.sides,
    sides.map((side) => [side.id, side]),
    createSide,
    (side, {name, score, won}) => {
      setText(side.name, name);
      side.classList.toggle("winner", won);
      setText(side.won, won ? " ✓ won" : "");
      if (setText(side.score, score) && !isNew) {
        mark(side.score);
        changed = true;
      }
    },
  );
  const clock = row.status === "live" ? row.line?.clock : undefined;
  const play = playOf(row);
  card.clock.show(clock);
  setText(card.words, play);
  card.play.hidden = !clock && !play && row.status !== "live";
  card.who = sides.map(({name}) => name).join(" – ");
  if (changed) mark(card);
}

function createSide() {
  const side = element("span", "side");
  side.name = element("span", "entrant");
  side.won = element("span", "won");
  side.score = element("span", "score");
  const who = element("span", "who");
  who.append(side.name, side.won);
  side.append(who, side.score);
  return side;
}

function aboutOf(row) {
  const said = [row.round, row.place].filter(Boolean);
  const start = row.start ? new Date(row.start) : null;
  if (start && row.status !== "live") said.unshift(planned(start));
  return said.join(" · ");
}

customElements.define("contest-list", ContestList);
