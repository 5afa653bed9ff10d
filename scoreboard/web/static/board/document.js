/** Boards as data: merge patches (RFC 7396), rows in order, words for codes. No page in here. */

/** `old` with a merge patch applied; neither is changed. A null takes a member away. */
export function merge(old, patch) {
  const made = {...old};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete made[key];
    else if (isObject(value)) made[key] = merge(isObject(made[key]) ? made[key] : {}, value);
    else made[key] = value;
  }
  return made;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a version is an earlier one than another of the same generation. */
export function isBefore(one, other) {
  const [[generation, ...a], [same, ...b]] = [one.split("-"), other.split("-")];
  return generation === same && (a[0] - b[0] || a[1] - b[1]) < 0;
}

/** Whether two versions can be compared. */
export function ofOneGeneration(one, other) {
  return one.split("-")[0] === other.split("-")[0];
}

/** Whether who held a version was shown what a notice says was wrong. */
export function showedWrong(held, {wrong_from: from, right_from: until, frozen}) {
  if (ofOneGeneration(held, until)) return !isBefore(held, from) && isBefore(held, until);
  return frozen !== undefined && ofOneGeneration(held, frozen);
}

/** Ids as the server orders them: by code point, not by the reader's language. */
function byId(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a competition is a game of predictions: it has a leaderboard, and no standings or contests of its own. */
export const isGame = ({sport}) => sport === "predictions";

/** Whether a sport tells what happened in a contest: those of large fields do not. */
export const hasTimeline = ({sport}) => !["points", "race"].includes(sport);

const NO_GROUP = "Without a group"; // beside groups

/** The standings as `[{id, name, rows: [[entrant, row], ...]}, ...]`, groups as defined. */
export function groupsOf(content) {
  const names = content.groups ?? {};
  const groups = new Map();
  for (const [id, group] of Object.entries(names).sort(([a], [b]) => byId(a, b))) {
    groups.set(id, {id, name: group.name ?? id, rows: []});
  }
  for (const [entrant, row] of Object.entries(content.rows ?? {})) {
    const id = row.group ?? "";
    if (!groups.has(id)) groups.set(id, {id, name: id || (groups.size ? NO_GROUP : ""), rows: []});
    groups.get(id).rows.push([entrant, row]);
  }
  for (const group of groups.values()) {
    group.rows.sort(([a, x], [b, y]) => (x.rank ?? 0) - (y.rank ?? 0) || byId(a, b));
  }
  return [...groups.values()].filter((group) => group.rows.length);
}

/** Contests by what they are to a spectator: `{live, next, latest}`, each `[[id, row], ...]`. */
export function contestsOf(content) {
  const rows = Object.entries(content.rows ?? {});
  const order = ([a, x], [b, y]) => (x.order ?? 0) - (y.order ?? 0) || byId(a, b);
  const of = (...statuses) => rows.filter(([, row]) => statuses.includes(row.status)).sort(order);
  return {
    live: of("live"),
    next: of("scheduled", "delayed"),
    latest: of("finished", "abandoned").reverse(),
  };
}

/** What each entrant of a contest has, by id, from the sport's line; empty before the start. */
export function scoresOf(row) {
  const line = row.line ?? {};
  const sides = Array.isArray(line.sides) ? line.sides : undefined; // of sets, or of holes won
  const teams = line.teams ?? sides ?? (row.entrants ?? []).map((entrant) => entrant.id);
  const begun = row.status !== "scheduled" && row.status !== "delayed";
  const score = (sides && begun && (line.sets_won ?? line.won)) || (line.score ?? {});
  const shootout = line.periods?.shootout;
  return new Map(teams.map((id, n) => {
    const value = Array.isArray(score) ? score[n] : score[id];
    if (value === undefined) return [id, ""];
    return [id, shootout ? `${figure(value)} (${figure(shootout[n])})` : figure(value)];
  }));
}

/** Alliances by id, `[[side, {entrants, score}]]`, in the order in which the contest names who is in them. */
export function alliancesOf({entrants = [], line = {}, box}) {
  const places = new Map(entrants.map(({id}, n) => [id, n]));
  const place = ([, {entrants: own = []}]) => places.get(own[0]) ?? places.size;
  return Object.entries((box ?? line).sides ?? {}).sort((a, b) => place(a) - place(b));
}

const SIDES_MAX = 4; // a contest of more has its name in place of theirs

/** Who meets in a contest, `[{id, name, score, won}]`: its entrants, alliances of them, or its field. */
export function sidesOf(id, row) {
  const {entrants = [], line = {}} = row;
  const names = new Map(entrants.map((one) => [one.id, one.name ?? one.id]));
  if (line.sides && !Array.isArray(line.sides) && entrants.length) {
    return alliancesOf(row).map(([side, {entrants: own = [], score}]) => (
      {id: side, name: own.map((one) => names.get(one) ?? one).join(", ") || words(side), score: figure(score), won: line.winner === side}
    ));
  }
  const told = scoresOf(row);
  const isField = entrants.length > SIDES_MAX || (entrants.length > 2 && row.name && ![...told.values()].some(Boolean));
  if (!entrants.length || isField) return [{id: "", name: row.name || row.round || id, score: "", won: false}];
  return entrants.map((one) => ({id: one.id, name: names.get(one.id), score: told.get(one.id) ?? "", won: line.winner === one.id}));
}

/** What a contest is called: its name, or who meets there. */
export function nameOf(id, row) {
  return row.name || sidesOf(id, row).map(({name}) => name).join(" – ");
}

const STATUS = {
  live: "● Live",
  scheduled: "Scheduled",
  delayed: "▲ Delayed",
  finished: "✓ Final",
  abandoned: "✕ Abandoned",
};
/** What officials say of a result outdoes how far the contest has come. */
const RESULT = {
  provisional: "◔ Not final",
  disputed: "▲ Disputed",
  "under-review": "▲ Under review",
};

/** How far a contest has come, or what is the matter with its result. */
export function statusOf(row) {
  return RESULT[row.result] ?? STATUS[row.status] ?? row.status ?? "";
}

/** Periods whose code alone says too little. */
const PLAY = {
  first: "First half",
  second: "Second half",
  extra_first: "Extra time, first half",
  extra_second: "Extra time, second half",
};

const PERIODS = ["half_time", "full_time", "extra_time", "shootout"]; // as they are played

/** The state of play and earlier scores in words, such as `Second half · Half time 1–0`. */
export function playOf(row) {
  const line = row.line ?? {};
  const said = [];
  const periods = line.periods ?? {};
  if (row.status === "live" && line.period) said.push(`Period ${line.period}`);
  if (row.status === "live" && line.play && !(line.play in periods)) said.push(PLAY[line.play] ?? words(line.play));
  if (line.sets && line.score) said.push(line.score.replaceAll("-", "–"));
  if (row.status === "live" && line.points) said.push(line.points.join("–"));
  if (line.won && line.status) said.push(`${words(line.status)} after ${line.thru}`);
  if (line.walkover) said.push("Walkover");
  said.push(...fieldOf(row));
  for (const name of [...PERIODS.filter((one) => one in periods), ...Object.keys(periods).filter((one) => !PERIODS.includes(one))]) {
    const pair = periods[name];
    if (Array.isArray(pair)) said.push(`${words(name)} ${pair.map(figure).join("–")}`);
  }
  return said.join(" · ");
}

const FRONT_MAX = 2; // equals; of more of them only their number is told

/** Who is in front of a field and how far it has come: `["In front: Nora Vik, 212.5 kg", "4 of 12"]`. */
function fieldOf({status, entrants = [], line = {}}) {
  const names = new Map(entrants.map((one) => [one.id, one.name ?? one.id]));
  const front = [line.leaders ?? line.first ?? line.leader ?? []].flat().map((id) => names.get(id)).filter(Boolean);
  const said = [];
  if (front.length) {
    const who = front.length > FRONT_MAX ? `${front.length} of them` : front.join(" and ");
    said.push(`${status === "live" ? "In front" : "First"}: ${[who, withWhat(line)].filter(Boolean).join(", ")}`);
  }
  if (status === "live") {
    if (line.planned) said.push(`${line.performed} of ${line.planned}`);
    if (line.lifters) said.push(`${line.done} of ${line.lifters} done`);
    if (line.seen) said.push(line.out ? `${line.seen} timed, ${line.out} out` : `${line.seen} timed`);
  }
  return said;
}

/** What the first of a field has: strokes to par, kilograms, problems solved, marks. */
function withWhat({best, total, leader_solved: solved, score}) {
  if (best !== undefined) return best ? written(best, {signed: true}) : "level par";
  if (total !== undefined) return `${total} kg`;
  if (solved !== undefined) return `${solved} solved`;
  return typeof score === "number" || typeof score === "string" ? figure(score) : "";
}

/** A figure as it is read: a real minus sign, which is as wide as a plus and a digit. */
export function figure(value) {
  if (value === undefined || value === null) return "";
  return String(value).replace(/^-/, "−");
}

/** A figure as its column has it written, with so many decimals if it is a number. */
export function written(value, {signed = false} = {}, decimals = 0) {
  if (typeof value !== "number") return figure(value);
  const text = decimals ? value.toFixed(decimals) : String(value);
  return signed && value > 0 ? `+${text}` : figure(text);
}

/** How many decimals the numbers of a column have at most: all of them are written with as many. */
export function decimalsOf(values) {
  return values.reduce((most, value) => (Number.isInteger(value) || typeof value !== "number" ? most : Math.max(most, (String(value).split(".")[1] ?? "").length)), 0);
}

/** `goal_difference` as `Goal difference`. */
export function words(code) {
  const text = String(code).replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
