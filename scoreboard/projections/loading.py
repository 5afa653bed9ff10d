"""Contests and competitions, from the read store and the ledger.

The one path by which the fold comes into memory: at start, for a contest that was let go, after a
failure, for history and for previews.
"""

from collections.abc import AsyncIterator, Sequence

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.entry import Entry
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.competition import OUTSIDE, CompetitionFold
from scoreboard.projections.contest import ContestFold, ForgottenTooMuch, Prior, decode_state
from scoreboard.projections.store import ReadStore, SavedContest
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import FieldSport

READ_ENTRIES_MAX = 1_000
DEFINITION_TYPES = "competition."
SKIPPED, RETRIED, ERASED = "projection.skipped", "projection.retried", "ledger.erased"
ADMINISTRATIVE = frozenset({SKIPPED, RETRIED, ERASED})
"""Entries of a contest that say nothing about the sport but how its other entries are read."""


def is_definition(entry: Entry) -> bool:
    """Whether an entry defines the competition rather than saying what happened in it."""
    return entry.contest is None and entry.type.startswith(DEFINITION_TYPES)


class Loading:
    """Reads folds; `store` None means from the ledger alone."""

    def __init__(self, ledger: LedgerReader, sports: Sports, store: ReadStore) -> None:
        self.ledger = ledger
        self.sports = sports
        self.store = store

    async def competition(self, slug: str, upto: int) -> CompetitionFold:
        """A competition's definition as of a position, without its contests."""
        definitions = DefinitionFold()
        after = 0
        while True:
            entries = await self.ledger.read(
                after, limit=READ_ENTRIES_MAX, upto=upto, competition=slug, definitions=True
            )
            definitions.feed([entry for entry in entries if is_definition(entry)])
            if len(entries) < READ_ENTRIES_MAX:
                break
            after = entries[-1].position
        return CompetitionFold(slug, definitions, self.sports)

    async def saved_contest(
        self, fold: CompetitionFold, contest: str, saved: SavedContest
    ) -> ContestFold:
        """A contest as the read store has it; an ordered one is not loaded with its facts."""
        made = fold.new_contest(contest)
        made.position, made.received = saved.position, saved.received
        made.flags = {record: list(words) for record, words in saved.flags.items()}
        made.flags_left_out = saved.flags_left_out
        made.skipped = set(saved.skipped)
        assert fold.sport is not None
        kind = fold.sport.State
        blobs = await self.store.states(fold.slug, contest)
        made.states = {key: decode_state(blob, kind) for key, blob in blobs.items()}
        made.loaded = fold.sport.commutative
        made.dirty_keys = set(made.states) if isinstance(fold.sport, FieldSport) else set()
        return made

    async def contest(self, fold: CompetitionFold, contest: str, upto: int) -> ContestFold:
        """A contest folded from the ledger, up to a position."""
        made = fold.new_contest(contest)
        made.skipped = await self.skipped(fold.slug, contest, upto)
        await self.catch_up(fold, made, contest, upto)
        return made

    async def snapshot(self, fold: CompetitionFold, contest: str, upto: int) -> ContestFold:
        """A contest as of a position, from the newest kept states before it if that helps."""
        assert fold.sport is not None
        kept = (
            await self.store.snapshot(fold.slug, contest, upto) if fold.sport.commutative else None
        )
        if kept is None:
            return await self.contest(fold, contest, upto)
        made = fold.new_contest(contest)
        made.position = kept[0]
        made.skipped = await self.skipped(fold.slug, contest, upto)
        made.states = {k: decode_state(blob, fold.sport.State) for k, blob in kept[1].items()}
        made.dirty_keys = set(made.states)
        await self.catch_up(fold, made, contest, upto)
        return made

    async def catch_up(
        self, fold: CompetitionFold, made: ContestFold, contest: str, upto: int
    ) -> None:
        """Feed a contest what the ledger has after its position."""
        async for facts in self.facts(fold, contest, made.position, upto):
            made.feed(facts, await self.prior(fold, facts))

    async def facts(
        self, fold: CompetitionFold, contest: str, after: int, upto: int
    ) -> AsyncIterator[list[Entry]]:
        """What the ledger has of a contest, page by page."""
        while True:
            entries = await self.ledger.read(
                after,
                limit=READ_ENTRIES_MAX,
                upto=upto,
                competition=fold.slug,
                contest=contest or None,
                definitions=contest == OUTSIDE,
            )
            yield [e for e in entries if e.type not in ADMINISTRATIVE and not is_definition(e)]
            if len(entries) < READ_ENTRIES_MAX:
                return
            after = entries[-1].position

    async def first_bad(
        self, fold: CompetitionFold, contest: str, upto: int
    ) -> tuple[int, Exception] | None:
        """Where the fold of a contest fails, entry by entry, and why; None if nowhere."""
        made = fold.new_contest(contest)
        made.skipped = await self.skipped(fold.slug, contest, upto)
        async for facts in self.facts(fold, contest, 0, upto):
            for entry in facts:
                prior = await self.prior(fold, [entry])
                try:
                    made.feed([entry], prior)
                except ForgottenTooMuch:
                    return None
                except Exception as error:
                    return entry.position, error
        return None

    async def prior(self, fold: CompetitionFold, entries: Sequence[Entry]) -> Prior:
        """What the ledger has of the records that entries correct (commutative sports)."""
        corrected = {entry.record for entry in entries if entry.version > 1}
        if not corrected or fold.sport is None or not fold.sport.commutative:
            return {}
        return await self.ledger.versions(fold.slug, corrected, upto=entries[0].position - 1)

    async def skipped(self, slug: str, contest: str, upto: int) -> set[int]:
        """Positions that an official has told the fold to pass over."""
        found: set[int] = set()
        for entry in await self.ledger.read(
            0, limit=READ_ENTRIES_MAX, upto=upto, competition=slug, type_=SKIPPED
        ):
            if (entry.contest or OUTSIDE) == contest and entry.subject:
                found.add(int(entry.subject))
        return found
