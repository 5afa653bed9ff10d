"""A list of entrants as people have it (a spreadsheet's rows), read for a check before import.

Separated by tabs, semicolons or commas, whichever the first line has most of. What a column means
is told by its heading, or by whoever asks. Ids are made of names and stay: who is entered already,
by id or else by name, keeps the id.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from scoreboard.errors import BadInput
from scoreboard.facts.competition import ENTRANTS_MAX, Entrant
from scoreboard.facts.names import in_words, is_id

COLUMNS_MAX = 50
ATTRIBUTE = "attribute:"
Fate = Literal["added", "changed", "left", "wrong"]
HEADINGS = {
    "id": "id code key identifier",
    "name": "name entrant athlete player competitor participant fullname teamname",
    "first": "first firstname forename given givenname",
    "last": "last lastname surname family familyname",
    "short": "short abbr abbreviation shortname acronym",
    "say": "say spoken pronounced pronunciation phonetic",
    "team": "team club organisation organization country nation",
    "group": "group pool",
    "seed": "seed seeding",
}
"""By what a column means: how people head it, in lower case without spaces."""
MEANS = {word: means for means, words in HEADINGS.items() for word in words.split()}


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list to be read. `entrants`: who is entered already.

    `columns`: what each means (`id`, `name`, `first`, `last`, `short`, `say`, `team`, `group`,
    `seed`, `attribute:WORD`, or "" to leave it out); left out, their headings say it.
    """

    text: str
    entrants: Annotated[list[Entrant], Meta(max_length=ENTRANTS_MAX)] = []
    columns: Annotated[list[str], Meta(max_length=COLUMNS_MAX)] | None = None


class Column(Struct, frozen=True, kw_only=True):
    """A column: how it is headed, and what it means."""

    heading: str
    means: str


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the list: who it enters, and what is wrong with it. `line` counts from 1."""

    line: int
    fate: Fate
    entrant: Entrant | None = None
    group: str = ""
    seed: float | None = None
    said: str = ""
    problem: str = ""


class EntryList(Struct, frozen=True, kw_only=True):
    """A list as it was read; `absent`: ids of those who are entered and stand on no line."""

    columns: list[Column]
    lines: list[Line]
    absent: list[str]


def read(asked: Asked) -> EntryList:
    """Read a list; BadInput for one that is empty, too long or too wide, or has no names."""
    rows = _rows(asked.text)
    columns, rows = _columns(rows, asked.columns)
    means = [column.means for column in columns]
    if not {"name", "last", "first"} & set(means):
        raise BadInput(
            "no column has the names",
            pointer="/text",
            hint="head it with Name, or say which column has them",
        )
    reading = _Reading(asked.entrants)
    lines = [reading.line(number, cells, means) for number, cells in rows]
    listed = {line.entrant.id for line in lines if line.entrant is not None}
    absent = [one.id for one in asked.entrants if one.id not in listed and not one.withdrawn]
    return EntryList(columns=columns, lines=lines, absent=absent)


def id_of(name: str, taken: Iterable[str] = ()) -> str:
    """An id made of a name: its letters and digits in ASCII; numbered where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "entrant"
    found, number = made, 1
    while found in taken:
        number += 1
        found = f"{made}-{number}"
    return found


def _rows(text: str) -> list[tuple[int, list[str]]]:
    lines = text.lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    between = max("\t;,", key=first.count)
    reader = csv.reader(lines, delimiter=between, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                rows.append((reader.line_num, [" ".join(cell.split()) for cell in cells]))
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num}: {error}", pointer="/text") from error
    if not rows:
        raise BadInput("there are no lines", pointer="/text", hint="one entrant a line")
    if len(rows) > ENTRANTS_MAX + 1:
        raise BadInput(f"more than {ENTRANTS_MAX} lines", pointer="/text")
    if max(len(cells) for _, cells in rows) > COLUMNS_MAX:
        raise BadInput(f"more than {COLUMNS_MAX} columns", pointer="/text")
    return rows


