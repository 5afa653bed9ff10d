/**
 * The page of a game of predictions: its leaderboard, followed live. Its contests are another
 * competition's, which it leads to; there is no past to look back on and no figure to ask about.
 */

import "./standings.js";
import {setText} from "../shell/dom.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {narrowing} from "./narrowing.js";
import {api, definition, showFinal, showTitle, slug, watch} from "./page.js";

const BOARD = "leaderboard";
const page = {
  standings: document.querySelector("standings-board"),
  search: document.querySelector("#search"),
  found: document.querySelector("#found"),
  over: document.querySelector("#over"),
};

async function begin() {
  const following = new Following(new Feed(api, [BOARD]));
  following.addEventListener("shown", () => {
    const {content, status} = following.get(BOARD);
    showTitle(content.title || slug);
    showFinal(status === "finished");
    page.standings.show(content);
    if (!content.total) page.standings.explain("Nobody has guessed yet.");
  });
  watch(following, () => page.standings.explain("The leaderboard is being made…"));
  if (new URLSearchParams(location.search).has("fit")) import("./fit.js").then(({begin: fit}) => fit(page.standings, following));
  const {over} = (await definition())?.params ?? {};
  page.over.hidden = !over;
  page.over.firstElementChild.href = `/c/${encodeURIComponent(over)}`;
}

narrowing(page.standings, page);
showTitle(slug);
begin();
