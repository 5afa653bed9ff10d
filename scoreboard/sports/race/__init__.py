"""Races against the clock: runs, rides, swims, laps, stages, and fitness races with stations.

    facts.py    what can be said: guns, reads, clocks, penalties, decisions, repetitions
    course.py   the course and its clock: which reads are passings of which points
    runner.py   one entrant's race, and the result that it makes
    judging.py  splits at stations joined with what judges say there
    simulated.py  a race that is made up

Raw reads are kept; gun time, chip time, splits and laps are readings of them. Divisions, waves and
chips are attributes of entrants (`division`, `wave`, `chip`).

Rules: World Athletics Technical Rules 19 (timing, rounding up) and 21 (ties), Competition Rules on
transponder timing (TR 19.24); what a penalty or a no-rep costs is the organiser's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.clock import shown as clock_shown
from scoreboard.sports.joining import Join
from scoreboard.sports.race import judging, runner, simulated
from scoreboard.sports.race.course import Course, RaceParams
from scoreboard.sports.race.facts import KINDS, Clock, Gun, Penalty, Read
from scoreboard.sports.race.runner import NOBODY, Result, Said
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import (
    WHOLE_FIELD,
    Column,
    Fact,
    Feat,
    FieldSport,
    Flags,
    Measure,
    Milestone,
    Row,
    States,
)
from scoreboard.sports.times import SECOND_MS

NOBODYS = "?"  # before a chip that no entrant wears: no id begins so


class Roster(Struct, frozen=True):
    """What entrants' attributes say: who wears a chip, starts in a wave, runs in a division."""

    chips: dict[str, str] = {}
    waves: dict[str, str] = {}
    divisions: dict[str, str] = {}


