/** Entrants that this browser follows, by competition; kept on the device alone. */

import {slug} from "./page.js";

const KEY = `scoreboard:followed:${slug}`;
const followed = new Set(read());

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return []; // nothing kept, or nothing may be kept
  }
}

/** Whether an entrant is followed. */
export const isFollowed = (entrant) => followed.has(entrant);

/** Follow an entrant, or no longer. */
export function follow(entrant, yes) {
  if (yes) followed.add(entrant);
  else followed.delete(entrant);
  try {
    localStorage.setItem(KEY, JSON.stringify([...followed]));
  } catch {
    // then it is followed until the page is closed
  }
}
