"""All boards of a competition at one position, made from its entries alone.

The same for a server and for whoever has nothing but the entries: equal entries, equal boards.
"""

from collections.abc import Iterable

from scoreboard.errors import NotFound
from scoreboard.facts.document import Document
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import ContestFold
from scoreboard.projections.loading import Loading


async def fold_whole(
    loading: Loading, slug: str, position: int, contests: Iterable[str]
) -> CompetitionFold:
    """The competition with all its contests as they were shown at a position.

    `contests`: at least those that anything was said of up to there. NotFound if it was not
    defined then.
    """
    fold = await loading.competition(slug, position)
    if fold.sport is None or fold.definition is None:
        raise NotFound(f"{slug} was not defined at {position}")
    if fold.sport.apart:
        return fold
    for id_ in sorted({*contests, *fold.definition.contests}):
        await loading.stand(fold, id_, lambda _contest: position, whence=True)
    fold.rank_anew()
    fold.advance()
    return fold


def names_of(fold: CompetitionFold) -> list[str]:
    """The boards that a competition has, those of officials among them."""
    if fold.sport is None or fold.definition is None or fold.sport.apart:
        return []
    names = render.whole_boards(fold)
    for id_ in fold.definition.contests:
        names += [*render.contest_boards(fold, id_), *render.joined_boards(fold, id_)]
    return names


def document_of(
    fold: CompetitionFold, name: str, rows_max: int, *, generation: str = "", frozen: bool = False
) -> Document:
    """A board of a fold of the past; made from the same entries it is the same."""
    contest = render.contest_of(name)
    moved = fold.contests.get(contest) if contest else render.moved_last(fold)
    newest: CompetitionFold | ContestFold = fold
    if moved is not None and moved.position >= fold.position:
        newest = moved
    return Document(
        competition=fold.slug,
        board=name,
        generation=generation,
        position=newest.position,
        revision=0,
        as_of=newest.received,
        status=render.board_status(fold, name, render.competition_status(fold)),
        content=render.content(fold, name, rows_max),
        rules=fold.rules_version,
        frozen=frozen,
    )
