/** The page of one who plays a game of predictions: place, points, and what was guessed and came of it. */

import "../faces/table.js";
import {ask, under} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {nameOf, scoresOf} from "./document.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {about, api, showFinal, showTitle, slug, watch} from "./page.js";

const BOARD = "leaderboard";
const FLAGS = {late: "too late", "joker-too-many": "no joker left"};

/** Show it in the parts of an entrant's page; it is read anew as the leaderboard moves. */
export async function begin(page, {name, params}) {
  page.lookBack.hidden = true;
  page.list("live").closest("section").hidden = true; // there are no contests of its own
  const table = page.pictures.appendChild(document.createElement("figures-table"));
  const following = new Following(new Feed(api, [BOARD]));
  let reading = Promise.resolve();
  following.addEventListener("shown", () => {
    const {status} = following.get(BOARD);
    showFinal(status === "finished");
    reading = reading.then(() => read(page, table, name, params.over));
  });
  watch(following, (text) => setText(page.message, text));
}

async function read(page, table, name, over) {
  try {
    const [user, {content}] = await Promise.all([
      ask(under(slug, "users", about), {login: false}),
      ask(under(over, "boards", "contests"), {login: false}),
    ]);
    page.message.hidden = true;
    showTitle(user.user, name);
    setText(page.place.firstElementChild, String(user.rank));
    setText(page.place.lastElementChild, `of ${user.users.toLocaleString()}${user.sharing > 1 ? ", level" : ""}`);
    page.figures.replaceChildren(points(user.points));
    table.show(guesses(user, content.rows ?? {}));
  } catch (refused) {
    page.message.hidden = false;
    setText(page.message, refused.message);
  }
}

function points(amount) {
  const item = element("li", "main");
  const fact = item.appendChild(element("p", "fact card"));
  fact.append(element("span", "term", "Points"), element("span", "value", String(amount)));
  return item;
}

function guesses({guesses: inForce, left_out: leftOut}, rows) {
  const row = (guess, n) => {
    const contest = rows[guess.contest] ?? {};
    const scores = [...scoresOf(contest).values()].filter(Boolean);
    const flags = (guess.flags ?? []).map((flag) => FLAGS[flag] ?? flag);
    return [`${guess.contest} ${n}`, {
      name: nameOf(guess.contest, contest) || guess.contest,
      note: [guess.joker && "joker", ...flags].filter(Boolean).join(" · "),
      cells: {guess: `${guess.home}–${guess.away}`, score: scores.join("–"), points: guess.points},
    }];
  };
  return {
    caption: "Guesses",
    corner: "Contest",
    most: 100,
    columns: [{key: "guess", label: "Guess"}, {key: "score", label: "Score"}, {key: "points", label: "Points", main: true}],
    rows: [...inForce, ...leftOut].map(row),
  };
}
