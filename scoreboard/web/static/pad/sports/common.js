/** What the pads of several sports share. */

const LONG = 14;

/** A name for a narrow place. */
export function shortly(one) {
  return shortlyAll([one])[0];
}

/** Names for narrow places beside each other: all of them in full, or all short. */
export function shortlyAll(several) {
  const isLong = several.some(({name}) => name?.length > LONG);
  return several.map(({name, short, id}) => (isLong ? short || name : name) || id);
}

/** Who is chosen on this pad. */
export function chosen({entrants, local}, name = "entrant") {
  return entrants.find(({id}) => id === local[name]);
}

/** This device's facts of a type that count. */
export function ofType(view, ...types) {
  return view.said.filter(({event}) => types.includes(event.type)).map(({event}) => event.data);
}

/** Those that the board cannot know yet. */
export function waiting(view, ...types) {
  return view.said.filter(({state, event}) => state === "unsent" && types.includes(event.type));
}
