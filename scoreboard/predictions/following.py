"""The other competition, folded by the same functions as its boards.

What guesses need of it: where a contest was announced and where it began (positions), and its score
once that is final. A contest that cannot be folded stands short of the entry that fails, as on its
boards. What the public is not shown of a frozen contest counts for nothing yet: the leaderboard
would tell it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from scoreboard.catalogue import DefinitionFold
from scoreboard.errors import Unavailable
from scoreboard.facts.competition import Contest
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_us
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold
from scoreboard.projections.loading import ADMINISTRATIVE, Loading, is_definition
from scoreboard.projections.public import PublicFold, is_frozen
from scoreboard.projections.render import contest_result
from scoreboard.sports.registry import Sports

READ_ENTRIES_MAX = 1_000
LOADED_FACTS_MAX = 20_000  # facts kept for what comes next; contests quiet for longest go first


class Seen(Struct, frozen=True):
    """A contest as guesses see it: where it began (None: not yet), its score if that is final."""

    contest: Contest
    began: int | None
    score: tuple[int, int] | None
    position: int


class Following:
    """One competition as of `position`; nothing of it is saved, the ledger has it all."""

    def __init__(self, slug: str, ledger: LedgerReader, sports: Sports) -> None:
        self.slug = slug
        self.position = 0
        self.announced: dict[str, int] = {}  # by contest: where it was first defined
        self.changes = 0  # how often something came that results may follow from
        self._ledger = ledger
        self._sports = sports
        self._loading = Loading(ledger, sports, None)
        self._fold = CompetitionFold(slug, DefinitionFold(), sports)
        self._failing: set[str] = set()  # contests that stand short of an entry

    async def catch_up(self, upto: int) -> None:
        """Take everything up to a position from the ledger."""
        while self.position < upto:
            entries = await self._ledger.read(
                self.position, limit=READ_ENTRIES_MAX, upto=upto, competition=self.slug
            )
            full = len(entries) == READ_ENTRIES_MAX
            await self.take(entries, entries[-1].position if full else upto)

    async def take(self, entries: Sequence[Entry], upto: int) -> None:
        """Take further entries of the competition, all that there are up to a position."""
        entries = [entry for entry in entries if entry.position > self.position]
        defining = [e for e in entries if is_definition(e) or e.type == ERASED]
        self._define(defining)
        by_contest: dict[str, list[Entry]] = {}
        for entry in entries:
            if not is_definition(entry):
                by_contest.setdefault(entry.contest or OUTSIDE, []).append(entry)
        if self._fold.sport is not None and not self._fold.sport.apart:
            for contest, some in by_contest.items():
                await self._take(contest, some, upto)
            if entries:
                await self._advance(upto)
        self.changes += bool(entries)
        self.position = self._fold.position = upto
        self._let_go()

    def _define(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            other_rules = self._fold.define([entry])
            definition = self._fold.definition
            for id_ in definition.contests if definition else ():
                self.announced.setdefault(id_, entry.position)
            for id_, folded in self._fold.contests.items():
                if other_rules or folded.contest != self._fold.contest_defined(id_):
                    folded.loaded = False
                    self._failing.add(id_)

    async def _take(self, contest: str, entries: list[Entry], upto: int) -> None:
        folded = self._fold.contests.get(contest)
        if folded is None:
            folded = self._fold.contests[contest] = self._fold.new_contest(contest)
        again = contest in self._failing or not folded.loaded
        if again or any(entry.type in ADMINISTRATIVE for entry in entries):
            await self._refold(contest, upto)
            return
        try:
            folded.feed(entries, await self._loading.prior(self._fold, entries))
        except Unavailable:
            raise
        except Exception:  # half fed: folded again, short of what fails
            await self._refold(contest, upto)

    async def _refold(self, contest: str, upto: int) -> None:
        self._failing.discard(contest)
        try:
            folded = await self._loading.contest(self._fold, contest, upto)
        except Unavailable:
            raise
        except Exception:
            folded = await self._loading.stood(self._fold, contest, upto)
            self._failing.add(contest)
        self._fold.contests[contest] = folded

    async def _advance(self, upto: int) -> None:
        """Say anew who meets in contests whose entrants come from others."""
        for id_ in [i for i, folded in self._fold.contests.items() if not folded.loaded]:
            if id_ in self._failing:
                await self._refold(id_, upto)
        await self._loading.advance(self._fold, lambda id_: self._refold(id_, upto))

    def _let_go(self) -> None:
        loaded = [c for c in self._fold.contests.values() if c.loaded]
        weight = sum(contest.weight for contest in loaded)
        for contest in sorted(loaded, key=lambda c: c.position)[:-1]:
            if weight <= LOADED_FACTS_MAX:
                return
            weight -= contest.weight
            contest.unload()

    async def seen(self, contests: Iterable[str]) -> dict[str, Seen]:
        """Some contests of the competition as they are now."""
        fold = self._fold
        if fold.definition is None or fold.sport is None or fold.sport.apart:
            return {}
        shown = fold
        if is_frozen(fold):
            shown = (await PublicFold.of(self._loading, fold, self.position)).fold
        return {id_: self._seen(shown, id_) for id_ in contests}

    def _seen(self, shown: CompetitionFold, id_: str) -> Seen:
        live: ContestFold | None = self._fold.contests.get(id_)
        definition = shown.definition
        contest = definition.contests.get(id_) if definition else None
        folded = shown.contests.get(id_)
        score = None
        if definition is not None and contest is not None and folded is not None:
            assert shown.sport is not None
            final = contest_result(shown, definition, contest).final
            if final and id_ not in shown.advancement.overturned:
                score = shown.sport.score(contest, folded.states)
        return Seen(
            contest=self._fold.contest_defined(id_),
            began=live.began if live else None,
            score=score,
            position=folded.position if folded else 0,
        )

    def contest(self, id_: str) -> Contest | None:
        """A contest's definition; None if there is none now."""
        definition = self._fold.definition
        return definition.contests.get(id_) if definition else None


def planned_us(contest: Contest) -> int | None:
    """When a contest is planned to start, in microseconds; None if nobody has said."""
    return None if contest.start is None else to_us(contest.start)
