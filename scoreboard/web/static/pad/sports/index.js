/** The pad of each sport, by the sport's name; a general one for those that have none. */

const PADS = {
  football: () => import("./football.js"),
  golf: () => import("./golf.js"),
  judged: () => import("./judged.js"),
  lifting: () => import("./lifting.js"),
  periods: () => import("./periods.js"),
  points: () => import("./points.js"),
  problems: () => import("./problems.js"),
  race: () => import("./race.js"),
  rounds: () => import("./rounds.js"),
  tennis: () => import("./tennis.js"),
};

export async function padOf(sport) {
  const load = PADS[sport] ?? (() => import("./general.js"));
  return (await load()).default;
}
