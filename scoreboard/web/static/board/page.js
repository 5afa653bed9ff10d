/**
 * What all pages of a competition share: its address, the top with its signs, keys that work anywhere.
 *
 *   /c/SLUG                      standings and contests
 *   /c/SLUG/contests/CONTEST     one contest in full
 *   /c/SLUG/entrants/ENTRANT     one entrant
 */

import "../shell/connection.js";
import {localTime} from "../shell/connection.js";
import {serverTime} from "../shell/clock.js";
import {setText} from "../shell/dom.js";
import {ask, under} from "../shell/ask.js";

const [, , of, , part] = location.pathname.split("/");

export const slug = decodeURIComponent(of ?? "");
/** The contest or the entrant that the page is about, "" on the competition's own. */
export const about = decodeURIComponent(part ?? "");
export const api = under(slug);
export const home = `/c/${encodeURIComponent(slug)}`;
export const contestHref = (id) => `${home}/contests/${encodeURIComponent(id)}`;
export const entrantHref = (id) => `${home}/entrants/${encodeURIComponent(id)}`;

/** The competition's definition; null if the server does not tell. */
export async function definition() {
  try {
    return await ask(api, {login: false});
  } catch {
    return null;
  }
}

const connection = document.querySelector("connection-state");
const final = document.querySelector("#final");
const frozen = document.querySelector("#frozen");

/** Show at the top how well a page's boards are; `problem(text)` is called with what is the matter. */
export function watch(following, problem = () => {}) {
  const {feed} = following;
  const show = () => {
    const quietMs = Date.now() - feed.heardAt;
    if (following.past) connection.show({state: "past", asOf: following.asOf, label: "Stood at"});
    else connection.show({state: feed.state, asOf: following.asOf, quietMs});
    if (feed.problem) problem(feed.problem);
  };
  following.addEventListener("shown", ({detail}) => {
    show();
    showFrozen(following.get(detail));
  });
  feed.addEventListener("heartbeat", ({detail}) => serverTime.heard(detail));
  feed.addEventListener("state", show);
  feed.start();
}

/** Say whether all that is shown is final. */
export function showFinal(is) {
  final.hidden = false;
  final.classList.toggle("final", is);
  setText(final, is ? "✓ Final" : "◔ Not final");
}

function showFrozen({frozen: is, as_of: asOf}) {
  frozen.hidden = !is;
  if (is) setText(frozen, `❄ Frozen at ${localTime(Date.parse(asOf))}`);
}

/** Call `press` for a key that is pressed outside fields and without Ctrl, Alt or Meta. */
export function onKey(key, press) {
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== key || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    press();
  });
}

/** The title of the page and of its window. */
export function showTitle(...parts) {
  setText(document.querySelector("#name"), parts[0]);
  document.title = [...parts, "Scoreboard"].join(" · ");
}
