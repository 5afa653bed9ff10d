/**
 * What waits for an official in a competition: parked contests, what could not be matched, results that
 * are not settled, and what was kept and looks wrong. No page in here.
 *
 * A matter: `{key, kind, title, what, since, waits, reasons, stamp, decisions, record?, contest?}`. `stamp`
 * differs once something about it is another. A decision: `{hotkey, word, effect, danger?, href?}`, and
 * `body` with `path` for one that is made here.
 */

import {ask} from "../shell/ask.js";
import {isGame, words} from "../board/document.js";
import {effectOf, person} from "./competition.js";

const LISTED_MAX = 200; // of each kind in a competition; past it the list says so
const LINKS_MAX = 9; // one key each

/** What flags mean, for those that a title does not explain. */
const FLAGS = {
  "shadow-difference": "The boards of this contest are not what the ledger comes to when it is read anew.",
  "not-over": "A result was approved while the contest was still in play. The approval does not count.",
  "unknown-entrant": "It names an entrant whom nobody has entered.",
  "unknown-contest": "It names a contest that is not in the competition.",
  "no-kick-off": "It happened before anybody said that the contest had begun.",
};

/** Reasons to choose from, where those for corrections do not fit. */
const REASONS = {
  parked: ["The program was updated", "Try it again", "A device's mistake", "Jury's decision"],
  result: ["Result sheet signed", "Protest", "Protest settled", "Seen on video", "Jury's decision"],
};

export class Matters {
  /** `office`: loaded; `me`: who asks, as an actor. */
  constructor(office, me) {
    this.office = office;
    this.me = me;
  }

  /** All that waits: `{matters, more}`; `more`: whether some kind has more than are listed. Throws Refused. */
  async read() {
    const {api} = this.office;
    const [parked, waiting, proposed, contests, flags] = await Promise.all([
      ask(`${api}/parked`),
      ask(`${api}/reconciliation?limit=${LISTED_MAX}`),
      ask(`${api}/corrections/proposals`),
      this.board("contests"),
      this.board("flags"),
    ]);
    const results = Object.entries(contests.rows ?? {}).map(([id, row]) => this.ofResult(id, row)).filter(Boolean);
    const overturned = Object.entries(flags.needs_ruling ?? {}).map(([id, one]) => this.ofOverturned(id, one));
    const doubts = Object.entries(flags.rows ?? {}).map(([record, row]) => this.ofFlag(record, row));
    const kinds = [
      parked.parked.map((one) => this.ofParked(one)),
      overturned,
      proposed.proposals.map((one) => this.ofProposal(one)),
      results,
      waiting.waiting.map((one) => this.ofWaiting(one, waiting.waiting)),
      doubts,
    ];
    const more = waiting.total > waiting.waiting.length || kinds.some((all) => all.length > LISTED_MAX);
    return {matters: kinds.flatMap((all) => all.slice(0, LISTED_MAX)), more};
  }

  async board(name) {
    if (isGame(this.office.definition)) return {};
    try {
      return (await ask(`${this.office.api}/boards/${name}`)).content;
    } catch (refused) {
      if (refused.status === 404) return {}; // nothing has happened yet
      throw refused;
    }
  }

  matter(kind, id, more) {
    const {slug} = this.office;
    return {key: `${slug}\n${kind}\n${id}`, slug, kind, since: "", waits: "any official", reasons: REASONS[kind] ?? this.office.payloads.reasons, ...more};
  }

  ofParked(one) {
    const {office} = this;
    const path = `${office.api}/parked/${one.position}`;
    return this.matter("parked", `${one.contest ?? ""}/${one.position}`, {
      title: `${office.contest(one.contest)} stands still`,
      what: `Entry ${one.position} cannot be worked into the boards: ${one.error}. Later entries of this contest wait behind it; all other contests go on. Tried ${one.attempts} ${one.attempts === 1 ? "time" : "times"}.`,
      since: one.since,
      waits: one.retry ? "any official; it is also tried again by itself" : "any official",
      stamp: one.attempts,
      contest: one.contest,
      decisions: [
        {hotkey: "r", word: "Retry", effect: "Works the contest's entries into the boards again. If the entry still cannot be, it waits again.", path, body: {action: "retry"}},
        {hotkey: "s", word: "Skip", danger: true, effect: "Passes over this entry: the boards never show it. It stays in the ledger. Cannot be undone.", path, body: {action: "skip"}},
      ],
    });
  }

