"""The observations and decisions of one contest: what is combined, and what waits for an official.

Facts come and go as the contest's fold takes them; only the scopes that they touch are joined
again, and only when somebody looks (`settle`). What officials rule stands above what keys and times
say, as long as both records count.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct
from sortedcontainers import SortedList

from scoreboard.facts.document import Content
from scoreboard.facts.reconciling import Ruled, ruled
from scoreboard.sports.joining import (
    Candidate,
    Join,
    Pair,
    Part,
    Side,
    Waiting,
    contradict,
    joined,
    repeated,
)
from scoreboard.sports.sport import WHOLE_FIELD, Fact, Sport, States

CANDIDATES_MAX = 5  # shown of one that waits
ELSEWHERE_MAX = 32  # that wait in other scopes and are looked at for a candidate
TIMELESS = -(2**62)


class Scope(Struct):
    """What is joined among itself, by record: facts, their parts, and which repeat which.

    `shown`: the records that have a place among what is combined or waits.
    """

    facts: dict[str, Fact]
    parts: dict[str, Part]
    repeats: dict[str, str]
    shown: list[str]


class InTime:
    """Things by record, in order of time; those without a time come first."""

    def __init__(self) -> None:
        self._things: dict[str, tuple[int, Any]] = {}
        self._order: SortedList = SortedList()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, record: str) -> Any:
        """The thing of a record; None if there is none."""
        return self._things.get(record, (0, None))[1]

    def put(self, record: str, at: int | None, thing: Any) -> None:
        """Take a thing that is not there yet."""
        when = TIMELESS if at is None else at
        self._things[record] = (when, thing)
        self._order.add((when, record))

    def drop(self, record: str) -> None:
        """Let a thing go, if it is there."""
        if record in self._things:
            self._order.remove((self._things.pop(record)[0], record))

    def first(self, count: int) -> list[str]:
        """The records of the first so many."""
        return [record for _, record in self._order[:count]]

    def last(self, count: int) -> list[str]:
        """The records of the last so many, the last of them last."""
        return [record for _, record in self._order[-count:]]

    def near(self, at: int, within_ms: int) -> Iterator[tuple[int, str]]:
        """Distances and records of what is near a time, nearest first."""
        before = self._order.irange((at - within_ms,), (at,), reverse=True)
        after = self._order.irange((at,), (at + within_ms + 1,))
        for when, record in merge(before, after, key=lambda one: abs(one[0] - at)):
            yield abs(when - at), record


class Reconciliation:
    """One contest's observations and decisions, joined. `used`: any were ever recorded."""

    def __init__(self, sport: Sport[Any], join: Join) -> None:
        self.used = False
        self._sport = sport
        self._join = join
        self._scopes: dict[str, Scope] = {}
        self._scope_of: dict[str, str] = {}
        self._rulings: dict[str, Fact] = {}
        self._ruled = Ruled()
        self._links: dict[str, str] = {}  # those in effect: observations by decision
        self._linked: set[str] = set()  # the records in them
        self._stale: set[str] = set()
        self._ruled_anew = False
        self._combined = InTime()
        self._waiting: dict[Side, InTime] = {"observed": InTime(), "decided": InTime()}
        self._observation_of: dict[str, str] = {}

    # facts come and go --------------------------------------------------------------------------

    def see(self, type_: str) -> None:
        """Take note that a record of some type came, whether or not it counts."""
        self.used = self.used or self.side(type_) is not None

    def side(self, type_: str) -> Side | None:
        """The side on which records of a type are."""
        if type_ in self._join.observed:
            return "observed"
        return "decided" if type_ in self._join.decided else None

    def put(self, fact: Fact) -> None:
        """Take a fact that counts."""
        if self.side(fact.type) is None or (name := self._join.scope(fact)) is None:
            return
        if name not in self._scopes:
            self._scopes[name] = Scope({}, {}, {}, [])
        self._scopes[name].facts[fact.record] = fact
        self._scope_of[fact.record] = name
        self._stale.add(name)

    def take(self, record: str) -> None:
        """Let a fact go that does not count any more."""
        if (name := self._scope_of.pop(record, None)) is not None:
            del self._scopes[name].facts[record]
            self._stale.add(name)

    def rule(self, ruling: Fact) -> None:
        """Take an official's ruling."""
        self._rulings[ruling.record] = ruling
        self._ruled_anew = True

    def unrule(self, record: str) -> bool:
        """Let a ruling go; False if the record is none."""
        known = self._rulings.pop(record, None) is not None
        self._ruled_anew = self._ruled_anew or known
        return known

    def rulings(self) -> list[Fact]:
        """The rulings that count."""
        return list(self._rulings.values())

    def touch(self, key: str) -> None:
        """Join again what the state of a fold key bears on, in a field sport: "" on everything."""
        if key == WHOLE_FIELD:
            self._stale.update(self._scopes)
        elif key in self._scopes:
            self._stale.add(key)

    def fact(self, record: str) -> Fact | None:
        """An observation or decision that counts."""
        name = self._scope_of.get(record)
        return None if name is None else self._scopes[name].facts[record]

    # joining ------------------------------------------------------------------------------------

    def settle(self, states: States) -> None:
        """Join again what has changed; `states` are the contest's."""
        if not self._stale and not self._ruled_anew:
            return
        for name in self._stale:
            self._survey(self._scopes[name], states)
        stale = self._stale | self._touched_by_rulings()
        for name in stale:
            for record in self._scopes[name].shown:
                self._forget(record)
        for name in sorted(stale):
            self._join_scope(self._scopes[name])
            if not self._scopes[name].facts:
                del self._scopes[name]
        self._stale, self._ruled_anew = set(), False

    def _survey(self, scope: Scope, states: States) -> None:
        join = self._join
        keys = join.keys(list(scope.facts.values()), states)
        scope.parts = {
            record: Part(
                record=record,
                key=keys[record],
                at=join.at(fact, states),
                order=self._sport.sort_key(fact),
                repeat_ms=join.repeat_ms(fact) if fact.type in join.observed else None,
            )
            for record, fact in scope.facts.items()
            if record in keys
        }
        scope.repeats = repeated(
            part for part in scope.parts.values() if self._is(part.record, "observed")
        )

    def _touched_by_rulings(self) -> set[str]:
        """Rule anew; the scopes in which something else counts now."""
        before, self._ruled = (
            self._ruled,
            ruled(
                (
                    (one.record, one.payload)
                    for one in sorted(self._rulings.values(), key=lambda one: one.position)
                ),
                self._first,
                several=self._join.several,
            ),
        )
        after, records = self._ruled, set[str]()
        for decided, (observed, _) in before.links.items() ^ after.links.items():
            records |= {observed, decided}
        for pair in before.apart.keys() ^ after.apart.keys():
            records |= set(pair)
        records |= before.dismissed.keys() ^ after.dismissed.keys()
        touched = {self._scope_of[one] for one in records if one in self._scope_of}
        for decided, (observed, _) in after.links.items():
            scopes = {self._scope_of[one] for one in (observed, decided) if one in self._scope_of}
            if len(scopes) == 1 or scopes & self._stale:
                touched |= scopes  # one of them came, or went
        self._links = {
            decided: observed
            for decided, (observed, _) in after.links.items()
            if self._is(decided, "decided") and self._is(observed, "observed")
        }
        self._linked = {*self._links, *self._links.values()}
        return touched

    def _first(self, record: str) -> str:
        """The observation that one repeats, else itself."""
        name = self._scope_of.get(record)
        return record if name is None else self._scopes[name].repeats.get(record, record)

    def _is(self, record: str, side: Side) -> bool:
        """Whether a record counts on a side."""
        scope = self._scopes.get(self._scope_of.get(record, ""))
        if scope is None or record not in scope.parts:
            return False
        return self.side(scope.facts[record].type) == side

    def _forget(self, record: str) -> None:
        """Show a record nowhere."""
        if (row := self._combined.get(record)) is not None:
            for decided in row["decided"]:
                self._observation_of.pop(decided, None)
        for things in (self._combined, *self._waiting.values()):
            things.drop(record)

    def _join_scope(self, scope: Scope) -> None:
        free: dict[Side, list[Part]] = {"observed": [], "decided": []}
        for record, part in scope.parts.items():
            side = self.side(scope.facts[record].type)
            passed_over = record in scope.repeats or record in self._ruled.dismissed
            if side and not passed_over:
                free[side].append(part)
        outcome = joined(
            free["observed"],
            free["decided"],
            self._join.params,
            several=self._join.several,
            apart=self._ruled.apart.keys(),
            linked=self._linked,
        )
        pairs: dict[str, list[Pair]] = {}
        for pair in (*outcome.pairs, *self._links_in(scope)):
            pairs.setdefault(pair.observed, []).append(pair)
        scope.shown = list(pairs)
        for observed, own in pairs.items():
            self._combine(scope, observed, own)
        for waiting in outcome.waiting:
            side = self.side(scope.facts[waiting.record].type)
            alone = side in self._join.params.alone and not waiting.doubtful
            if side and not alone:
                scope.shown.append(waiting.record)
                self._waiting[side].put(waiting.record, scope.parts[waiting.record].at, waiting)

    def _links_in(self, scope: Scope) -> Iterator[Pair]:
        """The pairs by ruling whose observation is in a scope."""
        for decided, observed in self._links.items():
            if observed in scope.facts:
                one, other = self._part(observed), self._part(decided)
                far = None if one.at is None or other.at is None else abs(one.at - other.at)
                yield Pair(observed, decided, "ruling", far)

    def _part(self, record: str) -> Part:
        return self._scopes[self._scope_of[record]].parts[record]

    # what is shown ------------------------------------------------------------------------------

    def _combine(self, scope: Scope, observed: str, pairs: Sequence[Pair]) -> None:
        """Make the combined record of an observation and its decisions."""
        by_record = {pair.decided: pair for pair in pairs}
        decisions = sorted(
            (fact for record in by_record if (fact := self.fact(record))), key=self._sport.sort_key
        )
        fact, part = scope.facts[observed], scope.parts[observed]
        row: Content = {
            "type": "computed",
            "observed": observed,
            "decided": {one.record: self._why(by_record[one.record]) for one in decisions},
            "combined": self._join.combined(fact, decisions),
        }
        subject = self._join.subject(fact) or self._join.subject(decisions[0])
        row |= self._about(subject, part, scope)
        self._combined.put(observed, part.at, row)
        self._observation_of |= dict.fromkeys(row["decided"], observed)

    def _why(self, pair: Pair) -> Content:
        why: Content = {"by": pair.by}
        if pair.distance_ms is not None:
            why["distance_ms"] = pair.distance_ms
        if pair.by == "ruling":
            why["ruling"] = self._ruled.links[pair.decided][1]
        return why

    def _about(self, subject: str, part: Part, scope: Scope) -> Content:
        made: Content = {"entrant": subject} if subject else {}
        if part.at is not None:
            made["at_ms"] = part.at
        if again := sorted(one for one, of in scope.repeats.items() if of == part.record):
            made["repeats"] = again
        return made

    def combined(self, rows_max: int) -> Content:
        """The combined records, the newest if there are more; `settle` first."""
        return {
            "rows": {
                record: self._combined.get(record) for record in self._combined.last(rows_max)
            },
            "total": len(self._combined),
        }

    def partners(self, record: str) -> dict[str, Content]:
        """The records that one is combined with, and why; `settle` first."""
        row = self._combined.get(self._first(record))
        if row is not None:
            return dict(row["decided"])
        observed = self._observation_of.get(record)
        if observed is None:
            return {}
        return {observed: self._combined.get(observed)["decided"][record]}

    def waiting(self, rows_max: int) -> Content:
        """What waits for an official, the oldest if there is more, and what was dismissed."""
        rows: dict[str, Content] = {}
        for side, things in self._waiting.items():
            for record in things.first(rows_max):
                rows[record] = self._waiting_row(side, things.get(record))
        waiting = sorted(rows, key=lambda record: (rows[record].get("at_ms", TIMELESS), record))
        dismissed = {r: by for r, by in self._ruled.dismissed.items() if r in self._scope_of}
        return {
            "rows": {record: rows[record] for record in waiting[:rows_max]},
            "total": sum(map(len, self._waiting.values())),
            "dismissed": dict(islice(dismissed.items(), rows_max)),
        }

    def _waiting_row(self, side: Side, waiting: Waiting) -> Content:
        record = waiting.record
        scope = self._scopes[self._scope_of[record]]
        fact, part = scope.facts[record], scope.parts[record]
        row: Content = {
            "side": side,
            "why": "doubtful" if waiting.doubtful else "unmatched",
            "type": fact.type,
            "said": msgspec.to_builtins(fact.payload),
        }
        candidates = list(waiting.candidates[:CANDIDATES_MAX])
        if not waiting.doubtful:
            other: Side = "decided" if side == "observed" else "observed"
            candidates += self._elsewhere(part, other, CANDIDATES_MAX - len(candidates))
        row["candidates"] = {one.record: self._candidate(one) for one in candidates}
        return row | self._about(self._join.subject(fact), part, scope)

    def _elsewhere(self, part: Part, side: Side, count: int) -> list[Candidate]:
        """What waits in other scopes and would fit: perhaps it was said of the wrong one."""
        if part.at is None:
            return []
        own = self._scope_of[part.record]
        near = self._waiting[side].near(part.at, self._join.params.within_ms)
        found = sorted(
            (distance, record)
            for distance, record in islice(near, ELSEWHERE_MAX)
            if self._scope_of[record] != own and not contradict(part.key, self._part(record).key)
        )
        return [Candidate(record, distance) for distance, record in found[:count]]

    def _candidate(self, one: Candidate) -> Content:
        made: Content = {}
        if one.distance_ms is not None:
            made["distance_ms"] = one.distance_ms
        if one.taken:
            made["taken"] = True
        fact = self.fact(one.record)
        if fact is not None and (subject := self._join.subject(fact)):
            made["entrant"] = subject
        return made
