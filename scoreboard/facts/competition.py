"""The definition of a competition, and the events that change it while it runs.

A definition is written as TOML or JSON and enters the ledger as `competition.defined`; everything
that changes it later (late entries, withdrawals, substitutions, reschedulings, states) is an event
of the same stream. `Definition` folds them; all these events stand outside any contest.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from scoreboard.facts.advancing import EntrantOrReference, known
from scoreboard.facts.correction import CorrectionRules
from scoreboard.facts.event import Instant
from scoreboard.facts.feats import RECORDS_TO_BEAT_MAX, RecordToBeat
from scoreboard.facts.names import Id, Line, Slug, Text200, Text500
from scoreboard.facts.payload import Kind, Payload
from scoreboard.facts.result import ResultRules, ResultState, Statement

ContestStatus = Literal["scheduled", "delayed", "live", "finished", "abandoned"]
ENTRANTS_MAX = 20_000
CONTESTS_MAX = 20_000
REVEALED_MAX = 1_000
SPONSORS_MAX = 30
EVERYTHING = ""
"""In place of a contest's id: all contests of the competition."""


class Entrant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who competes: an athlete, a team, a pair or a user; the id never changes.

    `team`: what it scores for. `say`: how the name is spoken, for announcers, such as `shi-VAWN`.
    `attributes`: what the sport needs to know of it, such as a bib, a chip, a division or a body
    weight.
    """

    id: Id
    name: Text200
    short: Annotated[str, Meta(max_length=12)] = ""
    say: Line = ""
    team: Id | None = None
    attributes: dict[Id, str | int | float | bool] = {}
    withdrawn: bool = False
    replaced_by: Id | None = None


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Entrants that are ranked among themselves."""

    id: Id
    name: Text200
    entrants: list[Id] = []


class Contest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The smallest thing scored by itself: a match, heat, race, round, performance.

    `start` is planned. `entrants` in their order (home before away); who is not known yet is named
    by what it comes from (`winner:m49`, see `advancing`). `group`: whose table it
    counts for, none for a knock-out. `params` override the competition's for this contest.
    """

    id: Id
    name: Line = ""
    start: Instant | None = None
    place: Line = ""
    status: ContestStatus = "scheduled"
    entrants: list[EntrantOrReference] = []
    group: Id | None = None
    round: Line = ""
    params: dict[str, Any] = {}


def without(contest: Contest, gone: frozenset[str]) -> Contest:
    """A contest that does not wait for those who are gone."""
    if not gone or gone.isdisjoint(contest.entrants):
        return contest
    return replace(contest, entrants=[e for e in contest.entrants if e not in gone])


class Competition(
    Payload, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One event run by one organiser at a place and a time.

    `rehearsal`: nothing in it is for real, and everything that shows it says so.
    """

    slug: Slug
    name: Text200
    sport: Id
    rehearsal: bool = False
    place: Line = ""
    start: Instant | None = None
    sponsors: Annotated[list[Text200], Meta(max_length=SPONSORS_MAX)] = []
    params: dict[str, Any] = {}
    results: ResultRules = ResultRules()
    corrections: CorrectionRules = CorrectionRules()
    records_to_beat: Annotated[list[RecordToBeat], Meta(max_length=RECORDS_TO_BEAT_MAX)] = []
    entrants: Annotated[list[Entrant], Meta(max_length=ENTRANTS_MAX)] = []
    groups: list[Group] = []
    contests: Annotated[list[Contest], Meta(max_length=CONTESTS_MAX)] = []


class Entered(Payload, frozen=True):
    """A late entry, into a group if one is named."""

    entrant: Entrant
    group: Id | None = None


class Withdrawn(Payload, frozen=True):
    """An entrant that takes no further part."""

    entrant: Id
    reason: Line = ""


class Substituted(Payload, frozen=True):
    """One entrant in place of another, in every contest that is not yet finished."""

    out: Id
    entrant: Entrant
    reason: Line = ""


class Scheduled(Payload, frozen=True):
    """A contest added, or moved to another time, place or line-up."""

    contest: Contest


class StatusChanged(Payload, frozen=True):
    """A contest delayed, under way, finished or abandoned by decision of an official."""

    contest: Id
    status: ContestStatus
    reason: Line = ""


class ResultStated(Payload, frozen=True):
    """The state of a contest's result by decision of an official.

    `seen`: the position of the box that was looked at; left out, all that the ledger had before.
    """

    contest: Id
    state: ResultState
    reason: Line = ""
    seen: Annotated[int, Meta(ge=0, le=2**62)] | None = None


