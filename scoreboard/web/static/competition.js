/** The page of one competition: two boards followed live, and how well they are, at the top. */

import "./connection.js";
import "./contests.js";
import "./standings.js";
import {serverTime} from "./clock.js";
import {contestsOf} from "./document.js";
import {setText} from "./dom.js";
import {Feed} from "./feed.js";

const slug = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const feed = new Feed(`/api/v1/competitions/${encodeURIComponent(slug)}`, ["standings", "contests"]);
const {standings, contests} = feed.boards;

const page = {
  name: document.querySelector("#name"),
  final: document.querySelector("#final"),
  connection: document.querySelector("connection-state"),
  boards: document.querySelector("#boards"),
  standings: document.querySelector("standings-board"),
  live: document.querySelector("#live"),
  schedule: document.querySelector("#schedule"),
  list: (which) => document.querySelector(`contest-list[data-which=${which}]`),
};

function showStandings() {
  const {content} = standings.shown;
  showTitle(content.title);
  page.standings.show(content);
  showFinal();
}

/** Whether all is over and nobody's approval is missing. */
function showFinal() {
  const {status} = (contests.shown ?? standings.shown);
  const rows = Object.values(contests.shown?.content.rows ?? {});
  const final = status === "finished" && rows.every((row) => row.final);
  page.final.hidden = false;
  page.final.classList.toggle("final", final);
  setText(page.final, final ? "✓ Final" : "◔ Not final");
}

function showContests() {
  const {content} = contests.shown;
  showFinal();
  const any = Object.keys(content.rows ?? {}).length > 0;
  page.boards.dataset.contests = any ? "yes" : "no";
  page.live.hidden = page.schedule.hidden = !any;
  showTitle(content.title);
  if (!any) return;
  const {live, next, latest} = contestsOf(content);
  page.list("live").show(live, "Nothing is live now.");
  page.list("next").show(next);
  page.list("latest").show(latest);
}

function showTitle(title) {
  setText(page.name, title || slug);
  document.title = `${title || slug} · Scoreboard`;
}

function showState() {
  const newest = feed.all.map((board) => board.shown?.as_of).filter(Boolean).sort().at(-1);
  page.connection.show({state: feed.state, asOf: newest, quietMs: Date.now() - feed.heardAt});
  if (feed.problem) page.standings.explain(`${feed.problem} Still looking for ${slug}.`);
}

standings.addEventListener("board", showStandings);
contests.addEventListener("board", showContests);
standings.addEventListener("corrected", ({detail}) => page.standings.corrected(detail));
contests.addEventListener("corrected", ({detail}) => {
  for (const which of ["live", "next", "latest"]) page.list(which).corrected(detail);
});
for (const board of feed.all) board.addEventListener("board", showState);
feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
feed.addEventListener("state", showState);
feed.start();
showTitle(slug);
