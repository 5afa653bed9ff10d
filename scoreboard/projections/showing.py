"""Folds onto the shelves: which boards changed, for whom, and under which generation.

Officials see everything live. The public sees the same, but for boards that are for officials; of
a frozen competition it sees documents of its own, made from its own fold.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.competition import cutoff_of
from scoreboard.facts.correction import thawed
from scoreboard.facts.document import Patch
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import ContestFold
from scoreboard.projections.public import PublicFold
from scoreboard.projections.saving import Saving
from scoreboard.projections.shelf import Meanwhile, Shelf, generation_of
from scoreboard.settings import Settings


class Corrected(Struct, frozen=True):
    """A record that is corrected, and since which position it said what was wrong."""

    contest: str
    record: str
    since: int


class Showing:
    """Makes boards from folds and puts them on both shelves."""

    def __init__(
        self,
        settings: Settings,
        ledger: LedgerReader,
        shelf: Shelf,
        public_shelf: Shelf,
        saving: Saving,
    ) -> None:
        self._limits = settings.limits
        self._ledger = ledger
        self._shelf = shelf
        self._public_shelf = public_shelf
        self._saving = saving

    def show(
        self,
        fold: CompetitionFold,
        public: PublicFold | None,
        *,
        erased: bool,
        corrected: Sequence[Corrected] = (),
    ) -> None:
        """Make the boards that changed and put them on the shelves.

        `corrected`: the records whose correction alone is what changed; nothing if it is not.
        `public`: what the public sees, if it is frozen. `erased`: something in it was, so that
        what boards were before is forgotten.
        """
        if fold.sport is None or fold.definition is None:
            return
        fold.rerank()
        wrong = None if public is None else is_shown_wrong(public.fold, corrected)
        patches = self._publish(fold, self._shelf, self.generation(fold), corrected, wrong=wrong)
        if public is not None:
            public.catch_up()
            generation = self.generation(public.fold, fold.definition.frozen)
            self._publish(public.fold, self._public_shelf, generation, corrected, frozen=True)
            public.shown()
            self._saving.froze(fold.slug)
        elif fold.slug in self._saving.frozen:
            self._thaw(fold.slug)
        else:
            for patch in patches:
                if not render.is_for_officials(patch.after.board):
                    after = patch.after.seen_by(public=True)
                    self._public_shelf.take(replace(patch, after=after))
        if erased:
            self._shelf.forget(fold.slug)
            self._public_shelf.forget(fold.slug)
            self._saving.erased.add(fold.slug)
        self._saving.note(fold)
        fold.dirty, fold.moved = set(), set()
        fold.redefined, fold.doubts_changed = False, False

    def _publish(
        self,
        fold: CompetitionFold,
        shelf: Shelf,
        generation: str,
        corrected: Sequence[Corrected],
        *,
        frozen: bool = False,
        wrong: bool | None = None,
    ) -> list[Patch]:
        """Put the boards that changed on a shelf; returns what is new there.

        `wrong`: whether the public, which is shown something else meanwhile, is shown what is
        corrected.
        """
        wrong_since = since_of(fold, corrected)
        patches = []
        whole = render.competition_status(fold)
        moved_last = render.moved_last(fold)
        for name in render.changed_boards(fold):
            if frozen and render.is_for_officials(name):
                continue
            contest = render.contest_of(name)
            newest = fold.contests.get(contest) if contest else moved_last
            if render.needs_facts(name) and newest is not None and not newest.loaded:
                continue  # unchanged since it was let go: it is on the shelf
            position, received = fold.position, fold.received
            if newest is not None and (not fold.redefined or _comes_later(fold, newest)):
                position, received = newest.position, newest.received
            patch = shelf.publish(
                fold.slug,
                name,
                render.content(fold, name, self._limits.board_rows_max),
                generation=generation,
                position=position,
                as_of=received,
                status=render.board_status(fold, name, whole),
                rules=fold.rules_version,
                frozen=frozen,
                wrong_since=None if render.is_for_officials(name) else wrong_since,
                meanwhile=None
                if wrong is None
                else Meanwhile(self._public_shelf.get(fold.slug, name), wrong),
            )
            if patch is not None:
                patches.append(patch)
        return patches

    def _thaw(self, slug: str) -> None:
        """Show the public everything again."""
        for name in self._shelf.names(slug):
            live, frozen = self._shelf.get(slug, name), self._public_shelf.get(slug, name)
            if live is None or render.is_for_officials(name):
                continue
            if frozen is not None and any(
                one.frozen == frozen.generation for one in live.corrections
            ):
                told = thawed(live.corrections, frozen.generation, live.version)
                live = replace(live, corrections=told)
                self._shelf.retell(live)
            document = live.seen_by(public=True)
            self._public_shelf.take(Patch(before="", after=document, merge=document.content))
        self._saving.thawed(slug)

    def generation(
        self, fold: CompetitionFold, frozen: Mapping[str, int | None] | None = None
    ) -> str:
        """Changes with the ledger, the sport's code and its rules; `frozen`: also with cut-offs."""
        assert fold.sport is not None
        made = generation_of(
            self._ledger.head.ledger,
            fold.slug,
            fold.sport.name,
            fold.sport.version,
            render.RENDER_VERSION,
            fold.sport.params,
            fold.rules_version,
        )
        return generation_of(made, sorted(frozen.items())) if frozen else made


def _comes_later(fold: CompetitionFold, contest: ContestFold) -> bool:
    """Whether a contest that is shown to its end moved after the definition did."""
    whole = cutoff_of(fold.cutoffs, contest.contest.id) is None
    return whole and contest.position > fold.position


def since_of(fold: CompetitionFold, corrected: Sequence[Corrected]) -> int | None:
    """Since when an audience was shown what is corrected; None if it is not shown any of it.

    Where the audience does not see a contest to its end, what was revealed of it counts from the
    version that is shown: when it came in is not to be known.
    """
    found = [since for one in corrected if (since := _seen_since(fold, one)) is not None]
    return min(found, default=None)


def is_shown_wrong(public: CompetitionFold, corrected: Sequence[Corrected]) -> bool:
    """Whether the public is shown something that is corrected out of its sight."""
    return any(
        cutoff is not None and (one.since <= cutoff or _seen_since(public, one) is not None)
        for one in corrected
        for cutoff in (cutoff_of(public.cutoffs, one.contest),)
    )


def _seen_since(fold: CompetitionFold, one: Corrected) -> int | None:
    cutoff = cutoff_of(fold.cutoffs, one.contest)
    if cutoff is None:
        return one.since
    revealed = fold.definition.revealed_since(cutoff) if fold.definition else ()
    return 0 if one.record in revealed else None
