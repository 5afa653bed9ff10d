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
  target.textContent = text;
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
 * there: `create(key)` makes a child, `update(child, item, isNew)` fills it. Nothing else moves.
 */
export function reconcile(parent, items, create, update) {
  const before = parent.childByKey ?? new Map();
  const after = new Map();
  let at = null;
  for (const [key, item] of items) {
    const known = before.get(key);
    const child = known ?? create(key);
    const next = at ? at.nextSibling : parent.firstChild;
    if (child !== next) parent.insertBefore(child, next);
    update(child, item, !known);
    after.set(key, child);
    at = child;
  }
  for (const [key, child] of before) if (!after.has(key)) child.remove();
  parent.childByKey = after;
}
