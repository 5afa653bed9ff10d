"""What corrections would change on every board, before anybody signs them.

Hypothetical entries are folded on top of the live fold; the difference of each board is what will
be emitted if they are signed and nothing else came in between: the projection folds corrections
that were signed together by themselves, with boards made before and after them.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.advancing import Premise
from scoreboard.facts.document import Content, diff
from scoreboard.facts.entry import Entry
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold
from scoreboard.projections.loading import is_definition
from scoreboard.projections.projection import BoardsProjection


class Change(Struct, frozen=True, kw_only=True):
    """What would change on one board: its status, and a merge patch (RFC 7396) of its content.

    `before` is the version that the patch applies to, "" if the board is new.
    """

    board: str
    before: str
    status: str
    merge: Content


class Previews:
    """Previews of corrections over the live boards."""

    def __init__(self, projection: BoardsProjection) -> None:
        self._projection = projection

    async def changes(self, slug: str, entries: Sequence[Entry]) -> list[Change]:
        """How boards would change if these entries came next; the live boards stay as they are.

        The entries' own positions do not matter. Raises what the sport's rules raise on an entry
        that they cannot fold, which would park its contest.
        """
        projection = self._projection
        async with projection.folding:
            projection.render_pending(everything=True)
            next_ = projection.position + 1
            entries = [replace(entry, position=next_ + n) for n, entry in enumerate(entries)]
            live = await projection.folds.competition(slug)
            fold = await self._redefined(live, [e for e in entries if is_definition(e)])
            if fold.sport is None or fold.definition is None or fold.sport.apart:
                return []
            replaced = {}
            for contest, own in by_contest(entries).items():
                replaced[contest] = await self._contest(fold, contest, own)
            premises = await self._who_goes_on(fold, replaced, entries)
            with fold.hypothetically(replaced, premises):
                return list(self._differences(fold))

    async def _contest(
        self, fold: CompetitionFold, contest: str, entries: list[Entry]
    ) -> ContestFold:
        """A contest with entries on top of what the live fold has taken."""
        projection = self._projection
        assert fold.sport is not None
        live = fold.contests.get(contest)
        waits = (fold.slug, contest) in projection.parking.waiting
        if live is None or waits or not fold.sport.commutative:
            return await projection.loading.contest(fold, contest, projection.position, entries)
        twin = live.twin()
        twin.feed(entries, await projection.loading.prior(fold, entries))
        return twin

    async def _who_goes_on(
        self, fold: CompetitionFold, replaced: dict[str, ContestFold], entries: Sequence[Entry]
    ) -> dict[str, Premise]:
        """Replace contests in which others would meet too; premises that the live fold has not."""
        loading, position = self._projection.loading, self._projection.position
        premises: dict[str, Premise] = {}
        for _round in range(len(fold.advancement.slots) + 1):
            with fold.hypothetically(replaced, premises):
                begun, misfits = fold.begun(), fold.misfits()
                meeting = {id_: fold.contest_defined(id_) for id_ in misfits}
            if not begun and not misfits:
                break
            for id_, began in begun.items():
                premises[id_] = await loading.premise(fold, id_, began)
            for id_ in misfits:
                own = by_contest(entries).get(id_, [])
                replaced[id_] = await loading.contest(fold, id_, position, own, meeting[id_])
        return premises

    async def _redefined(self, live: CompetitionFold, entries: list[Entry]) -> CompetitionFold:
        """The competition by another definition; the live one if nothing defines it anew."""
        if not entries:
            return live
        projection = self._projection
        loading, position = projection.loading, projection.position
        fold = await loading.competition(live.slug, position)
        other_rules = fold.define(entries)
        if other_rules:
            fold.advancement.premises = dict(live.advancement.premises)
        else:
            fold.adopt(live)
        if fold.sport is None or (fold.sport.commutative and not other_rules):
            return fold
        for id_ in live.contests:
            waits = (live.slug, id_) in projection.parking.waiting
            if other_rules and waits:
                fold.contests[id_] = await loading.stood(fold, id_, position)
            elif not waits:
                fold.contests[id_] = await loading.contest(fold, id_, position)
        fold.rank_anew()
        return fold

    def _differences(self, fold: CompetitionFold) -> Iterator[Change]:
        shelf, limits = self._projection.shelf, self._projection.settings.limits
        whole = render.competition_status(fold)
        for name in render.changed_boards(fold):
            before = shelf.get(fold.slug, name)
            content = render.content(fold, name, limits.board_rows_max)
            status = render.board_status(fold, name, whole)
            merge = diff(before.content, content) if before else content
            if before is None or merge or before.status != status:
                version = before.version if before else ""
                yield Change(board=name, before=version, status=status, merge=merge)


def by_contest(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """What entries say about contests, told apart by contest; definitions are left out."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if not is_definition(entry):
            found.setdefault(entry.contest or OUTSIDE, []).append(entry)
    return found
