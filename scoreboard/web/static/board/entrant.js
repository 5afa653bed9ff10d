/** The page of one entrant: its place, its figures and what they are made of, its contests, its form. */

import "./contests.js";
import "./standings.js";
import "./time-machine.js";
import "./why.js";
import {chart} from "../faces/chart.js";
import "../faces/table.js";
import {ask, under} from "../shell/ask.js";
import {element, mark, reconcile, setText} from "../shell/dom.js";
import {contestsOf, nameOf, written} from "./document.js";
import {offerToFollow} from "./favourites.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {about, api, definition, home, onKey, showFinal, showTitle, slug, watch} from "./page.js";

const FORM = 6;
const LISTS = ["live", "next", "latest"];
const page = {
  home: document.querySelector("#home"),
  homeName: document.querySelector("#home-name"),
  message: document.querySelector("#message"),
  place: document.querySelector("#place"),
  form: document.querySelector("#form"),
  figures: document.querySelector("#figures"),
  pictures: document.querySelector("#pictures"),
  lookBack: document.querySelector("#look-back"),
  machine: document.querySelector("time-machine"),
  why: document.querySelector("why-panel"),
  list: (which) => document.querySelector(`contest-list[data-which=${which}]`),
};
let defined = null;

async function begin() {
  page.home.href = home;
  showTitle(about);
  const following = new Following(new Feed(api, ["standings", "contests"]));
  following.addEventListener("shown", ({detail}) => {
    if (detail === "standings") showStandings(following);
    else showContests(following.get("contests").content);
    page.why.refresh();
  });
  watch(following, (text) => setText(page.message, text));
  page.machine.connect(following, api, page.lookBack);
  onKey("t", () => page.lookBack.click());
  offerToFollow(document.querySelector("#follow"), about);
  defined = await definition();
  setText(page.homeName, defined?.name ?? "Competition");
  if (following.get("standings")) showStandings(following);
}

async function showStandings(following) {
  const {content, status} = following.get("standings");
  showFinal(status === "finished" && !content.not_final);
  const known = content.rows?.[about] ?? (await beyond(content, following.at));
  const name = known?.name ?? defined?.entrants?.find(({id}) => id === about)?.name;
  showTitle(name ?? about, content.title);
  page.message.hidden = Boolean(known);
  setText(page.message, name ? "Not ranked yet." : defined ? "There is nobody of this name here." : "");
  if (!known) return;
  showPlace(known, content);
  showFigures(known, content, following);
  showRise(content, following);
}

/** A row that the board is too short for: a field may be larger than what is followed. */
async function beyond({rows = {}, total = 0}, at) {
  if (Object.keys(rows).length >= total) return undefined;
  const query = new URLSearchParams({around: about, ...(at ? {at} : {})});
  try {
    return (await ask(`${under(slug, "boards", "standings")}?${query}`, {login: false})).content.rows?.[about];
  } catch {
    return undefined;
  }
}

function showPlace(row, {groups = {}, total}) {
  const own = row.group_rank ?? row.rank;
  const where = row.group ? groups[row.group]?.name ?? row.group : `of ${total}`;
  const overall = row.group_rank ? `, ${row.rank} of all` : "";
  const words = row.withdrawn ? "Withdrawn" : row.unplaced ? "No place" : `${own}`;
  if (setText(page.place.firstElementChild, words) && page.place.shown) mark(page.place.firstElementChild);
  page.place.shown = true;
  setText(page.place.lastElementChild, row.withdrawn || row.unplaced ? "" : `${row.group ? `in ${where}` : where}${overall}${row.tied ? ", level" : ""}`);
}

/** What is known of an entrant, and what ranks it even if it is not. */
function showFigures(row, {columns = []}, following) {
  const known = columns.filter(({key, main}) => main || row.figures?.[key] !== undefined);
  reconcile(page.figures, known.map((column) => [column.key, column]), createFigure, (item, column) => {
    const {key, title, main} = column;
    item.classList.toggle("main", Boolean(main));
    setText(item.term, title);
    if (setText(item.amount, written(row.figures?.[key], column) || "–") && item.seen) mark(item.amount);
    item.seen = true;
    item.button.onclick = () => page.why.open({
      board: "standings",
      entrant: about,
      name: row.name,
      figure: key,
      cell: item.button,
      at: () => following.at,
      nameOf: (id) => contestName(following, id),
    });
  });
}

function createFigure() {
  const item = element("li");
  item.button = element("button", "fact");
  item.button.type = "button";
  item.term = element("span", "term");
  item.amount = element("span", "value");
  item.button.append(item.term, item.amount);
  item.append(item.button);
  return item;
}

function contestName(following, id) {
  return nameOf(id, following.get("contests")?.content.rows?.[id] ?? {});
}

/** How the main figure came to be, contest by contest, if it is a number that adds up. */
async function showRise({columns = []}, following) {
  const main = columns.find((column) => column.main);
  if (!main || showRise.asking) return;
  showRise.asking = true;
  try {
    const at = following.at ? `?at=${following.at}` : "";
    const found = await ask(`${under(slug, "boards", "standings", "rows", about, "explain")}${at}`, {login: false});
    const {value, parts = []} = found.figures?.[main.key] ?? {};
    const sums = new Map();
    let sum = 0;
    for (const {change, contest, remainder} of parts) {
      sum += change ?? 0;
      if (change !== undefined) sums.set(contest || remainder || "", sum);
    }
    chart(page.pictures, "rise", {
      title: `${main.title} through the competition`,
      hidden: typeof value !== "number" || sums.size < 2,
      stepped: true,
      labels: ["Start", ...[...sums.keys()].map((id) => contestName(following, id))],
      series: [{name: main.label, values: [0, ...sums.values()]}],
      corner: "After",
      text: (amount) => written(amount, main),
    });
  } catch {
    // the figures stand without the picture
  } finally {
    showRise.asking = false;
  }
}

function showContests(content) {
  const own = Object.fromEntries(
    Object.entries(content.rows ?? {}).filter(([, row]) => (row.entrants ?? []).some(({id}) => id === about)),
  );
  const lists = contestsOf({rows: own});
  for (const which of LISTS) page.list(which).show(lists[which]);
  showForm(lists.latest);
}

const RESULT = {won: ["W", "won"], drawn: ["D", "drawn"], lost: ["L", "lost"]};

/** The last results of contests between two, the newest first. */
function showForm(latest) {
  const results = latest.filter(([, {entrants = [], line = {}}]) => entrants.length === 2 && (line.winner || line.score)).slice(0, FORM);
  page.form.hidden = !results.length;
  reconcile(page.form.querySelector("ol"), results, () => element("li"), (item, {line, entrants}) => {
    const how = line.winner ? (line.winner === about ? "won" : "lost") : "drawn";
    const [sign, word] = RESULT[how];
    item.dataset.how = how;
    setText(item, sign);
    const other = entrants.find(({id}) => id !== about)?.name ?? "";
    item.setAttribute("aria-label", `${word} against ${other}`);
    item.title = `${word} against ${other}`;
  });
}

begin();
