"""A competition as it might go: what its sport makes up for each contest, in the schedule's order.

Made from the definition and a seed alone; the same two make the same. Contests that are planned for
the same moment are played at once, those without a time a few together. Each is folded as it is
played, so that who meets in a knock-out comes out of what was made up before. What the sport does
not end by itself an official ends, and results get the approvals that the competition asks for.
"""

import heapq
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.advancing import is_reference
from scoreboard.facts.competition import (
    DEFINED,
    RESULT,
    STATUS,
    Competition,
    Contest,
    ResultStated,
    StatusChanged,
)
from scoreboard.facts.entry import Entry
from scoreboard.facts.payload import Payload
from scoreboard.projections.advancement import OVER, contest_status
from scoreboard.projections.competition import CompetitionFold
from scoreboard.sports.registry import Sports
from scoreboard.sports.simulating import Saying

EVENTS_MAX = 100_000
EPOCH_US = 1_000_000  # when it begins, as devices tell the time: any but none
TOGETHER = 4  # contests without a planned time
PAUSE_S = 300.0  # between contests that follow each other


class Made(Struct, frozen=True, kw_only=True):
    """One event that was made up, `at_s` since the first contest began.

    `contest`: "" outside of any. `official`: which of the officials says it, from 1; 0: a device.
    """

    at_s: float
    type: str
    data: bytes
    contest: str = ""
    official: int = 0


class Simulation:
    """Goes through a competition once; `fold`: as it has gone so far.

    `left`: the contests that are not played (yet).
    Those stay of which nobody can say who meets, as two are equal, or that name nobody.
    """

    def __init__(self, competition: Competition, sports: Sports, seed: int) -> None:
        """Raises NotFound and BadInput for a sport or parameters that there are not."""
        self._chance = Random(seed)
        self._rules = competition.results
        self._sport = sports.configured(competition.sport, competition.params)
        self._types = {kind.newest: kind.type for kind in self._sport.fact_kinds}
        self._said = 0
        self.fold = CompetitionFold(competition.slug, DefinitionFold(), sports)
        self.fold.define([self._entry("", DEFINED.type, msgspec.json.encode(competition))])
        self.left = [
            contest.id
            for contest in sorted(competition.contests, key=_planned)
            if contest.status not in OVER
        ]

    def __iter__(self) -> Iterator[Made]:
        return islice(self._all(), EVENTS_MAX)

    def _all(self) -> Iterator[Made]:
        at_s, idle = 0.0, set[str]()
        while wave := self._next(idle):
            last_s = at_s
            for since_s, contest, payload in self._played(wave):
                last_s = at_s + since_s
                yield self._made(last_s, contest, payload)
            for contest in wave:
                if contest in self.fold.contests:
                    yield from self._ended(last_s, contest)
                    self.left.remove(contest)
                else:
                    idle.add(contest)
            self.fold.rank_anew()
            self.fold.advance()
            at_s = last_s + PAUSE_S

    def _next(self, idle: set[str]) -> list[str]:
        """The contests that are played next, nobody in two of them."""
        slots = self.fold.advancement.slots
        ready = [
            self.fold.contest_defined(id_)
            for id_ in self.left
            if id_ not in idle and not any(map(is_reference, slots.get(id_, ())))
        ]
        wave: list[Contest] = []
        busy: set[str] = set()
        for contest in ready:
            if wave and (
                contest.start != wave[0].start
                or not (contest.entrants and busy)
                or not busy.isdisjoint(contest.entrants)
                or (contest.start is None and len(wave) == TOGETHER)
            ):
                continue
            wave.append(contest)
            busy |= set(contest.entrants)
        return [contest.id for contest in wave]

    def _played(self, wave: list[str]) -> Iterator[tuple[float, str, Payload]]:
        """What is said in some contests, as it comes."""
        return heapq.merge(*map(self._contest, wave), key=lambda said: said[0])

    def _contest(self, id_: str) -> Iterator[tuple[float, str, Payload]]:
        definition = self.fold.definitions.definition
        assert definition is not None
        chance = Random(self._chance.getrandbits(64))
        contest = self.fold.contest_defined(id_)
        said: Iterator[Saying] = iter(self._sport.simulate(definition, contest, chance))
        return ((since_s, id_, payload) for since_s, payload in said)

    def _made(self, at_s: float, contest: str, payload: Payload) -> Made:
        """An event of a device, folded."""
        type_, data = self._types[type(payload)], msgspec.json.encode(payload)
        folded = self.fold.contests.get(contest)
        if folded is None:
            folded = self.fold.contests[contest] = self.fold.new_contest(contest)
        folded.feed([self._entry(contest, type_, data, time=EPOCH_US + round(at_s * 1e6))])
        return Made(at_s=at_s, type=type_, data=data, contest=contest)

    def _ended(self, at_s: float, contest: str) -> Iterator[Made]:
        """What officials say at the end of a contest, folded."""
        payloads: list[tuple[str, Payload]] = []
        if contest_status(self.fold, self.fold.contest_defined(contest)) not in OVER:
            payloads.append((STATUS.type, StatusChanged(contest=contest, status="finished")))
        approval = ResultStated(contest=contest, state="official")
        payloads += [(RESULT.type, approval)] * self._rules.approvals
        for number, (type_, payload) in enumerate(payloads, 1):
            data = msgspec.json.encode(payload)
            self.fold.define([self._entry("", type_, data, number)])
            yield Made(at_s=at_s + number, type=type_, data=data, official=number)

    def _entry(
        self, contest: str, type_: str, data: bytes, official: int = 0, time: int | None = None
    ) -> Entry:
        """What the ledger would make of it, as far as folds look at it."""
        self._said += 1
        nothing: dict[str, Any] = dict.fromkeys(NOTHING)
        return Entry(
            position=self._said,
            competition="",
            contest=contest or None,
            source="simulation",
            id=f"{self._said:07}",
            type=type_,
            schema=1,
            action="record",
            record=f"simulation/{self._said:07}",
            version=1,
            actor=f"official:{official}" if official else "device:simulation",
            received=self._said,
            data=data,
            digest=b"",
            hash=b"",
            time=time,
            **nothing,
        )


NOTHING = ("sent", "subject", "place", "reason", "flags", "extensions", "salt")


def _planned(contest: Contest) -> tuple[bool, Any]:
    """Contests with a time first, in its order; the others as they are written."""
    return (contest.start is None, contest.start or "")