  ofProposal(one) {
    const {office} = this;
    const own = one.actor === this.me;
    const effect = effectOf(one, office);
    const path = `/c/${encodeURIComponent(office.slug)}/corrections?${new URLSearchParams({proposal: one.position})}`;
    return this.matter("proposal", String(one.position), {
      title: `${effect} needs a second approval`,
      what: `${own ? "You" : person(one.actor)} proposed it: “${one.corrections[0].reason}”. No board shows it before another official has approved it.${one.overtaken ? " It has lapsed: a record was corrected since." : ""}`,
      since: one.received,
      waits: own ? "an official other than you" : "a second official",
      stamp: String(one.overtaken),
      decisions: [{hotkey: "c", word: own ? "Look or take back" : "Look and decide", effect: `Shows every board before and after${own ? "" : ", to approve or decline"}.`, href: path}],
    });
  }

  /** `all`: everything that waits: what is of the other side can be linked with it, however far off. */
  ofWaiting(one, all) {
    const {office} = this;
    const path = `${office.api}/reconciliation`;
    const observed = one.side === "observed";
    const spoken = office.describe(one.type, one.said);
    const entrant = office.value(one.entrant);
    const said = spoken.includes(entrant) ? spoken : `${spoken} (${entrant})`;
    const links = partners(one, all).map((other, n) => ({
      hotkey: String(n + 1),
      word: `Link with ${other.waits ? office.describe(other.waits.type, other.waits.said) : other.record}`,
      effect: [
        other.distance_ms === undefined ? "" : `${(other.distance_ms / 1000).toFixed(1)} s apart`,
        other.entrant ? office.value(other.entrant) : "",
        other.taken ? "takes it from what it is matched with now" : "counts as one from then on",
      ].filter(Boolean).join(" · "),
      path,
      body: {action: "link", observed: observed ? one.record : other.record, decided: observed ? other.record : one.record},
    }));
    const why = one.why === "doubtful" ? "Several fit about as well" : one.candidates.length ? "Nothing fits well enough" : "Nothing is near it";
    return this.matter("match", one.record, {
      title: `${said} has no match`,
      what: `A ${observed ? "device observed" : "person decided"} it in ${office.contest(one.contest)} (record ${one.record}). ${why}, so it waits and ${observed ? "counts for nothing" : "has no measured figures"}.`,
      stamp: JSON.stringify(links.map(({body}) => body)),
      record: one.record,
      contest: one.contest,
      decisions: [
        ...links,
        {hotkey: "d", word: "Dismiss", danger: true, effect: "It is matched with nothing and waits no longer, such as a practice swing. Can be undone.", path, body: {action: "dismiss", record: one.record}},
      ],
    });
  }

  ofResult(id, row) {
    const {result, awaiting = 0} = row;
    const asked = result === "provisional" && awaiting > 0;
    if (!asked && result !== "disputed" && result !== "under-review") return null;
    const name = this.office.contest(id);
    const hidden = this.office.definition.results?.review_hidden;
    const says = (state) => ({path: `${this.office.api}/events`, body: {state}, isResult: true});
    const approve = {hotkey: "a", word: "Approve", effect: asked && awaiting > 1 ? `Calls the result official; ${awaiting - 1} more must do so after you.` : "Calls the result official: final on every board.", ...says("official")};
    const dispute = {hotkey: "d", word: "Dispute", effect: "Boards say “disputed”. Approvals given so far lapse.", ...says("disputed")};
    const review = {hotkey: "u", word: "Review", effect: hidden ? "Boards say “under review”; the public sees nothing more of this contest until it is settled." : "Boards say “under review” until it is settled.", ...says("under-review")};
    const [title, what, decisions] = {
      provisional: [`${name} is not final`, `It is over. ${awaiting} more ${awaiting === 1 ? "official has" : "officials have"} to call its result official.`, [approve, dispute, review]],
      disputed: [`${name} is disputed`, "Somebody objects to the result. It is not final.", [approve, review]],
      "under-review": [`${name} is under review`, `Officials look at the result again.${hidden ? " The public does not see it." : ""}`, [approve, dispute]],
    }[result];
    return this.matter("result", id, {title, what, stamp: `${result} ${awaiting} ${JSON.stringify(row.line ?? {})}`, contest: id, waits: asked ? `${awaiting} ${awaiting === 1 ? "official" : "officials"} who did not approve yet` : "any official", decisions});
  }

