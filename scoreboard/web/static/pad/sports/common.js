/** What the pads of several sports share. */

const LONG = 14;

/** A name for a narrow place. */
export function shortly({name, short, id}) {
  return name && name.length <= LONG ? name : short || name || id;
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
