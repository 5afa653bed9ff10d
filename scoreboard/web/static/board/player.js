/** The page of one who plays a game of predictions: place, points, and what was guessed and came of it. */

import "../faces/table.js";
import {ask, under} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {nameOf, scoresOf} from "./document.js";
import {offerToFollow} from "./favourites.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {about, api, definition, home, showFinal, showTitle, slug, watch} from "./page.js";

const BOARD = "leaderboard";
const FLAGS = {late: "too late", "joker-too-many": "no joker left"};
const page = {
  home: document.querySelector("#home"),
  homeName: document.querySelector("#home-name"),
  message: document.querySelector("#message"),
  place: document.querySelector("#place"),
  figures: document.querySelector("#figures"),
  table: document.querySelector("figures-table"),
};

/** What was guessed is read anew as the leaderboard moves. */
async function begin() {
  page.home.href = home;
  showTitle(about);
  offerToFollow(document.querySelector("#follow"), about);
  const following = new Following(new Feed(api, [BOARD]));
  const defined = definition();
  let reading = Promise.resolve();
  following.addEventListener("shown", () => {
    const {status} = following.get(BOARD);
    showFinal(status === "finished");
    reading = reading.then(async () => read(await defined));
  });
  watch(following, (text) => setText(page.message, text));
  setText(page.homeName, (await defined)?.name ?? "Competition");
}

async function read(defined) {
  try {
    const [user, {content}] = await Promise.all([
      ask(under(slug, "users", about), {login: false}),
      ask(under(defined?.params.over ?? "", "boards", "contests"), {login: false}),
    ]);
    page.message.hidden = true;
    showTitle(user.user, defined.name);
    setText(page.place.firstElementChild, String(user.rank));
    setText(page.place.lastElementChild, `of ${user.users.toLocaleString()}${user.sharing > 1 ? ", level" : ""}`);
    page.figures.replaceChildren(points(user.points));
    page.table.show(guesses(user, content.rows ?? {}));
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

begin();
