/**
 * The page of one competition: its boards followed live, looked back on, searched and asked about. What
 * the first board does not need is fetched after it, or when it is asked for.
 */

import "./contests.js";
import "./standings.js";
import {ask} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {contestsOf, nameOf} from "./document.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {api, definition, onKey, showFinal, showTitle, slug, watch} from "./page.js";

const LISTS = ["live", "next", "latest"];
const page = {
  boards: document.querySelector("#boards"),
  standings: document.querySelector("standings-board"),
  bracket: document.querySelector("bracket-board"),
  live: document.querySelector("#live"),
  schedule: document.querySelector("#schedule"),
  search: document.querySelector("#search"),
  group: document.querySelector("#group"),
  groups: document.querySelector("#groups"),
  found: document.querySelector("#found"),
  ranks: document.querySelector("#ranks"),
  picture: document.querySelector("#picture"),
  lookBack: document.querySelector("#look-back"),
  machine: document.querySelector("time-machine"),
  why: document.querySelector("why-panel"),
  list: (which) => document.querySelector(`contest-list[data-which=${which}]`),
};

async function begin() {
  const feed = new Feed(api, ["standings", "contests"]);
  const following = new Following(feed);
  const show = {standings: showStandings, contests: showContests};
  following.addEventListener("shown", ({detail}) => {
    show[detail](following.get(detail));
    showWhetherFinal(following);
    page.why.refresh?.();
  });
  watch(following, (text) => page.standings.explain(`${text} Still looking for ${slug}.`));
  const {standings, contests} = feed.boards;
  standings.addEventListener("corrected", ({detail}) => following.past || page.standings.corrected(detail));
  contests.addEventListener("corrected", ({detail}) => {
    if (!following.past) for (const which of LISTS) page.list(which).corrected(detail);
  });
  page.standings.addEventListener("why", async ({detail}) => {
    await import("./why.js");
    page.why.open({
      ...detail,
      board: "standings",
      at: () => following.at,
      nameOf: (id) => nameOf(id, following.get("contests")?.content.rows?.[id] ?? {}),
    });
  });
  page.ranks.addEventListener("click", () => toggleRanks(following));
  if (new URLSearchParams(location.search).has("fit")) import("./fit.js").then(({begin}) => begin(page.standings, following));
  let asked = false;
  page.lookBack.addEventListener("click", () => (asked = true), {once: true});
  await Promise.race(Object.values(feed.boards).map((board) => board.shown || once(board, "board")));
  const [{narrowing}] = await Promise.all(["./narrowing.js", "./time-machine.js", "./why.js", "./corrected.js"].map((later) => import(later)));
  narrowing(page.standings, page);
  page.machine.connect(following, api, page.lookBack);
  if (asked) page.lookBack.click();
  const defined = await definition();
  if (!(defined?.contests ?? []).some(({entrants = []}) => entrants.some(isReference))) return;
  await import("./bracket.js");
  followBracket(following);
}

const once = (target, event) => new Promise((heard) => target.addEventListener(event, heard, {once: true}));

/** The picture is fetched when it is asked for, its program too. */
async function toggleRanks(following) {
  const open = page.picture.hidden;
  page.picture.hidden = !open;
  page.ranks.setAttribute("aria-expanded", String(open));
  if (!open) return;
  setText(page.found, "Reading the past…");
  try {
    const [{drawRanks}] = await Promise.all([import("./ranks.js"), styled("/static/faces/faces.css")]);
    await drawRanks(page.picture, api, following.feed.boards.standings.shown.content, page.group.value);
    setText(page.found, "");
  } catch (refused) {
    setText(page.found, refused.message);
  }
}

/** Once a style sheet is loaded. */
async function styled(href) {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = Object.assign(element("link"), {rel: "stylesheet", href});
  document.head.append(link);
  await once(link, "load");
}

/** Entrants that are named by what they come from, such as `winner:m49`. */
const isReference = (id) => id.includes(":");

/** The bracket is read when contests change: it has no other news. */
function followBracket(following) {
  let reading = false;
  let stale = true;
  const read = async () => {
    stale = true;
    if (reading) return;
    reading = true;
    while (stale) {
      stale = false;
      try {
        page.bracket.show((await ask(`${api}/boards/bracket${following.at ? `?at=${following.at}` : ""}`, {login: false})).content);
      } catch {
        break; // with the next change it is read again
      }
    }
    reading = false;
  };
  following.addEventListener("shown", ({detail}) => detail === "contests" && read());
  read();
}

function showStandings({content}) {
  showTitle(content.title || slug);
  page.standings.show(content);
  const groups = Object.entries(content.groups ?? {});
  page.groups.hidden = groups.length < 2;
  const known = [...page.group.options].map(({value}) => value).join("\n");
  if (known === ["", ...groups.map(([id]) => id)].join("\n")) return;
  page.group.replaceChildren(new Option("All", ""), ...groups.map(([id, {name}]) => new Option(name ?? id, id)));
}

/** Whether all is over and nobody's approval is missing. */
function showWhetherFinal(following) {
  const contests = following.get("contests");
  const {status} = contests ?? following.get("standings");
  showFinal(status === "finished" && Object.values(contests?.content.rows ?? {}).every((row) => row.final));
}

function showContests({content}) {
  const any = Object.keys(content.rows ?? {}).length > 0;
  page.boards.dataset.contests = any ? "yes" : "no";
  page.live.hidden = page.schedule.hidden = !any;
  if (!any) return;
  const {live, next, latest} = contestsOf(content);
  page.boards.dataset.live = live.length ? "yes" : "no";
  page.list("live").show(live, "Nothing is live now.");
  page.list("next").show(next);
  page.list("latest").show(latest);
}

onKey("t", () => page.lookBack.click());
showTitle(slug);
begin();
