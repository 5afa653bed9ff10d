/** Lets the eye follow rows that change places: they glide from where they were (transforms alone). */

const GLIDE_MS = 700;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Run `change`, which may reorder the children of `parent`, and let those that moved glide there. All
 * places are read before anything glides, and what is out of sight does not: of a long board few rows.
 */
export function moving(parent, change) {
  if (calm.matches || document.hidden || !parent.childElementCount) return change();
  const before = new Map([...parent.children].map((row) => [row, row.offsetTop]));
  change();
  const top = parent.getBoundingClientRect().top - (parent.firstElementChild?.offsetTop ?? 0);
  const inSight = (offset) => top + offset > -innerHeight / 2 && top + offset < innerHeight * 1.5;
  const moved = [...before]
    .filter(([row]) => row.isConnected)
    .map(([row, from]) => ({row, from, to: row.offsetTop}))
    .filter(({from, to}) => from !== to && (inSight(from) || inSight(to)));
  for (const {row, from, to} of moved) {
    row.animate([{transform: `translateY(${from - to}px)`}, {transform: "none"}], {duration: GLIDE_MS, easing: "cubic-bezier(.3,.9,.3,1)"});
  }
}