class Race(FieldSport[Said]):
    """A race: every entrant against the clock, each its own state."""

    name = "race"
    version = 3
    title = "Race"
    rulebook = "World Athletics Technical Rules 19 and 21 (timing, rounding up, ties)"
    Params = RaceParams
    State = Said
    fact_kinds = KINDS
    reasons = (
        "Timing fault",
        "Wrong chip",
        "Photo finish",
        "Entered twice",
        "Disqualified",
        "Jury's decision",
    )
    measures = (Measure(key="time", title="Time", unit="s", least=True),)
    params: RaceParams

    def __init__(self, params: RaceParams) -> None:
        super().__init__(params)
        self._course = Course(params)
        self._courses: dict[str, tuple[Contest, Course]] = {}
        self._roster = Roster()
        self.columns = _columns(self._course)

    def enrol(self, competition: Definition) -> Roster:
        """Chips, waves and divisions by the entrants' attributes."""
        roster = Roster({}, {}, {})
        for id_, entrant in competition.entrants.items():
            said = entrant.attributes
            if "chip" in said:
                roster.chips[str(said["chip"])] = id_
            if "wave" in said:
                roster.waves[id_] = str(said["wave"])
            if "division" in said:
                roster.divisions[id_] = str(said["division"])
        self._roster = roster
        return roster

    # facts into states -------------------------------------------------------------------------

    def fold_key(self, fact: Fact) -> str:
        """The entrant; a chip that is nobody's by itself; "" for guns and clocks."""
        payload = fact.payload
        if isinstance(payload, Gun | Clock):
            return WHOLE_FIELD
        if isinstance(payload, Read) and payload.chip is not None:
            return self._roster.chips.get(payload.chip) or NOBODYS + payload.chip
        entrant: str = payload.entrant
        return entrant

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """Decisions before reads, in time; reads by the race's clock.

        Time that is given back comes last, when it is known how much there was to give back.
        """
        if isinstance(fact.payload, Read):
            return (1, fact.payload.at, fact.payload.reader, fact.source, fact.id)
        given_back = isinstance(fact.payload, Penalty) and fact.payload.time < 0
        return (2 if given_back else 0, *fact.in_time)

    def start(self, contest: Contest) -> Said:
        """Nothing said."""
        self._course_of(contest)
        return Said()

    def apply(self, state: Said, fact: Fact) -> Flags:
        """Note what was said; what makes no sense is kept and flagged."""
        payload = fact.payload
        chip = payload.chip if isinstance(payload, Read) else None
        known = chip is None or chip in self._roster.chips
        kept = self._courses.get(fact.contest)
        return runner.apply(state, kept[1] if kept else self._course, fact, known)

    def join(self, contest: Contest) -> Join | None:
        """Splits at stations with judges' words, where stations are left over a point."""
        course = self._course_of(contest)
        if not any(station.point for station in course.params.stations):
            return None
        names = judging.Names(
            key=self.fold_key,
            known=lambda key: not key.startswith(NOBODYS),
            wave=lambda key: self._roster.waves.get(key, ""),
        )
        return judging.join(course, names)

    # states into what is shown -----------------------------------------------------------------

    def resolve(self, contest: Contest, entrant: str, states: States) -> Result | None:
        """The entrant's result, by its contest's course, guns and clocks."""
        if entrant.startswith(NOBODYS):
            return None
        wave = self._roster.waves.get(entrant, "")
        field = states.get(WHOLE_FIELD) or NOBODY
        return runner.result(states[entrant], field, self._course_of(contest), wave)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A gun, reads at every point, what judges count, who stops."""
        field = starters(competition, contest)
        return simulated.race(competition, field, self._course_of(contest), chance)

    def division(self, entrant: str) -> str:
        """The entrant's attribute `division`."""
        return self._roster.divisions.get(entrant, "")

    def merit(self, resolved: Sequence[Result]) -> tuple[float, ...] | None:
        """Finishers by time, the others by how far they are, those who are out at the end."""
        return runner.merit(resolved, self.params.order == "laps")

    def unplaced(self, resolved: Sequence[Result]) -> bool:
        """Whether the entrant did not start, did not finish or was disqualified in any contest."""
        return any(one.out for one in resolved)

    def figures(self, resolved: Sequence[Result]) -> dict[str, Any]:
        """Status, times, splits, penalties; see `runner.figures`."""
        return runner.figures(resolved)

    def feats_of(self, row: Row, contest: str) -> Iterable[Feat]:
        """The time of one who is home."""
        if contest and _is_home(row):
            yield Feat(
                measure="time", value=row.figures["time_ms"] / SECOND_MS, entrant=row.entrant
            )

    def milestones_of(
        self, competition: Definition, rows: Sequence[Row], contest: str
    ) -> Iterator[Milestone]:
        """Who is fastest home in a contest, and of each division; races by laps have nobody."""
        if not contest or self.params.order == "laps":
            return
        for row in filter(_is_home, rows):
            where = [""] * (row.rank == 1) + [row.group] * (bool(row.group) and row.group_rank == 1)
            for division in where:
                name, of = competition.called(row.entrant), f" of {division}" if division else ""
                yield Milestone(
                    key=f"fastest.{contest}.{division}",
                    text=f"Fastest{of} home: {name}, {row.figures['time']}",
                    entrant=row.entrant,
                    contest=contest,
                )

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first gun or read; only an official ends a race."""
        if contest.status == "scheduled" and any(s.guns or s.reads for s in states.values()):
            return "live"
        return contest.status

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """How many of whom anything is known are `seen`, and how many are `out`; guns by wave.

        `clock` runs from the first gun, as far as it is known when that went, until an official
        ends the race.
        """
        seen = [s for key, s in states.items() if s.reads and not key.startswith(NOBODYS)]
        shown: dict[str, Any] = {"seen": len(seen)}
        if out := sum(bool(s.out) for s in states.values()):
            shown["out"] = out
        if WHOLE_FIELD in states and states[WHOLE_FIELD].guns:
            shown["guns"] = {wave or "all": at for wave, at in states[WHOLE_FIELD].guns.items()}
            clock = runner.gun_clock(states[WHOLE_FIELD])
            if clock is not None and contest.status not in ("finished", "abandoned"):
                shown["clock"] = clock_shown(clock)
        return shown

    def _course_of(self, contest: Contest) -> Course:
        kept = self._courses.get(contest.id)
        if kept is None or kept[0] is not contest:
            course = Course(self.params_in(contest)) if contest.params else self._course
            kept = self._courses[contest.id] = (contest, course)
        return kept[1]


def _is_home(row: Row) -> bool:
    return row.figures["status"] == "finished" and "time_ms" in row.figures


def _columns(course: Course) -> tuple[Column, ...]:
    splits = tuple(
        Column(key=f"leg{number}", label=leg.label[:12], title=leg.label)
        for number, leg in enumerate(course.legs)
        if number
    )
    more: tuple[Column, ...] = ()
    if course.params.laps > 1:
        more += (Column(key="laps", label="Laps", title="Laps done"),)
    if course.stations:
        more += (Column(key="no_reps", label="No-reps", title="Repetitions that did not count"),)
    return (
        *(splits if len(course.legs) > 2 else ()),
        *more,
        Column(
            key="penalty", label="Pen", title="Time penalties, without those in laps", brief=True
        ),
        Column(key="status", label="Status", title="State of the race"),
        Column(key="time", label="Time", title="Time", main=True),
    )


__all__ = ["Race", "RaceParams", "Result", "Said"]
