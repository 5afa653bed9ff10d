/** Entrants that this browser follows, by competition; kept on the device alone. */

import {setText} from "../shell/dom.js";
import {onKey, slug} from "./page.js";

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

/** Offer on a button, and by the key F, to follow an entrant. */
export function offerToFollow(button, entrant) {
  const show = () => {
    const is = isFollowed(entrant);
    button.setAttribute("aria-pressed", String(is));
    setText(button.firstElementChild, is ? "★ Followed" : "☆ Follow");
  };
  button.addEventListener("click", () => {
    follow(entrant, !isFollowed(entrant));
    show();
  });
  onKey("f", () => button.click());
  show();
}

function follow(entrant, yes) {
  if (yes) followed.add(entrant);
  else followed.delete(entrant);
  try {
    localStorage.setItem(KEY, JSON.stringify([...followed]));
  } catch {
    // then it is followed until the page is closed
  }
}
