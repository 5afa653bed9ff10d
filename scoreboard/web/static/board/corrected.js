/**
 * Says beside a row what was wrong in it: for a while, or until Escape is pressed. It lies over the
 * row's small print, so nothing moves; those who listen hear it once, when nothing else is said.
 */

import {element} from "../shell/dom.js";
import {figure, words} from "./document.js";

const SHOWN_MS = 30_000;
const shown = new Map(); // by the element that a line lies in

/** The changes of notices by row, each as `{path, before, after}`; the newest notice counts. */
export function changesByRow(notices) {
  const rows = new Map();
  for (const {changes} of notices) {
    const own = new Map();
    for (const {pointer, before, after} of changes) {
      const [, rowsOf, id, ...path] = pointer.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
      if (rowsOf !== "rows") continue;
      if (!own.has(id)) own.set(id, []);
      own.get(id).push({path, before, after});
    }
    for (const [id, made] of own) rows.set(id, made);
  }
  return rows;
}

/** A figure as it is read; a pair as `2–1`. */
function read(value) {
  if (value === undefined) return "none";
  return Array.isArray(value) ? value.map(figure).join("–") : figure(value);
}

/** Say in `target` that something of `who` was corrected; `label` is short for `title`. */
export function sayCorrected(target, who, {label, title, before, after}) {
  take(target);
  const change = [label, read(before), "→", read(after)].filter(Boolean).join(" ");
  const line = element("span", "corrected", label === undefined ? "Corrected" : `Corrected: ${change}`);
  line.setAttribute("aria-hidden", "true"); // it is heard once, from the page's live region
  target.append(line);
  const sentence = `Corrected. ${who}: ${title} was ${read(before)}, is ${read(after)}. `;
  const heard = element("span", "", sentence);
  document.querySelector("#said").append(heard);
  shown.set(target, {line, heard, timer: setTimeout(() => take(target), SHOWN_MS)});
}

function take(target) {
  const known = shown.get(target);
  if (!known) return;
  clearTimeout(known.timer);
  known.line.remove();
  known.heard.remove();
  shown.delete(target);
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const target of [...shown.keys()]) take(target);
});

/** What of a contest's row was corrected, the score first. */
export function ofContest(changes) {
  const score = changes.find(({path}) => path[0] === "line" && path[1] === "score");
  if (score) return {label: "", title: "score", ...score};
  const clock = changes.find(({path}) => path[1] === "clock");
  if (clock) return {title: "the clock", before: "wrong", after: "right"};
  const {path, before, after} = changes[0];
  return {title: words(path.at(-1)).toLowerCase(), before, after};
}
