/**
 * A referee's lights, and the jury. What others have decided is with the server until all three are
 * in: nobody's device is told before. The jury, officials, overrules with a reason.
 */

import {shortly} from "../sports/common.js";

const REFEREES = ["left", "centre", "right"];
const JURY = "jury";
const FAULTS = {
  squat: ["depth", "not upright, knees bent", "movement, signal or other"],
  bench: ["not to the chest, or no pause", "elbows not locked", "movement, signal or other"],
  deadlift: ["not upright, knees bent", "supported, or down again", "movement, signal or other"],
};
const OTHER = ["press-out or elbow", "touched or not finished", "movement, signal or other"];

/** The attempt that is on, or else the one that was decided last. */
function attemptOf(view) {
  const {on} = view.line;
  if (on) view.local.last = on;
  return on ?? view.local.last ?? lastDecided(view);
}

/** After a reload between two attempts: the last one of this device's own. */
function lastDecided(view) {
  const own = view.said.filter(({event}) => event.type === "lifting.light").at(-1);
  return own && {entrant: own.event.data.entrant, lift: own.event.data.lift, attempt: own.event.data.attempt};
}

function tryOf(view, at) {
  return at ? view.box.lifters?.[at.entrant]?.lifts?.[at.lift]?.[at.attempt] ?? {} : {};
}

const isOf = (at) => ({event: {data = {}}}) =>
  data.entrant === at.entrant && data.lift === at.lift && data.attempt === at.attempt;

function nameOf(view, id) {
  const one = view.entrants.find((entrant) => entrant.id === id);
  return one ? one.name : id;
}

function refereeOf(view) {
  return REFEREES.find((side) => view.position.startsWith(side));
}

function ownLight(view, at) {
  return at && view.said.filter(({event}) => event.type === "lifting.light").filter(isOf(at)).at(-1);
}

function lights(view, at, referee) {
  const mine = ownLight(view, at);
  const shown = Boolean(tryOf(view, at).lights);
  const of = at && {entrant: at.entrant, lift: at.lift, attempt: at.attempt, referee};
  const light = (id, label, key, good, reason, more) => ({
    id, label, key, sub: reason ?? "", disabled: !at || shown, pressed: mine ? mine.event.data.good === good && (mine.event.data.reason ?? undefined) === reason : false,
    effect: `${good ? "white" : `red, ${reason}`}, ${nameOf(view, at?.entrant)} ${at?.lift} ${at?.attempt}`,
    make: () => [...(mine ? [{undo: mine}] : []), {type: "lifting.light", data: {...of, good, ...(reason && {reason})}}],
    ...more,
  });
  return [
    {id: "good", wide: true, actions: [light("good", "○ Good lift", "1", true, undefined, {main: true})]},
    {id: "bad", wide: true, actions: (FAULTS[at?.lift] ?? OTHER).map((fault, n) => light(`bad-${n}`, "✕ No lift", String(n + 2), false, fault, {tone: "red"}))},
  ];
}

function jury(view, at) {
  const one = tryOf(view, at);
  const rule = (id, label, key, good) => ({
    id, label, key, disabled: !at || !view.official, type: "lifting.jury", data: {entrant: at?.entrant, lift: at?.lift, attempt: at?.attempt, good},
    steps: [{title: "Reason", text: "reason"}], effect: ({reason}) => `jury: ${good ? "good lift" : "no lift"}, ${reason}`,
  });
  const title = view.official ? `Overrule${one.jury === undefined ? "" : `: the jury said ${one.jury ? "good lift" : "no lift"}`}` : "The jury logs in as an official";
  return [{id: "jury", title, wide: true, actions: [rule("jury-good", "○ Good lift", "1", true), rule("jury-bad", "✕ No lift", "2", false)]}];
}

export default {
  fixed: [...REFEREES.map((side) => `${side} referee`), JURY],
  heading(view) {
    const at = attemptOf(view);
    if (!at) return "Waiting for the bar to be loaded";
    const {weight = at.weight} = tryOf(view, at);
    return `${nameOf(view, at.entrant)} · ${at.lift} ${at.attempt} · ${weight} kg`;
  },
  groups(view) {
    const at = attemptOf(view);
    const referee = refereeOf(view);
    if (referee) return lights(view, at, referee);
    return view.position === JURY ? jury(view, at) : [];
  },
  totals: () => [],
  /** The three lights: whether they are in, and all at once what they are. */
  lights(view) {
    const at = attemptOf(view);
    const one = tryOf(view, at);
    const mine = ownLight(view, at);
    const shown = REFEREES.map((side) => {
      const light = one.lights?.[side];
      const state = light === undefined ? (one.lights_in?.includes(side) ? "in" : "none") : light ? "good" : "bad";
      const own = side === refereeOf(view) && mine ? ` (yours: ${mine.event.data.good ? "white" : "red"})` : "";
      const words = {none: "not yet", in: "in", good: "good lift", bad: "no lift"}[state];
      return {id: side, name: side, state, words: `${words}${own}`, reason: one.reasons?.[side] ?? ""};
    });
    const decided = one.good === undefined ? "" : one.good ? "✓ Good lift" : "✕ No lift";
    const word = one.jury === undefined ? decided : `${decided} · jury${one.reasons?.jury ? `: ${one.reasons.jury}` : ""}`;
    return {shown, word, who: at ? shortly(view.entrants.find(({id}) => id === at.entrant) ?? {id: at.entrant}) : ""};
  },
};
