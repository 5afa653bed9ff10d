/**
 * The page of a game of predictions: its leaderboard, followed live. Its contests are another
 * competition's, which it leads to; there is no past to look back on and no figure to ask about.
 */

import {element, setText} from "../shell/dom.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {api, definition, showFinal, showTitle, watch} from "./page.js";

const BOARD = "leaderboard";

/** Show it in the parts of a competition's page. */
export async function begin(page) {
  for (const part of [page.lookBack, page.ranks]) part.closest("p").hidden = true;
  page.standings.nextElementSibling.hidden = true; // how to ask
  const following = new Following(new Feed(api, [BOARD]));
  following.addEventListener("shown", () => {
    const {content, status} = following.get(BOARD);
    showTitle(content.title);
    showFinal(status === "finished");
    page.standings.show(content);
    if (new URLSearchParams(location.search).has("fit")) return;
    setText(page.found, content.total ? "" : "Nobody has guessed yet.");
  });
  watch(following, () => page.standings.explain("The leaderboard is being made…"));
  const {over} = (await definition())?.params ?? {};
  if (over) page.found.before(leadTo(over));
}

function leadTo(slug) {
  const line = element("p");
  const link = element("a", "button", "The contests that are guessed");
  link.href = `/c/${encodeURIComponent(slug)}`;
  line.append(link);
  return line;
}
