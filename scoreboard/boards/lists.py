"""Results and start lists, for other programs, spreadsheets and paper.

They are made from the boards that whoever asks may see, at the moment that is asked for: a freeze
holds here as it does there.
"""

import re
from collections.abc import Awaitable, Callable

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.finding import Finding
from scoreboard.boards.queries import AT
from scoreboard.boards.sheets import (
    Sheet,
    contest_results_of,
    names_nobody,
    results_of,
    starts_of,
)
from scoreboard.boards.spreadsheet import csv_of
from scoreboard.errors import BadInput, NotFound, Unavailable
from scoreboard.http.cached import UNCHANGED, cacheable, etag_of, none_match
from scoreboard.http.endpoint import Answer, Content, Endpoint, Handler, Parameter, json_answer
from scoreboard.projections.history import History
from scoreboard.projections.render import BOX, CONTESTS, STANDINGS

Asked = Callable[[Request], Awaitable[Sheet]]
CSV = "text/csv"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]")  # in a file's name
BASE = "/api/v1/competitions/{competition}"
CONTEST = Parameter(name="contest", schema=str, description="of one contest alone")
GROUP = Parameter(name="group", schema=str, description="of one group or division alone")
BOM = Parameter(
    name="bom", schema=bool, description="begin with a byte order mark, for old spreadsheets"
)


class Lists:
    """Tables of a listener's boards."""

    def __init__(self, finding: Finding, history: History) -> None:
        self._finding = finding
        self._history = history

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        made = []
        for name, words, sheet in (
            ("results", "Results: of the competition, a group, a contest", self._results),
            ("startlist", "Who starts where and when", self._starts),
        ):
            made.append(
                self._endpoint(
                    f"{BASE}/{name}.json", words, as_json(self._hashed(sheet)), json=True
                )
            )
            made.append(self._endpoint(f"{BASE}/{name}.csv", words, as_csv(name, sheet)))
        return made

    def _endpoint(self, path: str, words: str, handler: Handler, *, json: bool = False) -> Endpoint:
        refusals = (BadInput, NotFound, Unavailable)
        table = Answer(status=200, description="the table", contents=(Content(CSV, str),))
        return Endpoint(
            method="GET",
            path=path,
            handler=handler,
            summary=words,
            description="Stamped with position and time of the board that it shows, and with "
            "whether that can still change.",
            tag="boards",
            key_shows_more=not self._finding.public,
            parameters=(CONTEST, GROUP, AT) if json else (CONTEST, GROUP, AT, BOM),
            answers=(json_answer(Sheet, "the table") if json else table, UNCHANGED),
            refusals=refusals,
        )

    def _hashed(self, sheet: Asked) -> Asked:
        """The table with the hash of its entry, where the ledger is no secret."""
        if self._finding.public:
            return sheet

        async def asked(request: Request) -> Sheet:
            made = await sheet(request)
            entry = await self._history.past.entry(made.position)
            return replace(made, hash=entry.hash.hex()) if entry else made

        return asked

    async def _results(self, request: Request) -> Sheet:
        query = request.query_params
        contest, group, at = query.get("contest"), query.get("group"), query.get("at")
        if contest is None:
            return results_of(await self._finding.asked(request.scope, STANDINGS, at), group)
        contests = await self._finding.asked(request.scope, CONTESTS, at)
        if contest not in contests.content["rows"]:
            raise NotFound(f"there is no contest {contest}", pointer="/contest")
        box = await self._finding.asked(request.scope, BOX + contest, at)
        return contest_results_of(box, contests, contest, group)

    async def _starts(self, request: Request) -> Sheet:
        query = request.query_params
        contests = await self._finding.asked(request.scope, CONTESTS, query.get("at"))
        everybody = []
        if names_nobody(contests):
            everybody = await self._everybody(request, query.get("at"))
        return starts_of(contests, query.get("contest"), query.get("group"), everybody)

    async def _everybody(self, request: Request, at: str | None) -> list[dict[str, str]]:
        """All entrants, as far as whoever asks may know of them."""
        audience = await self._finding.audience(request.scope)
        position = await self._finding.position(at) if at else self._finding.newest
        slug = request.path_params["competition"]
        definition = await self._history.definition(slug, position, public=audience.public)
        return [
            {"id": one.id, "name": one.name, "short": one.short or one.name}
            for one in (definition.entrants.values() if definition else ())
            if not one.withdrawn
        ]


def as_json(sheet: Asked) -> Handler:
    """The table as JSON."""

    async def answer(request: Request) -> Response:
        return cacheable(request, await sheet(request))

    return answer


def as_csv(name: str, sheet: Asked) -> Handler:
    """The table as a file for a spreadsheet."""

    async def answer(request: Request) -> Response:
        bom = request.query_params.get("bom", "false")
        if bom not in ("true", "false"):
            raise BadInput("bom is true or false", pointer="/bom")
        made = await sheet(request)
        body = csv_of(made, bom=bom == "true")
        etag = etag_of(body)
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if not none_match(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        words = (made.competition, name, made.contest, made.group)
        file = UNSAFE.sub("_", "-".join(word for word in words if word))
        headers["Content-Disposition"] = f'attachment; filename="{file}.csv"'
        return Response(body, headers=headers, media_type=CSV)

    return answer
