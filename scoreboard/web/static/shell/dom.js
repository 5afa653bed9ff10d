/** The few things that all elements do with the page. Text is always text, never markup. */

const SHOWN_MS = 4_000;
const marked = new WeakMap();

/** A new element with a class and, if given, text. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Set an element's text if it differs; returns whether it did. */
export function setText(target, text) {
  if (target.textContent === text) return false;
  const {firstChild: only} = target;
  if (text && only instanceof Text && !only.nextSibling) only.data = text;
  else target.textContent = text;
  return true;
}

/**
 * Mark an element as changed for a few seconds; `how` is the value of `data-changed`. `data-turn` is
 * another one each time: styles have two names for an animation, so that it begins anew without a layout.
 */
export function mark(target, how = "yes") {
  clearTimeout(marked.get(target));
  target.dataset.turn = target.dataset.turn === "odd" ? "even" : "odd";
  target.dataset.changed = how;
  marked.set(target, setTimeout(() => delete target.dataset.changed, SHOWN_MS));
}

/**
 * Make the children of `parent` those of `items` (`[[key, item], ...]`), in order, reusing what is
 * there: `create(key)` makes a child, `update(child, item, isNew)` fills it. As few as can be move.
 */
export function reconcile(parent, items, create, update) {
  const before = parent.childByKey ?? new Map();
  const after = new Map(items.map(([key]) => [key, before.get(key) ?? create(key)]));
  for (const [key, child] of before) if (!after.has(key)) child.remove();
  const children = [...after.values()];
  const stays = staying(children, [...before.values()]);
  let at = null;
  children.forEach((child, n) => {
    const [key, item] = items[n];
    if (!stays[n]) place(parent, child, at ? at.nextSibling : parent.firstChild);
    update(child, item, !before.has(key));
    at = child;
  });
  parent.childByKey = after;
}

/** Put a child before another; one that only changes its place keeps the focus where browsers can. */
function place(parent, child, next) {
  if (child.parentNode === parent && parent.moveBefore) parent.moveBefore(child, next);
  else parent.insertBefore(child, next);
}

/** Which of `children` stay: the most that are in the same order in `before` (longest increasing run). */
function staying(children, before) {
  const stays = new Array(children.length).fill(false);
  let first = 0;
  while (first < children.length && children[first] === before[first]) stays[first++] = true;
  let end = children.length;
  let endBefore = before.length;
  while (end > first && endBefore > first && children[end - 1] === before[endBefore - 1]) {
    stays[--end] = true;
    endBefore--;
  }
  const places = new Map();
  for (let n = first; n < endBefore; n++) places.set(before[n], n);
  const ends = []; // the last of the best run of each length, as an index of `children`
  const at = [];
  const previous = [];
  for (let n = first; n < end; n++) {
    const place = places.get(children[n]);
    if (place === undefined) continue;
    at[n] = place;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at[ends[middle]] < place) low = middle + 1;
      else high = middle;
    }
    previous[n] = ends[low - 1];
    ends[low] = n;
  }
  for (let n = ends.at(-1); n !== undefined; n = previous[n]) stays[n] = true;
  return stays;
}
