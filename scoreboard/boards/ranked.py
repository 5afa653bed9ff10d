"""Rows of a board, best first, for answers that are not boards: a top ten, one's own score."""

from scoreboard.boards.finding import Finding
from scoreboard.boards.select import View, shown
from scoreboard.facts.document import Content
from scoreboard.projections.projection import BoardsProjection


class Ranked:
    """What the public sees of boards, row by row."""

    def __init__(self, finding: Finding, projection: BoardsProjection) -> None:
        self._finding = finding
        self._projection = projection

    async def top(self, competition: str, board: str, count: int) -> list[tuple[str, Content]]:
        """The first so many entrants with their rows; NotFound for a board that there is not."""
        document = await self._finding.as_public(competition, board)
        return [*shown(document, View(top=count)).content.get("rows", {}).items()]

    async def of(self, competition: str, board: str, entrant: str, after: int) -> Content | None:
        """An entrant's row once the board has come to a position; None if it has none.

        Unavailable if the board does not come so far in time.
        """
        document = await self._finding.as_public(competition, board, after)
        rows = await self._projection.around(document, entrant, 0)
        if rows is None:  # a small field: the document has all of it
            rows = document.content.get("rows", {})
        row: Content | None = rows.get(entrant)
        return row
