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
  const stay = staying([...after.values()], [...before.values()]);
  let at = null;
  for (const [key, item] of items) {
    const child = after.get(key);
    if (!stay.has(child)) place(parent, child, at ? at.nextSibling : parent.firstChild);
    update(child, item, !before.has(key));
    at = child;
  }
  parent.childByKey = after;
}

/** Put a child before another; one that only changes its place keeps the focus where browsers can. */
function place(parent, child, next) {
  if (child.parentNode === parent && parent.moveBefore) parent.moveBefore(child, next);
  else parent.insertBefore(child, next);
}

/** The most of `children` that are in the same order in `before` already (longest increasing run). */
function staying(children, before) {
  const places = new Map(before.map((child, n) => [child, n]));
  const ends = []; // the last of the best run of each length
  const previous = new Map();
  for (const child of children.filter((one) => places.has(one))) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places.get(ends[middle]) < places.get(child)) low = middle + 1;
      else high = middle;
    }
    previous.set(child, ends[low - 1]);
    ends[low] = child;
  }
  const found = new Set();
  for (let child = ends.at(-1); child; child = previous.get(child)) found.add(child);
  return found;
}
