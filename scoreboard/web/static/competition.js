/** The page of one competition: two boards followed live, and the state of both at the top. */

import "./connection.js";
import "./contests.js";
import "./standings.js";
import {serverTime} from "./clock.js";
import {contestsOf} from "./document.js";
import {setText} from "./dom.js";
import {Feed} from "./feed.js";

const slug = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const boards = `/api/v1/competitions/${encodeURIComponent(slug)}/boards`;
const standings = new Feed(`${boards}/standings`);
const contests = new Feed(`${boards}/contests`);
const feeds = [standings, contests];
const WORST_FIRST = ["connecting", "stale", "reconnecting", "live"];

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
  const {content} = standings.board;
  showTitle(content.title);
  page.standings.show(content);
  showFinal();
}

/** Whether all is over and nobody's approval is missing. */
function showFinal() {
  const {status} = (contests.board ?? standings.board);
  const rows = Object.values(contests.board?.content.rows ?? {});
  const final = status === "finished" && rows.every((row) => row.final);
  page.final.hidden = false;
  page.final.classList.toggle("final", final);
  setText(page.final, final ? "✓ Final" : "◔ Not final");
}

function showContests() {
  const {content} = contests.board;
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
  const state = WORST_FIRST.find((worse) => feeds.some((feed) => feed.state === worse));
  const newest = feeds.map((feed) => feed.board?.as_of).filter(Boolean).sort().at(-1);
  const heardAt = Math.min(...feeds.map((feed) => feed.heardAt));
  page.connection.show({state, asOf: newest, quietMs: Date.now() - heardAt});
  if (standings.problem) page.standings.explain(`${standings.problem} Still looking for ${slug}.`);
}

standings.addEventListener("board", showStandings);
contests.addEventListener("board", showContests);
standings.addEventListener("corrected", ({detail}) => page.standings.corrected(detail));
contests.addEventListener("corrected", ({detail}) => {
  for (const which of ["live", "next", "latest"]) page.list(which).corrected(detail);
});
for (const feed of feeds) {
  feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
  feed.addEventListener("board", showState);
  feed.addEventListener("state", showState);
  feed.start();
}
showTitle(slug);
