"""Results and start lists as flat tables, made from boards. Pure.

A table is stamped with the position and time of the board that it shows, and says whether that can
still change: `official` when every contest behind it is, as far as whoever asks may see; a start
list when all is over. That of a rehearsal never is.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from scoreboard.errors import NotFound
from scoreboard.facts.document import Content, Document
from scoreboard.facts.instant import to_text
from scoreboard.projections.looking import own_leaves

FIGURES = "figures."
COLUMNS_MAX = 60  # of what a contest's box says of each entrant
About = Literal["results", "startlist"]
State = Literal["not final", "official", "rehearsal"]


class SheetColumn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column: `key` is where its value stands in a row (`figures.x` is in `figures`)."""

    key: str
    label: str
    title: str = ""


class Sheet(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A table; `columns` are those that any of its rows has, in order.

    `hash`: of the entry at the position, on the private listener, for whoever checks it later.
    """

    about: About
    competition: str
    name: str
    board: str
    position: int
    as_of: str | None
    status: str
    state: State
    frozen: bool
    contest: str = ""
    contest_name: str = ""
    group: str = ""
    group_name: str = ""
    hash: str = ""
    columns: Annotated[list[SheetColumn], Meta(max_length=100)]
    rows: list[dict[str, Any]]


RESULTS = (
    ("rank", "Rank"),
    ("group_rank", "In group"),
    ("entrant", "Id"),
    ("name", "Name"),
    ("short", "Short"),
    ("group", "Group"),
)
NOTES = ("notes", "Notes")
STARTS = (
    ("start", "Start"),
    ("contest", "Contest"),
    ("contest_name", "Name of contest"),
    ("round", "Round"),
    ("group", "Group"),
    ("place", "Place"),
    ("status", "Status"),
    ("number", "No."),
    ("entrant", "Id"),
    ("name", "Name"),
    ("short", "Short"),
)


def results_of(standings: Document, group: str | None) -> Sheet:
    """The ranking of a competition, or of one of its groups."""
    content = standings.content
    over, left = standings.status == "finished", content.get("not_final", 0)
    name = ""
    if group is not None:
        found = group_in(standings, group)
        # A group may be over before the others; one without contests never is.
        over = standings.status != "scheduled" and "not_final" in found
        left, name = found.get("not_final", left), found["name"]
    return Sheet(
        about="results",
        name=content["title"],
        group=group or "",
        group_name=name,
        state=state_of(standings, final=over and not left),
        rows=(rows := rows_of(content, group)),
        columns=used(RESULTS, rows, content["columns"]),
        **stamp(standings),
    )


def contest_results_of(box: Document, contests: Document, contest: str, group: str | None) -> Sheet:
    """The result of one contest: the rows of its field, or what its box says of each entrant."""
    content = box.content
    name = ""
    if group is not None:
        name = group_in(box, group)["name"]
    if "columns" in content:
        rows, columns = rows_of(content, group), content["columns"]
    else:
        rows = box_rows_of(content)
        columns = columns_in(rows)
    return Sheet(
        about="results",
        name=contests.content["title"],
        contest=contest,
        contest_name=content["name"] or contest,
        group=group or "",
        group_name=name,
        state=state_of(box, final=content["final"]),
        rows=rows,
        columns=used(RESULTS, rows, columns),
        **stamp(box),
    )


def starts_of(
    contests: Document,
    contest: str | None,
    group: str | None,
    everybody: Sequence[dict[str, str]],
) -> Sheet:
    """Who starts where and when; `everybody` starts in a contest that names nobody."""
    found = contests.content["rows"]
    if contest is not None:
        if contest not in found:
            raise NotFound(f"there is no contest {contest}", pointer="/contest")
        found = {contest: found[contest]}
    if group is not None:
        found = {id_: line for id_, line in found.items() if line.get("group") == group}
        if not found:
            raise NotFound(f"no contest is of a group {group}", pointer="/group")
    rows = []
    for id_, line in sorted(found.items(), key=lambda one: (one[1]["order"], one[0])):
        whole = {key: line[key] for key, _ in STARTS if isinstance(line.get(key), str | int)}
        whole |= {"contest": id_, "contest_name": line["name"]}
        for number, entrant in enumerate(line["entrants"] or everybody, 1):
            own = {"number": number, "entrant": entrant["id"], "name": entrant["name"]}
            rows.append(whole | own | {"short": entrant["short"]})
    return Sheet(
        about="startlist",
        name=contests.content["title"],
        contest=contest or "",
        contest_name=found[contest]["name"] if contest else "",
        group=group or "",
        state=state_of(contests, final=contests.status == "finished"),
        rows=rows,
        columns=used(STARTS, rows, ()),
        **stamp(contests),
    )


def names_nobody(contests: Document) -> bool:
    """Whether a contest does not say who starts in it."""
    return any(not line["entrants"] for line in contests.content["rows"].values())


def stamp(document: Document) -> dict[str, Any]:
    """Which board a table shows, and as of when."""
    return {
        "competition": document.competition,
        "board": document.board,
        "position": document.position,
        "as_of": to_text(document.as_of) if document.as_of else None,
        "status": document.status,
        "frozen": document.frozen,
    }


def state_of(document: Document, *, final: bool) -> State:
    """Whether what is shown can still change, or never was for real."""
    if document.rehearsal:
        return "rehearsal"
    return "official" if final and not document.frozen else "not final"


def group_in(document: Document, group: str) -> Content:
    """A group of a board; NotFound if it has none of that name."""
    found: Content | None = document.content.get("groups", {}).get(group)
    if found is None:
        raise NotFound(f"{document.board} has no group {group}", pointer="/group")
    return found


def rows_of(content: Content, group: str | None) -> list[Content]:
    """The rows of a ranking in order, all or of one group."""
    kept = ((id_, row) for id_, row in content["rows"].items() if group in (None, row.get("group")))
    rows = []
    for id_, row in sorted(kept, key=lambda one: (one[1]["rank"], one[0])):
        copied = {key: row[key] for key, _ in RESULTS if key in row}
        made = copied | {"entrant": id_, "figures": row["figures"]}
        if notes := notes_of(row):
            made["notes"] = notes
        rows.append(made)
    return rows


def notes_of(row: Content) -> str:
    """What else there is to say of a row."""
    words = [word for word in ("withdrawn", "unplaced", "tied") if row.get(word)]
    if row.get("decided"):
        words.append("by " + row["decided"].replace("_", " "))
    return ", ".join(words)


def box_rows_of(content: Content) -> list[Content]:
    """What a box says of each entrant, under the names that it has there."""
    rows = []
    for entrant in content["entrants"]:
        figures = dict(own_leaves(content["box"], entrant["id"]))
        made = {"entrant": entrant["id"], "name": entrant["name"], "short": entrant["short"]}
        rank = [path for path in figures if path.rpartition(".")[2] == "rank"]
        if len(rank) == 1:
            made["rank"] = figures.pop(rank[0])
        rows.append(made | {"figures": figures})
    return sorted(rows, key=lambda row: row.get("rank") or len(rows) + 1)


def columns_in(rows: Iterable[Content]) -> list[dict[str, Any]]:
    """Columns for all figures that rows have, as a sport heads them."""
    keys = dict.fromkeys(key for row in rows for key in row["figures"])
    shown = list(keys)[:COLUMNS_MAX]
    return [{"key": key, "label": key.replace("_", " ").replace(".", " ")} for key in shown]


def used(
    own: Iterable[tuple[str, str]], rows: Sequence[Content], figures: Iterable[Content]
) -> list[SheetColumn]:
    """The columns that any row fills, those of figures after the others, notes at the end."""
    filled = {key for row in rows for key, value in row.items() if value not in ("", None)}
    made = [SheetColumn(key=key, label=label) for key, label in own if key in filled]
    made += [
        SheetColumn(key=FIGURES + one["key"], label=one["label"], title=one.get("title", ""))
        for one in figures
    ]
    if NOTES[0] in filled:
        made.append(SheetColumn(key=NOTES[0], label=NOTES[1]))
    return made


def cell(row: Content, key: str) -> Any:
    """The value that a column has in a row; None if there is none."""
    if key.startswith(FIGURES):
        return row.get("figures", {}).get(key.removeprefix(FIGURES))
    return row.get(key)
