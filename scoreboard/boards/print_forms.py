"""Forms for paper: which columns a printed table has, and the words around it. Data, never code.

A form is a TOML file, one of those shipped (`config/forms`) or in the folder `forms` of the data
folder, where whoever runs the competition may put a federation's own; with a shipped one's name it
takes its place. Files are read when they are asked for, at most `FORMS_MAX` of `FORM_BYTES_MAX`;
one that is not good is left out, and the private listener says why.
"""

import asyncio
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.sheets import About
from scoreboard.facts.names import ID_PATTERN
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import Endpoint, json_answer

PATH = "/api/v1/forms"
FORMS_MAX = 50
FORM_BYTES_MAX = 32_000
PLACEHOLDERS = frozenset({
    "name", "competition", "contest", "contest_name", "group", "group_name", "position", "as_of",
    "state", "status", "hash",
})  # fmt: skip
"""What may stand in braces in a line, such as `{name}`: fields of the table that is printed."""
NAMED = re.compile(r"\{([^{}]*)\}")
Line = Annotated[str, Meta(max_length=200)]
Lines = Annotated[list[Line], Meta(max_length=12)]
Key = Annotated[str, Meta(min_length=1, max_length=80)]


class FormColumn(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A column of the table; `key` as in a table's own columns.

    `figures` stands for all figures, `blank` for a column to be filled in by hand. `wide`: it takes
    what room is left.
    """

    key: Key
    title: Line = ""
    align: Literal["left", "right", "center"] = "left"
    wide: bool = False


class FormFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form as it is written. Without `columns` it has all that the table has.

    `order`: keys of columns to sort by; without it, the table's own. `sport`: it is for
    competitions of this sport alone.
    """

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    about: About
    sport: Line = ""
    paper: Literal["A4", "Letter"] = "A4"
    landscape: bool = False
    columns: Annotated[list[FormColumn], Meta(max_length=40)] = []
    order: Annotated[list[Key], Meta(max_length=5)] = []
    header: Lines = []
    footer: Lines = []
    signatures: Lines = []


class PrintForm(Struct, frozen=True, kw_only=True):
    """A form, by the name of its file."""

    name: str
    form: FormFile


class RefusedForm(Struct, frozen=True):
    """A file that is no form, and why."""

    file: str
    reason: str


class PrintForms(Struct, frozen=True, kw_only=True):
    """All forms by name; what was left out, on the private listener."""

    forms: Annotated[list[PrintForm], Meta(max_length=2 * FORMS_MAX)]
    refused: list[RefusedForm] = []


class PrintFormsDoor:
    """The forms that a listener has."""

    def __init__(self, data: Path, *, private: bool) -> None:
        self._own = data / "forms"
        self._private = private

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="Forms for printed results and start lists",
                tag="boards",
                answers=(json_answer(PrintForms, "forms by name"), UNCHANGED),
            )
        ]

    async def _list(self, request: Request) -> Response:
        found = await asyncio.to_thread(forms_in, self._own)
        if not self._private:
            found = PrintForms(forms=found.forms)
        return cacheable(request, found)


def forms_in(own: Path) -> PrintForms:
    """The shipped forms and those of a folder, which need not be there."""
    shipped = files("scoreboard") / "_forms"
    folder: Traversable = shipped if shipped.is_dir() else beside_the_package()
    found: dict[str, PrintForm] = {}
    refused = []
    for file in [*tomls(folder), *tomls(own)]:
        name = file.name.removesuffix(".toml")
        try:
            found[name] = PrintForm(name=name, form=read(name, file))
        except (OSError, ValueError, msgspec.ValidationError) as error:
            refused.append(RefusedForm(file.name, str(error)))
    return PrintForms(forms=[found[name] for name in sorted(found)], refused=refused)


def beside_the_package() -> Path:
    """Where shipped forms are in a checkout."""
    return Path(__file__).parents[2] / "config" / "forms"


def tomls(folder: Traversable) -> Iterator[Traversable]:
    """The first files of a folder by name."""
    if not folder.is_dir():
        return
    own = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    yield from sorted(own, key=lambda file: file.name)[:FORMS_MAX]


def read(name: str, file: Traversable) -> FormFile:
    """A form; ValueError says what is wrong with it."""
    if not re.fullmatch(ID_PATTERN, name):
        raise ValueError("a form's file is named by letters, digits, dots, underscores and hyphens")
    with file.open("rb") as opened:
        body = opened.read(FORM_BYTES_MAX + 1)
    if len(body) > FORM_BYTES_MAX:
        raise ValueError(f"a form has at most {FORM_BYTES_MAX} bytes")
    form = msgspec.convert(tomllib.loads(body.decode()), FormFile)
    for line in [form.title, *form.header, *form.footer, *form.signatures]:
        for named in NAMED.findall(line):
            if named not in PLACEHOLDERS:
                known = ", ".join(sorted(PLACEHOLDERS))
                raise ValueError(f"{{{named}}} is nothing that a form can say; it can: {known}")
    return form
