/** When a contest is planned, as short as the day allows. */

const time = new Intl.DateTimeFormat([], {hour: "2-digit", minute: "2-digit"});
const day = new Intl.DateTimeFormat([], {weekday: "short", day: "numeric", month: "short"});

const date = new Intl.DateTimeFormat([], {day: "numeric", month: "short", year: "numeric"});

/** The time today, the day and the time this year, the whole date otherwise. */
export function planned(start) {
  const now = new Date();
  if (start.toDateString() === now.toDateString()) return time.format(start);
  const on = start.getFullYear() === now.getFullYear() ? day : date;
  return `${on.format(start)}, ${time.format(start)}`;
}
