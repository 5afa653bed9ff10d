"""Contests and competitions, from the read store and the ledger.

The one path by which the fold comes into memory: at start, for a contest that was let go, after a
failure, for history and for previews.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence

from scoreboard.catalogue import DefinitionFold
from scoreboard.errors import Unavailable
from scoreboard.facts.advancing import UNKNOWN, Premise, is_reference
from scoreboard.facts.competition import Contest
from scoreboard.facts.entry import Entry
from scoreboard.facts.proposing import PROPOSED
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold, Prior, decode_states
from scoreboard.projections.store import ReadStore, SavedContest, rules_of
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import FieldSport

READ_ENTRIES_MAX = 1_000
SETTLED_AT_ONCE = 100  # scopes of observations and decisions that are joined in one go
DEFINITION_TYPES = "competition."
SKIPPED, RETRIED = "projection.skipped", "projection.retried"
ADMINISTRATIVE = frozenset({SKIPPED, RETRIED, ERASED})
"""Entries of a contest that say nothing about the sport but how its other entries are read."""


def is_definition(entry: Entry) -> bool:
    """Whether an entry defines the competition rather than saying what happened in it."""
    return entry.contest is None and entry.type.startswith(DEFINITION_TYPES)


class Loading:
    """Reads folds from the ledger, with what the read store, if there is one, has kept of them."""

    def __init__(self, ledger: LedgerReader, sports: Sports, store: ReadStore | None) -> None:
        self.ledger = ledger
        self.sports = sports
        self.store = store

    async def competition(self, slug: str, upto: int) -> CompetitionFold:
        """A competition's definition as of a position, without its contests."""
        definitions = DefinitionFold()
        after = position = received = 0
        while True:
            entries = await self.ledger.read(
                after, limit=READ_ENTRIES_MAX, upto=upto, competition=slug, definitions=True
            )
            said = [entry for entry in entries if entry.type != PROPOSED]
            definitions.feed(said)
            if said:
                position, received = said[-1].position, said[-1].received
            if len(entries) < READ_ENTRIES_MAX:
                break
            after = entries[-1].position
        fold = CompetitionFold(slug, definitions, self.sports)
        fold.position, fold.received = position, received
        return fold

    async def saved_contest(
        self, fold: CompetitionFold, contest: str, saved: SavedContest
    ) -> ContestFold:
        """A contest as the read store has it; an ordered one is not loaded with its facts."""
        made = fold.new_contest(contest)
        made.position, made.received = saved.position, saved.received
        made.began = saved.began
        made.flags = {record: list(words) for record, words in saved.flags.items()}
        made.flags_left_out = saved.flags_left_out
        made.skipped = set(saved.skipped)
        assert fold.sport is not None
        assert self.store is not None
        blobs = await self.store.states(fold.slug, contest)
        made.states = decode_states(blobs, fold.sport.State)
        made.loaded = fold.sport.commutative
        made.dirty_keys = set(made.states) if isinstance(fold.sport, FieldSport) else set()
        return made

    async def contest(
        self,
        fold: CompetitionFold,
        contest: str,
        upto: int,
        then: Sequence[Entry] = (),
        meeting: Contest | None = None,
    ) -> ContestFold:
        """A contest folded from the ledger up to a position, `then` with entries to be tried.

        `meeting`: the contest as it would be defined, if that is not how the fold has it.

        Where an entry cannot be folded in its turn, the records that were corrected are folded
        last, each as it stands at the end: so a correction mends what its record broke.
        """
        skipped = await self.skipped(fold.slug, contest, upto)
        try:
            return await self._folded(fold, contest, upto, skipped, then, meeting=meeting)
        except Unavailable:
            raise
        except Exception:
            corrected = await self._corrected(fold, contest, upto) | {e.record for e in then}
            if not corrected:
                raise
            return await self._folded(fold, contest, upto, skipped, then, corrected, meeting)

    async def seen(
        self, fold: CompetitionFold, contest: str, cutoff: int, upto: int
    ) -> ContestFold:
        """A frozen contest as the public sees it: up to the cut-off, and what it may see since."""
        assert fold.definition is not None
        made = await self.stood(fold, contest, min(cutoff, upto))
        revealed = fold.definition.revealed_since(cutoff)
        known = await self.ledger.versions(fold.slug, revealed, upto=upto) if revealed else {}
        shown = [
            entry
            for versions in known.values()
            for entry in versions
            if entry.position > cutoff and (entry.contest or OUTSIDE) == contest
        ]
        async for entries in self.pages(fold, contest, cutoff, upto):
            shown += [e for e in entries if e.record not in revealed and made.unveils(e)]
        shown.sort(key=lambda entry: entry.position)
        prior = {r: [v for v in vs if v.position <= cutoff] for r, vs in known.items()}
        try:
            made.feed(shown, prior)
        except Exception:  # the live contest is parked by it
            return await self.stood(fold, contest, min(cutoff, upto))
        return made

    async def hidden(
        self, fold: CompetitionFold, contest: str, cutoff: int, upto: int
    ) -> list[Entry]:
        """What the public does not see of a frozen contest: the entries, in order."""
        assert fold.definition is not None
        empty, revealed = fold.new_contest(contest), fold.definition.revealed_since(cutoff)
        found: list[Entry] = []
        async for entries in self.pages(fold, contest, cutoff, upto):
            found += [e for e in entries if e.record not in revealed and not empty.unveils(e)]
        return found

    async def stood(self, fold: CompetitionFold, contest: str, upto: int) -> ContestFold:
        """A contest as it was shown at a position: short of an entry that had parked it."""
        try:
            return await self.snapshot(fold, contest, upto)
        except Unavailable:
            raise
        except Exception:
            bad = await self.first_bad(fold, contest, upto)
            return await self.stood(fold, contest, (bad[0] if bad else upto) - 1)

    async def snapshot(self, fold: CompetitionFold, contest: str, upto: int) -> ContestFold:
        """A contest as of a position, from the newest kept states before it if that helps."""
        assert fold.sport is not None
        found = None
        if self.store is not None and fold.sport.commutative:
            found = await self.store.snapshot(fold.slug, contest, upto)
        if found is None or found[1].rules != rules_of(fold.sport):
            return await self.contest(fold, contest, upto)
        position, kept = found
        made = fold.new_contest(contest)
        made.position, made.received = position, kept.received
        made.began = kept.began
        made.skipped = await self.skipped(fold.slug, contest, upto)
        made.flags = {record: list(words) for record, words in kept.flags.items()}
        made.flags_left_out = kept.flags_left_out
        made.states = await asyncio.to_thread(decode_states, kept.states, fold.sport.State)
        made.dirty_keys = set(made.states)
        async for entries in self.pages(fold, contest, position, upto):
            made.feed(entries, await self.prior(fold, entries))
        return made

    # who goes on --------------------------------------------------------------------------------

    async def stand(
        self, fold: CompetitionFold, contest: str, upto: Callable[[str], int], *, whence: bool
    ) -> None:
        """Put a contest into a fold as it was shown at a position, with those who met in it.

        What its entrants come from is put there too where they are not known without it, or if it
        is asked for (`whence`). `upto` says for each contest how far it is shown.
        """
        if contest in fold.contests:
            return
        stood = fold.contests[contest] = await self.stood(fold, contest, upto(contest))
        if contest not in fold.advancement.slots:
            if not stood.position:
                del fold.contests[contest]
            return
        await self.premises(fold, [contest])
        fold.advance()
        if whence or any(map(is_reference, fold.advancement.slots[contest])):
            for source in fold.advancement.sources(contest):
                await self.stand(fold, source, upto, whence=False)
            fold.advance()
        if contest in fold.misfits():
            fold.contests[contest] = await self.stood(fold, contest, upto(contest))
        if not stood.position:
            del fold.contests[contest]
        fold.advance()

    async def advance(
        self, fold: CompetitionFold, fold_again: Callable[[str], Awaitable[None]]
    ) -> None:
        """Say anew who goes on, and fold again where others meet now than were folded with."""
        for _round in range(len(fold.advancement.slots) + 1):
            await self.premises(fold, fold.advancement.slots)
            fold.advance()
            misfits = fold.misfits()
            if not misfits:
                return
            for id_ in misfits:
                await fold_again(id_)

    async def premises(self, fold: CompetitionFold, contests: Iterable[str]) -> None:
        """Find out who was to meet when contests began, of those among them that have."""
        for id_, began in fold.begun().items():
            if id_ in contests:
                fold.advancement.premises[id_] = await self.premise(fold, id_, began)

    async def premise(self, fold: CompetitionFold, contest: str, began: int) -> Premise:
        """Who was to meet in a contest just before its first fact; the ledger alone says so."""
        before = await self.competition(fold.slug, began - 1)
        if before.definition is None or contest not in before.definition.contests:
            return Premise(began, ())
        before.advancement.premises = dict(fold.advancement.premises)
        if contest in before.advancement.slots:
            for source in before.advancement.sources(contest):
                await self.stand(before, source, lambda _source: began - 1, whence=False)
            before.advance()
            slots = before.advancement.slots[contest]
            known = (UNKNOWN if is_reference(one) else one for one in slots)
            return Premise(began, tuple(known))
        return Premise(began, tuple(before.definition.contests[contest].entrants))

    async def _folded(
        self,
        fold: CompetitionFold,
        contest: str,
        upto: int,
        skipped: set[int],
        then: Sequence[Entry],
        last: Collection[str] = (),
        meeting: Contest | None = None,
    ) -> ContestFold:
        made = fold.new_contest(contest, meeting)
        made.skipped = skipped
        held: list[Entry] = []
        async for entries in self.pages(fold, contest, 0, upto):
            page = [entry for entry in entries if entry.record not in last]
            held += [entry for entry in entries if entry.record in last]
            made.feed(page, await self.prior(fold, page))
        made.feed([*held, *then], {} if last else await self.prior(fold, then))
        for _more in made.settling(SETTLED_AT_ONCE):
            await asyncio.sleep(0)  # a large field takes a while: others get their turn
        return made

    async def first_bad(
        self, fold: CompetitionFold, contest: str, upto: int
    ) -> tuple[int, Exception] | None:
        """Where the fold of a contest fails, entry by entry, and why; None if nowhere."""
        corrected = await self._corrected(fold, contest, upto)
        made = fold.new_contest(contest)
        made.skipped = await self.skipped(fold.slug, contest, upto)
        async for entries in self.pages(fold, contest, 0, upto):
            for entry in entries:
                if entry.record in corrected:
                    continue
                try:
                    made.feed([entry])
                except Exception as error:
                    return entry.position, error
        return None

    async def _corrected(self, fold: CompetitionFold, contest: str, upto: int) -> set[str]:
        """The records of a contest that have more than one version."""
        found: set[str] = set()
        async for entries in self.pages(fold, contest, 0, upto):
            found |= {entry.record for entry in entries if entry.version > 1}
        return found

    async def pages(
        self, fold: CompetitionFold, contest: str, after: int, upto: int
    ) -> AsyncIterator[list[Entry]]:
        """What the ledger has to say about a contest after a position, in order."""
        while True:
            entries = await self.ledger.read(
                after,
                limit=READ_ENTRIES_MAX,
                upto=upto,
                competition=fold.slug,
                contest=contest or None,
                outside=contest == OUTSIDE,
            )
            yield [e for e in entries if e.type not in ADMINISTRATIVE and not is_definition(e)]
            if len(entries) < READ_ENTRIES_MAX:
                return
            after = entries[-1].position

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
