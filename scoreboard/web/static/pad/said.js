/** What this device's own items come to: which of them count, and what can be undone. */

/** Items that count: neither refused nor undone; corrections themselves are left out. */
export function inForce(items) {
  const gone = undone(items);
  return items.filter((item) => item.state !== "refused" && item.of === undefined && !gone.has(item.n));
}

/** The numbers of the items that are undone, unless they were put back since. */
export function undone(items) {
  const gone = new Set();
  for (const {of, event, state} of items) {
    if (of === undefined || state === "refused") continue;
    if (event.action === "restore") gone.delete(of);
    else gone.add(of);
  }
  return gone;
}

/** What the undo button would take back: the last press, all events that it made. */
export function lastPress(items) {
  const standing = inForce(items);
  const last = standing.at(-1);
  return last ? standing.filter((item) => item.press === last.press) : [];
}

/** The items that say that others are taken back (`void`) or count again (`restore`). */
export function corrections(items, action, device, press) {
  const reason = action === "void" ? "undone on the pad" : "put back on the pad";
  return [...items].reverse().map(({n, competition, contest, event, label, record}) => ({
    competition,
    contest,
    of: n,
    press,
    at: Date.now(),
    label: `${action === "void" ? "Undone" : "Put back"}: ${label}`,
    event: {
      type: event.type,
      action,
      record: record ?? event.record ?? `${device}/${n}`,
      reason,
      time: event.time,
    },
  }));
}
