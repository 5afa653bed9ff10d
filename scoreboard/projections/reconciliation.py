"""The observations and decisions of one contest: what is combined, and what waits for an official.

Facts come and go as the contest's fold takes them; only the scopes that they touch are joined
again, and only when somebody looks (`settle`). What officials rule stands above what keys and times
say, as long as both records count.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from scoreboard.facts.document import Content
from scoreboard.facts.reconciling import Ruled, ruled
from scoreboard.projections.in_time import TIMELESS, InTime
from scoreboard.projections.scope import Lone, Scope, Together
from scoreboard.sports.joining import (
    Candidate,
    Join,
    Pair,
    Part,
    Side,
    Waiting,
    contradict,
    joined,
)
from scoreboard.sports.sport import WHOLE_FIELD, Fact, Sport, States

CANDIDATES_MAX = 5  # shown of one that waits
ELSEWHERE_MAX = 32  # that wait in other scopes and are looked at for a candidate


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
        self._decided_of: dict[str, list[str]] = {}  # the same, decisions by observation
        self._linked: set[str] = set()  # the records in them
        self._stale: set[str] = set()
        self._left_out: dict[str, int] = {}  # by scope, where any are
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
            self._scopes[name] = Scope(self._sport)
        self._scopes[name].add(fact)
        self._scope_of[fact.record] = name
        self._stale.add(name)

    def take(self, record: str) -> None:
        """Let a fact go that does not count any more."""
        if (name := self._scope_of.pop(record, None)) is not None:
            scope = self._scopes[name]
            scope.remove(record)
            if scope.shown.pop(record, None) is not None:
                self._forget(record)  # it may come back in another scope, and be joined there first
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

    def settle(self, states: States, most: int | None = None) -> bool:
        """Join again what has changed; `states` are the contest's.

        `most`: so many scopes at once; True if there are more of them.
        """
        if not self._stale and not self._ruled_anew:
            return False
        stale = self._stale if most is None else set(islice(self._stale, most))
        self._stale = self._stale - stale
        fresh = {name for name in stale if self._scopes[name].survey(self._join, states)}
        touched = self._touched_by_rulings(fresh)
        for name in touched & self._stale:  # their turn is yet to come
            self._scopes[name].moved = True
        self._show_anew([self._scopes[name] for name in (fresh | touched) - self._stale])
        for name in fresh:
            self._left_out[name] = self._scopes[name].left_out
            if not self._left_out[name]:
                del self._left_out[name]
            if not self._scopes[name].facts:
                del self._scopes[name]
        self._ruled_anew = False
        return bool(self._stale)

    def _show_anew(self, scopes: Sequence[Scope]) -> None:
        """Show what comes of scopes, as far as that is something else than before."""
        after = [self._joined(scope) for scope in scopes]
        for scope, now in zip(scopes, after, strict=True):
            for record in [one for one, what in scope.shown.items() if now.get(one) != what]:
                self._forget(record)
                del scope.shown[record]
        for scope, now in zip(scopes, after, strict=True):
            for record in now.keys() - scope.shown.keys():
                self._show(record, now[record])
            scope.shown = now

    def _touched_by_rulings(self, fresh: Collection[str]) -> set[str]:
        """Rule anew; the scopes in which something else counts now. `fresh`: those looked at."""
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
            if len(scopes) == 1 or not scopes.isdisjoint(fresh):
                touched |= scopes  # one of them came, or went
        self._links = {
            decided: observed
            for decided, (observed, _) in after.links.items()
            if self._is(decided, "decided") and self._is(observed, "observed")
        }
        self._decided_of = {}
        for decided, observed in self._links.items():
            self._decided_of.setdefault(observed, []).append(decided)
        self._linked = self._links.keys() | self._decided_of.keys()
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

    def _joined(self, scope: Scope) -> dict[str, Together | Lone]:
        """What comes of a scope, by record; combined ones by that of the observation."""
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
        made: dict[str, Together | Lone] = {
            observed: self._together(scope, observed, own) for observed, own in pairs.items()
        }
        for one in outcome.waiting:
            side = self.side(scope.facts[one.record].type)
            if side and (one.doubtful or side not in self._join.params.alone):
                made[one.record] = Lone(side, scope.parts[one.record].at, one)
        return made

    def _links_in(self, scope: Scope) -> Iterator[Pair]:
        """The pairs by ruling whose observation is in a scope."""
        for observed in scope.parts.keys() & self._decided_of.keys():
            for decided in self._decided_of[observed]:
                one, other = self._part(observed), self._part(decided)
                far = None if one.at is None or other.at is None else abs(one.at - other.at)
                yield Pair(observed, decided, "ruling", far)

    def _part(self, record: str) -> Part:
        return self._scope(record).parts[record]

    def _scope(self, record: str) -> Scope:
        return self._scopes[self._scope_of[record]]

    def outcome(self) -> dict[str, tuple[str, ...]]:
        """What came of each record: its decisions, or why it waits; `settle` first."""
        return {
            record: tuple(one.record for one in what.decided)
            if isinstance(what, Together)
            else (what.side, str(what.waiting.doubtful))
            for scope in self._scopes.values()
            for record, what in scope.shown.items()
        }

    # what is shown ------------------------------------------------------------------------------

    def _together(self, scope: Scope, observed: str, pairs: Sequence[Pair]) -> Together:
        why = {pair.decided: self._why(pair) for pair in pairs}
        decided = (fact for record in why if (fact := self.fact(record)))
        return Together(
            at=scope.parts[observed].at,
            observed=scope.facts[observed],
            decided=tuple(sorted(decided, key=self._sport.sort_key)),
            why=why,
            repeats=scope.repeated.get(observed, ()),
        )

    def _show(self, record: str, what: Together | Lone) -> None:
        """Give a record its place among what is combined, or waits."""
        if isinstance(what, Together):
            self._combined.put(record, what.at, self._combined_row(what))
            self._observation_of |= dict.fromkeys(what.why, record)
        else:
            self._waiting[what.side].put(record, what.at, what.waiting)

    def _forget(self, record: str) -> None:
        """Show a record nowhere."""
        if (row := self._combined.get(record)) is not None:
            for decided in row["decided"]:
                if self._observation_of.get(decided) == record:
                    del self._observation_of[decided]
        for things in (self._combined, *self._waiting.values()):
            things.drop(record)

    def _combined_row(self, what: Together) -> Content:
        """The combined record of an observation and its decisions."""
        fact, decided = what.observed, what.decided
        subject = self._join.subject(fact) or self._join.subject(decided[0])
        row: Content = {
            "type": "computed",
            "observed": fact.record,
            "decided": {one.record: what.why[one.record] for one in decided},
            "combined": self._join.combined(fact, decided),
        }
        return row | self._scope(fact.record).about(fact.record, subject)

    def _why(self, pair: Pair) -> Content:
        why: Content = {"by": pair.by}
        if pair.distance_ms is not None:
            why["distance_ms"] = pair.distance_ms
        if pair.by == "ruling":
            why["ruling"] = self._ruled.links[pair.decided][1]
        return why

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
        left_out = sum(self._left_out.values())
        return {
            "rows": {record: rows[record] for record in waiting[:rows_max]},
            "total": sum(map(len, self._waiting.values())),
            "dismissed": dict(islice(dismissed.items(), rows_max)),
        } | ({"left_out": left_out} if left_out else {})

    def _waiting_row(self, side: Side, waiting: Waiting) -> Content:
        record = waiting.record
        scope = self._scope(record)
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
        return row | scope.about(record, self._join.subject(fact))

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
