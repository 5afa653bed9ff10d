"""Views of a board: its top, one group, one entrant with its neighbours. Pure."""

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.document import Content, Document


class View(Struct, frozen=True):
    """Which part of a board is wanted; nothing set means all of it.

    `named`: followed beside other boards, so that ids in the stream say which board is meant.
    """

    top: int | None = None
    group: str | None = None
    around: str | None = None
    named: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is the board itself."""
        return self.top is None and self.group is None and self.around is None


WHOLE = View()
BESIDE_OTHERS = View(named=True)
NEIGHBOURS = 3  # rows shown on each side of `around`


def select(content: Content, view: View) -> Content:
    """The content of a view; rows keep their ranks."""
    if view.whole or "rows" not in content:
        return content
    rows: Content = content["rows"]
    order = sorted(rows, key=lambda key: (rows[key].get("rank", rows[key].get("order", 0)), key))
    if view.group is not None:
        order = [key for key in order if rows[key].get("group") == view.group]
    if view.around is not None and view.around in rows:
        group = rows[view.around].get("group")
        order = [key for key in order if rows[key].get("group") == group]
        place = order.index(view.around)
        order = order[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]
    elif view.around is not None:
        order = []
    if view.top is not None:
        order = order[: view.top]
    return {**content, "rows": {key: rows[key] for key in order}}


def shown(document: Document, view: View) -> Document:
    """A document with the content of a view."""
    return document if view.whole else replace(document, content=select(document.content, view))
