"""What helps to make a competition; all of it answers and stores nothing.

GET  /api/v1/templates          the examples that come with the program
GET  /api/v1/sports             what each sport is and what parameters it takes
POST /api/v1/definition-checks  all that is wrong with a definition, by line
POST /api/v1/entry-lists        entrants out of a spreadsheet's rows, to be looked at
POST /api/v1/schedules          contests drawn from entrants, to be looked at
"""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.errors import UnsupportedMedia
from scoreboard.facts.competition import Competition, Contest
from scoreboard.facts.drawing import Wanted, drawn
from scoreboard.facts.entry_list import Asked, EntryList
from scoreboard.facts.entry_list import read as read_entrants
from scoreboard.http.body import media_of, read_body, read_struct
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import JSON, Content, Endpoint, json_answer
from scoreboard.ingest.written import Problem, Unreadable, problems, read
from scoreboard.settings import Limits
from scoreboard.sports.described import Taken, parameters
from scoreboard.sports.registry import Sports

TOML = "application/toml"


class Template(Struct, frozen=True, kw_only=True):
    """An example; `about` is the comment that it begins with, `text` the whole of it."""

    name: str
    about: str
    title: str
    sport: str
    text: str
    competition: Competition


class SportTaken(Struct, frozen=True, kw_only=True):
    """A sport that is installed. `apart`: its competitions are over others (predictions).

    `simulates`: whether a rehearsal can be made up.
    """

    name: str
    title: str
    rulebook: str
    apart: bool
    simulates: bool
    params: list[Taken]


class Checked(Struct, frozen=True, kw_only=True):
    """A definition as it was understood (null if it was not), and what is wrong with it."""

    problems: list[Problem]
    competition: Competition | None = None


class Drawn(Struct, frozen=True, kw_only=True):
    """Contests, in the order in which they are held."""

    contests: list[Contest]


class Setup:
    """What the set-up page asks; for admins, on the private listener alone."""

    def __init__(self, sports: Sports, limits: Limits) -> None:
        self._sports = sports
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/api/v1/templates",
                handler=self._templates,
                summary="Examples of competitions",
                tag="set-up",
                role="admin",
                answers=(json_answer(list[Template], "by name"), UNCHANGED),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/sports",
                handler=self._list_sports,
                summary="The sports that are installed, and their parameters",
                tag="set-up",
                role="admin",
                answers=(json_answer(list[SportTaken], "by name"), UNCHANGED),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/definition-checks",
                handler=self._check,
                summary="What is wrong with a definition, without making it",
                tag="set-up",
                role="admin",
                request=(Content(JSON, {}), Content(TOML, {"type": "string"})),
                answers=(json_answer(Checked, "all problems, by line"),),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/entry-lists",
                handler=self._read_entrants,
                summary="What a list of entrants would enter, without entering it",
                tag="set-up",
                role="admin",
                request=(Content(JSON, Asked),),
                answers=(json_answer(EntryList, "columns and lines as they were understood"),),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/schedules",
                handler=self._draw,
                summary="Contests between entrants, without announcing them",
                tag="set-up",
                role="admin",
                request=(Content(JSON, Wanted),),
                answers=(json_answer(Drawn, "the contests"),),
            ),
        ]

    async def _templates(self, request: Request) -> Response:
        return cacheable(request, templates())

    async def _list_sports(self, request: Request) -> Response:
        found = [
            SportTaken(
                name=name,
                title=sport.title,
                rulebook=sport.rulebook,
                apart=sport.apart,
                simulates=self._sports.simulates(name),
                params=parameters(sport.Params),
            )
            for name, sport in sorted(self._sports.classes.items())
        ]
        return cacheable(request, found)

    async def _check(self, request: Request) -> Response:
        media = media_of(request.headers)
        if media not in (JSON, TOML):
            said = f"{media or 'no content type'} is not read here"
            raise UnsupportedMedia(said, hint=f"send {JSON} or {TOML}")
        raw = await read_body(request.scope, request.receive, self._limits.definition_bytes_max)
        try:
            lines, written = read(raw, is_toml=media == TOML)
        except Unreadable as error:
            return _json(Checked(problems=[Problem(line=error.line, message=error.message)]))
        found = problems(lines, written, self._sports)
        understood = None if found else msgspec.convert(written, Competition)
        return _json(Checked(problems=found, competition=understood))

    async def _read_entrants(self, request: Request) -> Response:
        asked = await read_struct(request, Asked, self._limits.definition_bytes_max)
        return _json(read_entrants(asked))

    async def _draw(self, request: Request) -> Response:
        wanted = await read_struct(request, Wanted, self._limits.definition_bytes_max)
        return _json(Drawn(contests=drawn(wanted)))


@cache
def templates() -> list[Template]:
    """The examples, as they are in the wheel, or beside the package in a checkout."""
    shipped = files("scoreboard") / "_examples"
    folder = shipped if shipped.is_dir() else Path(__file__).parents[2] / "config" / "examples"
    found = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            text = file.read_text(encoding="utf-8")
            made = msgspec.convert(tomllib.loads(text), Competition)
            found.append(
                Template(
                    name=file.name.removesuffix(".toml"),
                    about=_about(text),
                    title=made.name,
                    sport=made.sport,
                    text=text,
                    competition=made,
                )
            )
    return found


def _about(text: str) -> str:
    """The first paragraph of the comment that a file begins with."""
    about: list[str] = []
    for line in text.splitlines():
        words = line.removeprefix("#").strip()
        if not line.startswith("#") or not words:
            break
        about.append(words)
    return " ".join(about)


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type=JSON)
