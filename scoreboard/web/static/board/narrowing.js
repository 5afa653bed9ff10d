/** Finding entrants on a board by their names, and groups by theirs: `/` goes to the field, Escape leaves it. */

import {setText} from "../shell/dom.js";
import {onKey} from "./page.js";

/** Narrow the standings to what is typed into `search` or chosen from `group`, if there is one; `found` says how many. */
export function narrowing(standings, {search, found, group}) {
  const narrow = () => {
    const text = search.value;
    const count = standings.narrow({text, group: group?.value ?? ""});
    setText(found, text ? `${count} found` : "");
  };
  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    search.value = "";
    search.blur();
    narrow();
  });
  group?.addEventListener("change", narrow);
  onKey("/", () => search.focus());
  if (search.value || group?.value) narrow(); // before this was there
}