  ofOverturned(id, {played, goes_on: goesOn}) {
    const {office} = this;
    const names = (all) => all.map((one) => office.value(one)).join(" and ");
    return this.matter("overturned", id, {
      title: `${office.contest(id)} was played by others than go on now`,
      what: `${names(played)} played it. By a correction since, ${names(goesOn)} would have met. What was played stands until somebody rules.`,
      stamp: JSON.stringify([played, goesOn]),
      contest: id,
      decisions: [{hotkey: "c", word: "To the corrections", effect: "Correct what led there, with every board to look at first.", href: this.corrections()}],
    });
  }

  ofFlag(record, {flags, contest}) {
    const {office} = this;
    const isContest = flags.includes("shadow-difference");
    const reasons = flags.map((one) => FLAGS[one] ?? `${words(one.replaceAll("-", " "))}.`);
    return this.matter("flag", record, {
      title: `${isContest ? office.contest(contest) : `Record ${record}`} looks wrong`,
      what: `${reasons.join(" ")} It was kept, and counts as it stands${contest ? ` in ${office.contest(contest)}` : ""}.`,
      stamp: flags.join(),
      record: isContest ? "" : record,
      contest,
      decisions: [{hotkey: "c", word: "Correct", effect: "Amend or void it on the page of corrections, with every board to look at first. It leaves this list once it looks right.", href: this.corrections(isContest ? "" : record)}],
    });
  }

  corrections(record) {
    const path = `/c/${encodeURIComponent(this.office.slug)}/corrections`;
    return record ? `${path}?${new URLSearchParams({record})}` : path;
  }

  /** More of a matter, for whoever looks at it: `{since, lines, stop?, seen?}`. Throws Refused. */
  async behind(matter) {
    const {api} = this.office;
    if (matter.kind === "result") {
      const contest = encodeURIComponent(matter.contest);
      const [box, standing] = await Promise.all([ask(`${api}/boards/box:${contest}`), ask(`${api}/contests/${contest}/result`)]);
      const own = standing.history.filter(({in_force: counts}) => counts);
      const mine = own.at(-1)?.state === "official" && own.some(({actor, state}) => actor === this.me && state === "official");
      return {
        since: own[0]?.received ?? box.as_of,
        seen: box.position,
        stop: mine && standing.awaiting > 0 ? {approve: "You have approved it already."} : null,
        lines: own.map(({state, actor, received, reason}) => ({actor, received, text: words(state.replace("-", " ")), reason})),
      };
    }
    if (!matter.record) return {since: matter.since, lines: []};
    const {versions} = await ask(`${api}/records/${matter.record.split("/").map(encodeURIComponent).join("/")}`);
    return {
      since: versions[0].received,
      lines: versions.map(({type, data, action, actor, received, reason}) => ({actor, received, text: action === "void" ? "Void" : this.office.describe(type, data), reason})),
    };
  }

  /** Make a decision. Returns the ledger's position of it. Throws Refused. */
  async decide(matter, decision, reason, seen) {
    const {path} = decision;
    if (!decision.isResult) return (await ask(path, {method: "POST", body: {...decision.body, reason}})).position;
    const data = {contest: matter.contest, reason, ...decision.body, ...(seen ? {seen} : {})};
    const event = {id: identity(), source: this.me, type: "competition.result", data};
    return (await ask(path, {method: "POST", body: event})).position;
  }

  /** Take a decision back by its position; whether it now waits for a second official. Throws Refused. */
  async undo(position) {
    const made = await ask(`${this.office.api}/undo`, {method: "POST", body: {positions: [position], reason: "Taken back"}});
    return Boolean(made.state);
  }
}

/** What a record could be linked with: the candidates, then what else waits on the other side. */
function partners(one, all) {
  const waits = new Map(all.filter(({contest, side}) => contest === one.contest && side !== one.side).map((other) => [other.record, other]));
  const named = one.candidates.map((other) => ({...other, waits: waits.get(other.record)}));
  for (const {record} of named) waits.delete(record);
  const others = [...waits.values()].map((other) => {
    const apart = Math.abs(other.at_ms - one.at_ms);
    return {record: other.record, entrant: other.entrant, waits: other, ...(Number.isFinite(apart) ? {distance_ms: apart} : {})};
  });
  others.sort((a, b) => (a.distance_ms ?? Infinity) - (b.distance_ms ?? Infinity) || 0);
  return [...named, ...others].slice(0, LINKS_MAX);
}

/** A name for one event; pages on plain HTTP have no randomUUID. */
function identity() {
  return `ruling-${[...crypto.getRandomValues(new Uint8Array(8))].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
}