class Frozen(Payload, frozen=True):
    """From this entry on the public sees no more of a contest, or of all of them."""

    contest: Id | None = None
    reason: Line = ""


class Thawed(Payload, frozen=True):
    """The public sees everything again of a contest, or of all of them.

    Of a single contest also while all are frozen; the others stay so.
    """

    contest: Id | None = None
    reason: Line = ""


class Revealed(Payload, frozen=True):
    """Records that the public may see although they came after a freeze."""

    records: Annotated[list[Text500], Meta(min_length=1, max_length=REVEALED_MAX)]


DEFINED = Kind("competition.defined", Competition)
ENTERED = Kind("competition.entered", Entered)
WITHDRAWN = Kind("competition.withdrawn", Withdrawn, entrants=lambda p: (p.entrant,))
SUBSTITUTED = Kind("competition.substituted", Substituted, entrants=lambda p: (p.out,))
SCHEDULED = Kind("competition.scheduled", Scheduled, entrants=lambda p: known(p.contest.entrants))
STATUS = Kind("competition.status", StatusChanged)
RESULT = Kind("competition.result", ResultStated)
FROZEN = Kind("competition.frozen", Frozen)
THAWED = Kind("competition.thawed", Thawed)
REVEALED = Kind("competition.revealed", Revealed)

KINDS = {
    kind.type: kind
    for kind in (
        *(DEFINED, ENTERED, WITHDRAWN, SUBSTITUTED, SCHEDULED, STATUS),
        *(RESULT, FROZEN, THAWED, REVEALED),
    )
}
"""The events that define a competition, by type."""


def contest_of(payload: Payload) -> str | None:
    """The contest that an event of a definition speaks of; None if it speaks of no single one."""
    match payload:
        case StatusChanged() | ResultStated() | Frozen() | Thawed():
            return payload.contest
        case Scheduled(contest=contest):
            return contest.id
    return None


