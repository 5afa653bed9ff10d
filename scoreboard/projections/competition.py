"""One competition: its definition, its contests and, for a large field, its ranking."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import ValidationError

from scoreboard.catalogue import DefinitionFold
from scoreboard.errors import BadInput
from scoreboard.facts.advancing import Premise
from scoreboard.facts.competition import Contest, Definition
from scoreboard.facts.document import Content
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_us
from scoreboard.facts.payload import Kind
from scoreboard.facts.rules import Rules
from scoreboard.projections.advancement import Advancement, holds
from scoreboard.projections.contest import ContestFold
from scoreboard.projections.kept import Kept
from scoreboard.projections.ranking import Ranking
from scoreboard.sports.feats import Told
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import WHOLE_FIELD, FieldSport, Merit, Row, Sport


class CompetitionFold:
    """All of a competition that the fold knows. `position`: the last entry that it has taken."""

    def __init__(self, slug: str, definitions: DefinitionFold, sports: Sports) -> None:
        self.slug = slug
        self.definitions = definitions
        self.sports = sports
        self.sport: Sport[Any] | None = None
        self.kinds: Mapping[str, Kind] = {}
        self._rules: tuple[Any, ...] = ()
        self.contests: dict[str, ContestFold] = {}
        self.position = 0
        self.received = 0
        self.dirty: set[str] = set()  # contests whose boards must be made anew
        self.moved: set[str] = set()  # those in which others meet now, begun or not
        self.advancement = Advancement()
        # The public's fold of a frozen competition: as in `Definition.frozen`.
        self.cutoffs: Mapping[str, int | None] = {}
        self.redefined = False  # the definition changed: all boards must
        self.doubted: set[str] = set()  # contests whose fold is not what the ledger comes to
        self.doubts_changed = False  # the list of flags must be made anew
        # By contest (None: over all) and division ("": all of them).
        self._rankings: defaultdict[tuple[str | None, str], Ranking] = defaultdict(Ranking)
        # What boards showed last, to be shown again as long as nothing below it has changed: rows
        # of a field by contest (None: of all) and entrant, and who of them changed since; lines of
        # contests and what is told of them. As large as the boards themselves.
        self.rows_shown: dict[str | None, Content] = {}
        self.rows_stale: dict[str | None, set[str]] = {}
        self.lines_shown: Kept[Content] = Kept()
        self.told_shown: Kept[Told] = Kept()
        self._places: dict[str, int] = {}
        self.advancement.define(definitions.definition)
        self.configure()

    @property
    def definition(self) -> Definition | None:
        """The competition as it is defined now, by the entrants who are known; None before."""
        return self.advancement.definition

    @property
    def rules_version(self) -> int:
        """Which version of the rules it is folded by; 0 before it is defined."""
        rules = self.definitions.rules
        return rules[-1].version if rules else 0

    def under(self, rules: Rules) -> "CompetitionFold":
        """The same competition by other rules of its sport, without its contests.

        Raises BadInput if the sport refuses them, by themselves or with a contest's own parameters.
        """
        try:
            other = CompetitionFold(self.slug, self.definitions.under(rules), self.sports)
            assert other.sport is not None
            assert other.definition is not None
            for contest in other.definition.contests.values():
                other.sport.params_in(contest)
        except (BadInput, ValidationError) as error:
            raise BadInput(
                f"{self.slug} does not go with version {rules.version} of its rules: {error}",
                pointer="/rules",
            ) from error
        other.position, other.received = self.position, self.received
        return other

    def configure(self) -> bool:
        """Set the sport up from the definition; True if the rules are other ones than before."""
        definition = self.definition
        if definition is None:
            return False
        sport = self.sports.configured(definition.sport, definition.params)
        rules = (definition.sport, definition.params, sport.enrol(definition))
        if rules == self._rules:
            return False
        before, self.sport, self._rules = self.sport, sport, rules
        self.kinds = self.sports.kinds(definition.sport)
        return before is not None

    def has_rules_of(self, other: "CompetitionFold") -> bool:
        """Whether facts mean the same here as in another fold of the competition."""
        return self._rules == other._rules

    def define(self, entries: Sequence[Entry]) -> bool:
        """Take definition entries; True if the rules changed, so that all must be folded again.

        Who goes on is then not said yet: states that other rules made cannot tell.
        """
        self.definitions.feed(entries)
        self.advancement.define(self.definitions.definition)
        self.redefined = True
        self._forget_shown()
        other_rules = self.configure()
        if not other_rules:
            self.advance()
        return other_rules

    def advance(self) -> None:
        """Say anew who goes on to contests whose entrants come from others."""
        for contest in self.advancement.again(self):
            self.moved.add(contest)
            self.lines_shown.forget(contest)
            self.told_shown.forget(contest)

    def misfits(self) -> list[str]:
        """Contests that were folded with other entrants than those who meet in them now."""
        return [
            id_
            for id_ in self.advancement.slots
            if id_ in self.contests
            and self.contests[id_].contest.entrants != self.contest_defined(id_).entrants
        ]

    def begun(self) -> dict[str, int]:
        """Contests whose entrants come from others and that began without a known premise."""
        premises = self.advancement.premises
        return {
            id_: self.contests[id_].began or 0
            for id_ in self.advancement.slots
            if id_ in self.contests
            and self.contests[id_].began is not None
            and not holds(self, id_, premises.get(id_))
        }

    def contest_defined(self, contest: str) -> Contest:
        """The contest's definition; a bare one for a contest that nobody has defined yet."""
        definition = self.definition
        known = definition.contests.get(contest) if definition else None
        return known or Contest(id=contest)

    def new_contest(self, contest: str, defined: Contest | None = None) -> ContestFold:
        """An empty fold of a contest, as it is defined if nothing else is said."""
        assert self.sport is not None
        return ContestFold(self.sport, self.kinds, defined or self.contest_defined(contest))

    @property
    def places(self) -> Mapping[str, int]:
        """The places of all contests in the schedule: by planned start, then by id."""
        if not self._places and self.definition is not None:
            self._places = places_of(self.definition)
        return self._places

    def states(self) -> dict[str, Mapping[str, Any]]:
        """The states of all contests, by contest and key."""
        return {id_: contest.states for id_, contest in self.contests.items()}

    # ranking ------------------------------------------------------------------------------------

    def rerank(self) -> None:
        """Bring the rankings up to date with the states that changed."""
        sport = self.sport
        if not isinstance(sport, FieldSport):
            return
        entrants: set[str] = set()
        for id_ in self.dirty:
            contest = self.contests[id_]
            keys = contest.dirty_keys
            if WHOLE_FIELD in keys:
                keys = keys | set(contest.states)
            self._rank(sport, id_, [contest], keys)
            for shown in (id_, None):
                if rows := self.rows_shown.get(shown):
                    self.rows_stale[shown].update(rows.keys() & keys)
            entrants |= keys
        if len(self.contests) > 1:
            everywhere = list(self.contests.values())
            if not self._rankings.get((None, "")):
                entrants = {key for contest in everywhere for key in contest.states}
            self._rank(sport, None, everywhere, entrants)

    def _rank(
        self,
        sport: FieldSport[Any],
        id_: str | None,
        contests: Sequence[ContestFold],
        entrants: Iterable[str],
    ) -> None:
        """Rank entrants anew in a contest (None: over all), and each in its division."""
        merits: dict[str, Merit | None] = {}
        by_division: dict[str, dict[str, Merit | None]] = {"": merits}
        for entrant in entrants:
            merit = merits[entrant] = self._merit(sport, contests, entrant)
            if division := sport.division(entrant):
                by_division.setdefault(division, {})[entrant] = merit
        for division, some in by_division.items():
            self._rankings[id_, division].update(some)

    def _forget_shown(self) -> None:
        self.rows_shown, self.rows_stale = {}, {}
        self.lines_shown, self.told_shown, self._places = Kept(), Kept(), {}

    def rank_anew(self) -> None:
        """Rank everything from the states alone."""
        self._forget_shown()
        self._rankings = defaultdict(Ranking)
        self.dirty = set(self.contests)
        for contest in self.contests.values():
            contest.dirty_keys |= set(contest.states)
        self.rerank()

    def adopt(self, other: "CompetitionFold") -> None:
        """Take the contests and rankings of another fold of the same competition by its rules."""
        self._forget_shown()
        self.contests = dict(other.contests)
        self.advancement.premises = dict(other.advancement.premises)
        self._rankings = other._rankings
        self.advance()

    @classmethod
    def _merit(
        cls, sport: FieldSport[Any], contests: Iterable[ContestFold], entrant: str
    ) -> Merit | None:
        resolved = cls._resolved(sport, contests, entrant)
        return sport.merit(resolved) if resolved else None

    @staticmethod
    def _resolved(
        sport: FieldSport[Any], contests: Iterable[ContestFold], entrant: str
    ) -> list[Any]:
        """What the entrant's states in these contests mean; the field's own are nobody's."""
        if entrant == WHOLE_FIELD:
            return []
        found = (
            sport.resolve(c.contest, entrant, c.states) for c in contests if entrant in c.states
        )
        return [one for one in found if one is not None]

    def ranking(self, contest: str | None = None, division: str = "") -> Ranking:
        """The ranking of a field: of one contest or of the whole competition, or of a division."""
        if contest is None and len(self.contests) == 1:
            contest = next(iter(self.contests))
        return self._rankings[contest, division]

    @property
    def divided(self) -> bool:
        """Whether anybody is ranked in a division as well."""
        return any(division for _contest, division in self._rankings)

    def divisions(self, contest: str | None = None) -> list[str]:
        """The divisions in which anybody is ranked, in a contest or in the whole competition."""
        if contest is None and len(self.contests) == 1:
            contest = next(iter(self.contests))
        return sorted(d for of, d in self._rankings if d and of == contest)

    def division_rank(self, entrant: str, contest: str | None = None) -> int:
        """The entrant's rank in its division; 0 if it has none."""
        assert isinstance(self.sport, FieldSport)
        division = self.sport.division(entrant)
        return self.ranking(contest, division).rank(entrant) if division else 0

    def field_rows(
        self, ranked: Iterable[tuple[str, int]], contest: str | None = None
    ) -> Iterator[Row]:
        """Rows of a field for ranked entrants."""
        assert isinstance(self.sport, FieldSport)
        among = self.contests.values() if contest is None else [self.contests[contest]]
        contests = list(among)
        for entrant, rank in ranked:
            resolved = self._resolved(self.sport, contests, entrant)
            yield Row(
                entrant=entrant,
                rank=rank,
                figures=self.sport.figures(resolved),
                group=self.sport.division(entrant),
                group_rank=self.division_rank(entrant, contest),
                unplaced=self.sport.unplaced(resolved),
            )

    @contextmanager
    def hypothetically(
        self, replaced: Mapping[str, ContestFold], premises: Mapping[str, Premise] | None = None
    ) -> Iterator[None]:
        """The competition with some contests replaced, until the block ends (never await in it)."""
        known, moved = self.advancement.premises, self.moved
        self.advancement.premises, self.moved = {**known, **(premises or {})}, set()
        before = {id_: self.contests.get(id_) for id_ in replaced}
        dirty, self.dirty = self.dirty, set(replaced)
        self.contests.update(replaced)
        self.rerank()
        self.advance()
        try:
            yield
        finally:
            for id_, contest in before.items():
                if contest is None:
                    empty = self.new_contest(id_)
                    empty.dirty_keys = replaced[id_].dirty_keys
                    self.contests[id_] = empty
                else:
                    contest.dirty_keys |= replaced[id_].dirty_keys
                    self.contests[id_] = contest
            self.rerank()
            for id_, contest in before.items():
                if contest is None:
                    del self.contests[id_]
                else:
                    contest.dirty_keys -= replaced[id_].dirty_keys
            self.dirty = dirty
            self.advancement.premises = known
            self.advance()
            self.moved = moved


def places_of(definition: Definition) -> dict[str, int]:
    """The places of contests by planned start, then by id."""
    contests = sorted(
        definition.contests.values(), key=lambda c: (to_us(c.start) if c.start else 0, c.id)
    )
    return {contest.id: order for order, contest in enumerate(contests)}
