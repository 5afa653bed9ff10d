/** The judge's view of each sport that has one: a pad's module, with positions of its own and lights. */

const VIEWS = {
  judged: () => import("./judged.js"),
  lifting: () => import("./lifting.js"),
};

export async function judgingOf(sport) {
  const load = VIEWS[sport];
  if (!load) throw new Error(`Nobody judges in ${sport}: score it on the pad.`);
  return (await load()).default;
}
