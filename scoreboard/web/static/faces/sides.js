/** Two or more sides and what each has, large: the top of every match. */

import {element, mark, reconcile, setText} from "../shell/dom.js";
import "../shell/clock.js";
import {playOf, scoresOf} from "../board/document.js";
import {part} from "./face.js";

/** Show who has what; `notes`: small words by entrant, such as who serves. */
export function sides(host, {row, names, hrefs}, {scores = scoresOf(row), notes = new Map()} = {}) {
  const all = row.entrants?.length ? row.entrants.map(({id}) => id) : [...scores.keys()];
  const box = part(host, "sides", () => element("div", "match"));
  reconcile(box, all.map((id) => [id, id]), createSide, (side, id, isNew) => {
    setText(side.name, names.get(id) ?? id);
    if (names.has(id)) side.name.href = hrefs(id);
    const won = row.line?.winner === id;
    side.classList.toggle("winner", won);
    setText(side.note, [won ? "✓ won" : "", notes.get(id) ?? ""].filter(Boolean).join(" · "));
    const text = scores.get(id) ?? "";
    side.score.hidden = text === "";
    if (setText(side.score, text) && !isNew) mark(side.score);
  });
}

function createSide() {
  const side = element("div", "match-side");
  side.name = element("a", "entrant");
  side.note = element("span", "note");
  side.score = element("output", "match-score");
  side.append(side.name, side.note, side.score);
  return side;
}

/** The state of play in words, and the clock if one runs. */
export function play(host, {row}) {
  const made = part(host, "play", () => {
    const line = element("p", "state-of-play");
    line.words = element("span");
    line.clock = element("running-clock");
    line.append(line.words, line.clock);
    return line;
  });
  const clock = row.status === "live" ? row.line?.clock : undefined;
  const words = playOf(row);
  setText(made.words, words);
  made.clock.show(clock);
  made.hidden = !words && !clock;
}