class Definition:
    """A competition as its events have made it so far; cheap to look things up in."""

    def __init__(self, competition: Competition) -> None:
        self.slug = competition.slug
        self.name = competition.name
        self.sport = competition.sport
        self.rehearsal = competition.rehearsal
        self.place = competition.place
        self.start = competition.start
        self.sponsors = competition.sponsors
        self.params = competition.params
        self.entrants = {e.id: e for e in competition.entrants}
        self.groups = {g.id: g for g in competition.groups}
        self.contests = {c.id: c for c in competition.contests}
        self.result_rules = competition.results
        self.correction_rules = competition.corrections
        self.records_to_beat = competition.records_to_beat
        self.scheduled: set[str] = set()  # contests added or moved since
        self.statements: dict[str, list[Statement]] = {}
        self.revealed: dict[str, int] = {}  # by record: where in the ledger that was said last
        self._freezes: dict[str, int] = {}
        self._thawed: set[str] = set()  # contests that are, while everything is frozen
        self._reviews: dict[str, int] = {}

    @property
    def frozen(self) -> dict[str, int | None]:
        """By contest (EVERYTHING for all others): the last position that the public may see.

        None for a contest that it may see to its end while all others are frozen.
        """
        everything = self._freezes.get(EVERYTHING)
        cutoffs: dict[str, int | None] = {}
        for id_ in self._freezes.keys() | self._reviews.keys() | self._thawed:
            general = None if id_ in self._thawed else everything
            own = (self._freezes.get(id_), self._reviews.get(id_), general)
            cutoffs[id_] = min((cutoff for cutoff in own if cutoff is not None), default=None)
        return cutoffs

    @property
    def withdrawn(self) -> frozenset[str]:
        """The entrants that take no further part."""
        return frozenset(id_ for id_, entrant in self.entrants.items() if entrant.withdrawn)

    def called(self, entrant: str) -> str:
        """The entrant's name, or the id of one that is not known."""
        known = self.entrants.get(entrant)
        return known.name if known else entrant

    def cutoff(self, contest: str) -> int | None:
        """The last position of a contest that the public may see; None if it may see all."""
        return cutoff_of(self.frozen, contest)

    def revealed_since(self, cutoff: int) -> frozenset[str]:
        """The records that were revealed of what a cut-off hides, not of an earlier freeze."""
        return frozenset(record for record, at in self.revealed.items() if at > cutoff)

    def hide_like(self, other: "Definition") -> None:
        """Let the public see no more of this definition than of another of the competition."""
        self.revealed, self._freezes, self._thawed, self._reviews = (
            other.revealed,
            other._freezes,
            other._thawed,
            other._reviews,
        )

    def tell(self, other: "Definition", contests: Iterable[str]) -> None:
        """Say of some contests, and of who meets in them, what another definition says."""
        for id_ in contests:
            if id_ not in other.contests:
                continue
            contest = self.contests[id_] = other.contests[id_]
            self.statements[id_] = other.statements.get(id_, [])
            for entrant in contest.entrants:
                if entrant in other.entrants:
                    self.entrants.setdefault(entrant, other.entrants[entrant])

    def as_competition(self) -> Competition:
        """The definition as it stands, in the form in which competitions are written."""
        return Competition(
            slug=self.slug,
            name=self.name,
            sport=self.sport,
            rehearsal=self.rehearsal,
            place=self.place,
            start=self.start,
            sponsors=self.sponsors,
            params=self.params,
            results=self.result_rules,
            corrections=self.correction_rules,
            records_to_beat=self.records_to_beat,
            entrants=list(self.entrants.values()),
            groups=list(self.groups.values()),
            contests=list(self.contests.values()),
        )

    def with_entrants(self, entrants: Mapping[str, list[str]]) -> "Definition":
        """The same with other entrants of some contests; it is not meant to be changed itself."""
        other = copy(self)
        changed = {
            id_: replace(self.contests[id_], entrants=meeting) for id_, meeting in entrants.items()
        }
        other.contests = {**self.contests, **changed}
        return other

    def apply(self, payload: Payload, position: int, actor: str = "", record: str = "") -> None:
        """Fold one event after `competition.defined`; what names nothing known adds or is void."""
        match payload:
            case Entered():
                self._enter(payload)
            case Withdrawn(entrant=gone):
                if gone in self.entrants:
                    self.entrants[gone] = replace(self.entrants[gone], withdrawn=True)
            case Substituted():
                self._substitute(payload)
            case Scheduled(contest=contest):
                self.contests[contest.id] = contest
                self.scheduled.add(contest.id)
            case StatusChanged(contest=id_, status=status):
                if id_ in self.contests:
                    self.contests[id_] = replace(self.contests[id_], status=status)
            case ResultStated():
                self._state(payload, Statement(payload.state, actor, position, position, record))
            case Frozen(contest=contest):
                self._freeze(contest or EVERYTHING, position)
            case Thawed(contest=contest):
                self._thaw(contest)
            case Revealed(records=records):
                self.revealed.update(dict.fromkeys(records, position))

    def _state(self, said: ResultStated, statement: Statement) -> None:
        if said.seen is not None:
            statement = replace(statement, seen=min(said.seen, statement.position))
        self.statements.setdefault(said.contest, []).append(statement)
        if said.state == "under-review" and self.result_rules.review_hidden:
            self._reviews.setdefault(said.contest, statement.position)
        else:
            self._reviews.pop(said.contest, None)

    def _freeze(self, contest: str, position: int) -> None:
        self._freezes.setdefault(contest, position)
        if contest == EVERYTHING:
            for thawed in self._thawed:  # of which the public has seen more by now
                self._freezes.setdefault(thawed, position)

    def _thaw(self, contest: str | None) -> None:
        if contest is None:
            self._freezes.clear()
            self._thawed.clear()
        else:
            self._freezes.pop(contest, None)
            if EVERYTHING in self._freezes:
                self._thawed.add(contest)
        if not self.frozen:
            self.revealed.clear()

    def _enter(self, late: Entered) -> None:
        self.entrants[late.entrant.id] = late.entrant
        group = self.groups.get(late.group) if late.group else None
        if group and late.entrant.id not in group.entrants:
            self.groups[group.id] = replace(group, entrants=[*group.entrants, late.entrant.id])

    def _substitute(self, swap: Substituted) -> None:
        def swapped(ids: list[str]) -> list[str]:
            return [swap.entrant.id if id_ == swap.out else id_ for id_ in ids]

        if swap.out in self.entrants:
            self.entrants[swap.out] = replace(
                self.entrants[swap.out], withdrawn=True, replaced_by=swap.entrant.id
            )
        self.entrants[swap.entrant.id] = swap.entrant
        for id_, contest in self.contests.items():
            if swap.out in contest.entrants and contest.status in ("scheduled", "delayed"):
                self.contests[id_] = replace(contest, entrants=swapped(contest.entrants))
        for id_, group in self.groups.items():
            if swap.out in group.entrants:
                self.groups[id_] = replace(group, entrants=swapped(group.entrants))


def cutoff_of(frozen: Mapping[str, int | None], contest: str) -> int | None:
    """The last position of a contest that cut-offs leave to be seen; None if all of it."""
    return frozen[contest] if contest in frozen else frozen.get(EVERYTHING)
