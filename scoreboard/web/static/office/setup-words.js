/** Small words and spellings that the set-up pages share. */

/** An address or id made of a name: lower case letters, digits and hyphens. */
export function slugOf(name, max = 63) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, max).replace(/-+$/, "");
}

/** What a field for a local time holds, as an instant. */
export function instantOf(local) {
  return new Date(local).toISOString().replace(/\.000Z$/, "Z");
}

/** An instant as a field for a local time holds it; "" for none. */
export function localOf(instant) {
  if (!instant) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** An instant for people; "" for none. */
export function timeOf(instant) {
  return instant ? new Date(instant).toLocaleString([], {weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit"}) : "";
}

/** Entrants and references as they are called. */
export function calledBy(definition) {
  const names = new Map((definition.entrants ?? []).map(({id, name}) => [id, name]));
  const of = new Map([...(definition.groups ?? []), ...(definition.contests ?? [])].map(({id, name}) => [id, name || id]));
  return (entrant) => {
    const [said, what, place] = entrant.split(":");
    if (said === "place" && what) return `${place}. of ${of.get(what) ?? what}`;
    if (what) return `${said === "winner" ? "Winner" : "Loser"} of ${of.get(what) ?? what}`;
    return names.get(entrant) ?? entrant;
  };
}