def _columns(
    rows: list[tuple[int, list[str]]], said: Sequence[str] | None
) -> tuple[list[Column], list[tuple[int, list[str]]]]:
    """What the columns mean, and the lines without that of the headings."""
    width = max(len(cells) for _, cells in rows)
    head = rows[0][1] + [""] * (width - len(rows[0][1]))
    guessed = [MEANS.get(re.sub(r"[^a-z]", "", cell.lower()), "") for cell in head]
    headed = any(guessed)
    if headed:
        rows = rows[1:]
        means = [
            found or (ATTRIBUTE + id_of(cell) if cell else "")
            for found, cell in zip(guessed, head, strict=True)
        ]
    else:
        head = [f"Column {number}" for number in range(1, width + 1)]
        means = [""] * width
        means[_first_of_words(rows, width)] = "name"
    if "name" not in means and "team" in means and not {"first", "last"} & set(means):
        means[means.index("team")] = "name"  # teams compete themselves
    means = _once(means)
    if said is not None:
        means = [*said, *[""] * width][:width]
    return [Column(heading=h, means=m) for h, m in zip(head, means, strict=True)], rows


def _first_of_words(rows: list[tuple[int, list[str]]], width: int) -> int:
    first = rows[0][1]
    return next((at for at in range(width) if at < len(first) and first[at].isalpha()), 0)


def _once(means: list[str]) -> list[str]:
    return [one if one not in means[:at] else "" for at, one in enumerate(means)]


class _Reading:
    """Who was found so far, so that nobody is entered twice."""

    def __init__(self, entrants: Sequence[Entrant]) -> None:
        self._known = {entrant.id: entrant for entrant in entrants}
        self._by_name = {entrant.name.casefold(): entrant for entrant in entrants}
        self._taken = set(self._known)
        self._lines: dict[str, int] = {}  # by id
        self._named: dict[str, int] = {}  # by name, where ids are made of it

    def line(self, number: int, cells: list[str], means: Sequence[str]) -> Line:
        """One line; its cells may be fewer than the columns."""
        said = {m: cell for m, cell in zip(means, cells, strict=False) if m and cell}
        name = said.get("name") or " ".join(said[p] for p in ("first", "last") if p in said)
        text = " · ".join(cell for cell in cells if cell)[:300]
        problem = self._problem(number, said, name)
        if not problem:
            try:
                entrant = self._entrant(said, name)
                seed = float(said["seed"]) if "seed" in said else None
            except msgspec.ValidationError as error:
                problem = in_words(str(error))
            except ValueError:
                problem = f"the seed {said['seed']} is not a number"
        if problem:
            return Line(line=number, fate="wrong", said=text, problem=problem)
        self._lines[entrant.id] = number
        self._taken.add(entrant.id)
        before = self._known.get(entrant.id)
        fate: Fate = "added" if before is None else "left" if before == entrant else "changed"
        return Line(
            line=number,
            fate=fate,
            entrant=entrant,
            group=said.get("group", ""),
            seed=seed,
            said=text,
        )

    def _problem(self, number: int, said: dict[str, str], name: str) -> str:
        if not name:
            return "the name is missing"
        id_ = said.get("id")
        if id_ is not None:
            if not is_id(id_):
                return f"the id {id_} has other characters than letters, digits and . _ -"
            if id_ in self._lines:
                return f"the id {id_} stands on line {self._lines[id_]} already"
            return ""
        first = self._named.setdefault(name.casefold(), number)
        if first != number:
            return f"{name} stands on line {first} already; give both an id if they are two"
        return ""

    def _entrant(self, said: dict[str, str], name: str) -> Entrant:
        before = self._by_name.get(name.casefold())
        if "id" in said:
            before = self._known.get(said["id"])
        elif before is not None and before.id in self._lines:
            before = None
        id_ = said.get("id") or (before.id if before else id_of(name, self._taken))
        entrant = before or Entrant(id=id_, name=name)
        more: dict[str, Any] = {"name": name}
        more |= {field: said[field] for field in ("short", "say") if field in said}
        if "team" in said:
            more["team"] = said["team"] if is_id(said["team"]) else id_of(said["team"])
        attributes = {
            m.removeprefix(ATTRIBUTE): _value(cell)
            for m, cell in said.items()
            if m.startswith(ATTRIBUTE)
        }
        more["attributes"] = {**entrant.attributes, **attributes}
        made = replace(entrant, **more)
        return msgspec.convert(msgspec.to_builtins(made), Entrant)  # with the bounds of its fields


def _value(text: str) -> str | int | float:
    """A number where it is one; what begins with a nought (a bib, a chip) stays as written."""
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,9})\.[0-9]{1,6}", text):
        return float(text)
    return text
