/**
 * A board on a wall, with nobody at the keyboard: as many rows as are legible, then the next ones.
 *
 *   ?fit=pages    page after page      ?every=10    seconds a page
 *   ?fit=scroll   slowly down          ?rows=12     rows a page (else as many as fit)
 *
 * A strip below names the sponsors of the competition's definition, as many at once as are whole in one
 * line, then the next ones; what is shown ends above it.
 */

import {element, setText} from "../shell/dom.js";
import {definition} from "./page.js";

const EVERY_S = 10;
const ROWS_MIN = 3;
const ROW_PX = 40; // before there is one
const GROWN = [2.2, 1.9, 1.6, 1.4, 1.2];
const MARGIN_PX = 24;
const SCROLL_PX_S = 40;
const SPONSORS_AGAIN_MS = 60_000; // a wall is up for days, and definitions change
const BETWEEN = "  ·  ";
const REST_MS = 4_000; // at the top and at the bottom
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Fit the standings to the window if the address says so. */
export function begin(standings, following) {
  const asked = new URLSearchParams(location.search);
  const how = asked.get("fit") === "scroll" && calm.matches ? "pages" : asked.get("fit");
  if (how !== "pages" && how !== "scroll") return;
  document.body.dataset.fit = how;
  const strip = element("footer", "strip");
  strip.sponsors = element("p", "sponsors");
  strip.pages = element("p", "pages");
  strip.append(strip.sponsors, strip.pages);
  document.body.append(strip);
  const everyMs = 1000 * Math.max(2, Number(asked.get("every")) || EVERY_S);
  nameSponsors(strip.sponsors, everyMs);
  if (how === "scroll") scroll();
  else pages(standings, following, strip, Number(asked.get("rows")), everyMs);
}

/** Name the sponsors, some after others where there is no room for all. */
function nameSponsors(place, everyMs) {
  let names = [];
  let first = 0;
  let next = 0;
  const show = () => {
    if (first >= names.length) first = 0;
    next = first + 1;
    setText(place, names.slice(first, next).join(BETWEEN));
    while (next < names.length) {
      const before = place.textContent;
      setText(place, names.slice(first, next + 1).join(BETWEEN));
      if (place.scrollWidth > place.clientWidth) {
        setText(place, before);
        break;
      }
      next += 1;
    }
  };
  const read = async () => {
    const defined = await definition();
    if (defined) ({sponsors: names = []} = defined);
    show();
  };
  addEventListener("resize", show);
  setInterval(() => {
    first = next;
    show();
  }, everyMs);
  setInterval(read, SPONSORS_AGAIN_MS);
  read();
}

function pages(standings, following, strip, rows, everyMs) {
  let page = 0;
  let about = "";
  let fits = null;
  const show = () => {
    const count = standings.fitTo(fits, page);
    if (page >= count) standings.fitTo(fits, (page = 0));
    setText(strip.pages, count > 1 ? `${page + 1} / ${count}` : "");
  };
  const turn = () => {
    const now = [innerWidth, innerHeight, standings.measured, ...standings.lengths].join();
    if (about !== now) {
      about = now;
      standings.fitTo(null);
      grow(standings, strip);
      const row = standings.querySelector("tbody tr")?.offsetHeight || ROW_PX;
      fits = {rows: rows || Math.max(ROWS_MIN, Math.floor(innerHeight / row)), groups: standings.lengths.length || 1};
    }
    show();
    while (!isAbove(standings, strip) && lessen(fits, standings, rows)) show();
  };
  following.addEventListener("shown", ({detail}) => detail === "standings" && turn());
  addEventListener("resize", turn);
  turn();
  setInterval(() => {
    page += 1;
    turn();
  }, everyMs);
}

/** Whether all that is shown ends above the strip. */
function isAbove(standings, strip) {
  return standings.getBoundingClientRect().bottom + MARGIN_PX < innerHeight - strip.offsetHeight;
}

/** Let a page have fewer tables below each other, else fewer rows, unless so many were `asked`; false if it cannot. */
function lessen(fits, standings, asked) {
  const tops = new Set([...standings.groups.children].map((table) => table.offsetTop));
  if (tops.size > 1) fits.groups = standings.groups.childElementCount - 1;
  else if (!asked && fits.rows > ROWS_MIN) fits.rows -= 1;
  else return false;
  return true;
}

/** Write few rows as large as there is room for; leave columns out where not all fit beside each other. */
function grow(standings, strip) {
  const {groups} = standings;
  const isCut = (one) => one.scrollWidth > one.clientWidth + 1;
  const isTight = () => [...groups.children].some(isCut) || [...groups.querySelectorAll("tbody th.name")].some(isCut);
  const fits = () => !isTight() && isAbove(standings, strip);
  groups.style.removeProperty("--u");
  standings.toggleAttribute("data-tight", false);
  standings.toggleAttribute("data-tight", isTight());
  const usual = parseFloat(getComputedStyle(groups).fontSize);
  for (const times of GROWN) {
    groups.style.setProperty("--u", `${usual * times}px`);
    if (fits()) return;
  }
  groups.style.removeProperty("--u");
}

function scroll() {
  let at = performance.now();
  let restUntil = at + REST_MS;
  let top = 0;
  const step = (now) => {
    const passed = Math.min(100, now - at);
    at = now;
    if (now > restUntil) {
      const end = document.documentElement.scrollHeight - innerHeight;
      if (top >= end && end > 0) [top, restUntil] = [0, now + REST_MS];
      else if ((top += (SCROLL_PX_S * passed) / 1000) >= end) restUntil = now + REST_MS;
      scrollTo({top});
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
