/**
 * Lets the eye follow rows that change places: they glide from where they were (transforms alone). Of a
 * long board few rows are looked at: those in sight, or nearly.
 */

const GLIDE_MS = 700;
const NEARLY_PX = 60;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Which children of `parent`, that lie below each other, are in sight: `[first, end]`. */
export function inSight(parent) {
  const rows = [...parent.children];
  if (!rows.length) return [0, 0];
  const top = parent.getBoundingClientRect().top - rows[0].offsetTop;
  return [-NEARLY_PX, innerHeight + NEARLY_PX].map((line) => firstWhere(rows, (row) => top + row.offsetTop > line));
}

/**
 * Run `change`, which may reorder the children of `parent`, and let those glide that moved among the
 * places in `seen` (as of `inSight`), or from there, or to there. All is read before the change; where
 * rows lie after it is reckoned from their heights, so that the browser lays them out once.
 */
export function moving(parent, seen, change) {
  if (calm.matches || document.hidden || seen[0] === seen[1]) return change();
  const order = [...parent.children];
  const heights = new Map(order.slice(...seen).map((row) => [row, row.offsetHeight]));
  const [usual] = heights.values();
  /** Where those of `some` lie among `rows`. */
  const reckon = (rows, some) => {
    const tops = new Map();
    let top = 0;
    for (const row of rows) {
      if (some.has(row)) tops.set(row, top);
      top += heights.get(row) ?? usual;
    }
    return tops;
  };
  change();
  const rows = [...parent.children];
  const some = new Set([...order.slice(...seen), ...rows.slice(...seen)]);
  const [before, after] = [reckon(order, some), reckon(rows, some)];
  for (const row of some) {
    const by = before.get(row) - after.get(row); // NaN for one that was not there, or is gone
    if (by) row.animate([{transform: `translateY(${by}px)`}, {transform: "none"}], {duration: GLIDE_MS, easing: "cubic-bezier(.3,.9,.3,1)"});
  }
}

/** The index of the first of `all` that `is` true for, which is so of all after it; their number if of none. */
function firstWhere(all, is) {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(all[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
