"""The log of a competition for officials: what was said, by whom, newest first, and as it comes."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.admin.log_streams import Line, LogStreams, Wanted, line_of
from scoreboard.errors import BadInput, Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.http.body import page_size, whole_number
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.http.openapi import sse_item
from scoreboard.ingest.gate import Gate
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/entries"
POSITION_MAX = 2**62  # beyond all of them
USUAL = 100
Position = Annotated[int, Meta(ge=0)]
WHICH = tuple(
    Parameter(name=name, schema=str, description=f"only entries of this {name}")
    for name in ("source", "contest", "type", "record")
)
BETWEEN = (
    Parameter(name="after", schema=Position, description="only entries beyond this position"),
    Parameter(name="before", schema=Position, description="only entries below this position"),
    Parameter(
        name="order",
        schema=Literal["newest", "oldest"],
        description="which come first; the newest if it is left out",
    ),
)
ITEM = sse_item(dict[str, Any], "entries", "more", "heartbeat", "bye")


class LogPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Entries in order. `next`: where to go on (as `before`, or `after` if the oldest come first).

    There may be a `next` with few entries, or none: so many were looked through.
    """

    entries: list[Line]
    next: int | None = None


class Log:
    """A competition's entries for officials."""

    def __init__(self, gate: Gate, streams: LogStreams, limits: Limits) -> None:
        self._gate = gate
        self._streams = streams
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        limit = Parameter(
            name="limit",
            schema=Annotated[int, Meta(ge=1, le=self._limits.log_page_entries_max)],
            description=f"so many at most; {USUAL} if it is left out",
        )
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._read,
                summary="What was said in a competition, entry by entry",
                tag="records",
                role="official",
                parameters=(*BETWEEN, limit, *WHICH),
                answers=(json_answer(LogPage, "entries"),),
                refusals=(BadInput,),
            ),
            Endpoint(
                method="GET",
                path=f"{PATH}/stream",
                handler=self._follow,
                raw=True,
                summary="What is said in a competition, as it comes (server-sent events)",
                description="`entries` bring what is new, `more` says that there was too much at "
                "once: from `after` to `upto`, to be read from the log. Ids are positions; who "
                "returns with one goes on behind it.",
                tag="records",
                role="official",
                parameters=(BETWEEN[0], *WHICH),
                answers=(
                    Answer(
                        status=200,
                        description="entries, more, heartbeat, bye",
                        contents=(Content("text/event-stream", ITEM),),
                    ),
                ),
                refusals=(BadInput, Unavailable),
            ),
        ]

    async def _read(self, request: Request) -> Response:
        slug, query = request.path_params["competition"], request.query_params
        await self._gate.ensure_known(slug)
        wanted = wanted_of(slug, query)
        page = await self._streams.page(
            wanted,
            after=position_of(query, "after", 0),
            before=position_of(query, "before", POSITION_MAX),
            limit=page_size(query.get("limit"), USUAL, self._limits.log_page_entries_max),
            newest_first=newest_first(query),
        )
        return page_response(*page)

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        slug, query = scope["path_params"]["competition"], request.query_params
        await self._gate.ensure_known(slug)
        last = request.headers.get("last-event-id") or query.get("after")
        after = None if last is None else whole_number(last, "after", POSITION_MAX)
        await self._streams.follow(wanted_of(slug, query), after, scope, receive, send)


def wanted_of(slug: str, query: Any) -> Wanted:
    """The entries that a query asks for."""
    return Wanted(
        competition=slug,
        **{name: query.get(name) or None for name in ("source", "contest", "type", "record")},
    )


def position_of(query: Any, name: str, otherwise: int) -> int:
    """A position in a query; BadInput for what is none."""
    text = query.get(name)
    return otherwise if text is None else whole_number(text, name, POSITION_MAX)


def newest_first(query: Any) -> bool:
    """Whether a query asks for the newest entries first; BadInput for an order that is none."""
    order = query.get("order", "newest")
    if order not in ("newest", "oldest"):
        raise BadInput("there is no such order", pointer="/order", hint="newest or oldest")
    return bool(order == "newest")


def page_response(entries: list[Entry], next_: int | None) -> Response:
    """Entries as they are answered."""
    return uncached(LogPage(entries=[line_of(entry) for entry in entries], next=next_))
