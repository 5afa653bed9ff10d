"""What devices observed and officials decided that could not be joined: listed, and ruled on.

The list is made from the officials' boards `reconciliation:CONTEST`. A ruling is an entry of the
contest with a reason, so that it can be undone like any other; officials can also send it as an
event (`ruling.linked`, `ruling.unlinked`, `ruling.dismissed`).
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.corrections import Corrected
from scoreboard.errors import BadInput, Conflict, NotFound, ScoreboardError, Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event
from scoreboard.facts.names import Id, Text200, Text500
from scoreboard.facts.reconciling import DISMISSED, LINKED, UNLINKED
from scoreboard.facts.ruling import in_force
from scoreboard.http.body import page_size, read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import status_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.contest import fact_of
from scoreboard.projections.in_time import TIMELESS
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import RECONCILIATION
from scoreboard.settings import Limits
from scoreboard.sports.joining import Join, Side

PATH = "/api/v1/competitions/{competition}/reconciliation"
LISTED, LISTED_MAX = 100, 500
Place = tuple[str, int, str]
"""Where a row stands in the list: contest, time, record."""


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a record could be joined with; `taken`: it is joined with another already.

    `distance_ms`: how far apart in time they are, where both have a time. `entrant`: of whom it
    speaks, which may be somebody else.
    """

    record: str
    distance_ms: int | UnsetType = UNSET
    taken: bool = False
    entrant: str = ""


class Waits(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An observation or decision that waits: nothing fits, or several do about as well.

    `said`: its payload. `at_ms`: when, on the clock by which distances are measured. `repeats`:
    further observations of the same. `candidates`: the nearest first. `href`: its versions.
    """

    contest: str
    record: str
    side: Side
    why: Literal["unmatched", "doubtful"]
    type: str
    said: dict[str, Any]
    href: str
    candidates: list[Candidate]
    entrant: str = ""
    at_ms: int | UnsetType = UNSET
    repeats: list[str] = []


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What waits, by contest and time; `total` of all contests asked for.

    `next`: to be sent as `after` for more; left out at the end.
    """

    waiting: list[Waits]
    total: int
    next: str = ""


class Ruling(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="action", tag=str.lower
):
    """What an official rules, and why; `id`: of the sender's making, to send it again."""

    reason: Text500
    id: Text200 | None = None


class Link(Ruling, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An observation and a decision belong together."""

    observed: Text500
    decided: Text500


class Unlink(Ruling, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An observation and a decision do not belong together."""

    observed: Text500
    decided: Text500


class Dismiss(Ruling, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record is joined with nothing and waits no longer."""

    record: Text500


Order = Link | Unlink | Dismiss
KINDS = {Link: LINKED, Unlink: UNLINKED, Dismiss: DISMISSED}


class Reconciling:
    """The list of what waits, and officials' rulings."""

    def __init__(
        self, gate: Gate, ledger: Ledger, projection: BoardsProjection, limits: Limits
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._projection = projection
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                role="official",
                summary="Observations and decisions that wait for an official",
                tag="reconciliation",
                parameters=(
                    COMPETITION,
                    Parameter(name="contest", schema=Id, description="of this contest only"),
                    Parameter(
                        name="limit",
                        schema=Annotated[int, Meta(ge=1, le=LISTED_MAX)],
                        description=f"so many at most ({LISTED} if left out)",
                    ),
                    Parameter(name="after", schema=str, description="`next` of the page before"),
                ),
                answers=(json_answer(Listed, "what waits, by contest and time"),),
                refusals=(BadInput, NotFound, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._rule,
                role="official",
                summary="Link, unlink or dismiss",
                tag="reconciliation",
                parameters=(COMPETITION,),
                request=(Content(JSON, Order),),
                answers=(
                    json_answer(Corrected, "the ruling is in the ledger", status=201),
                    json_answer(Corrected, "it was there already"),
                ),
                refusals=(BadInput, NotFound, Conflict),
            ),
        ]

    # the list -----------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        slug, query = request.path_params["competition"], request.query_params
        await self._gate.ensure_known(slug)
        limit = page_size(query.get("limit"), LISTED, LISTED_MAX)
        after = place_of(query["after"]) if "after" in query else None
        await self._projection.until_shown(self._ledger.head.position)
        await self._projection.shelving.bring(slug)
        boards = self._boards(slug, query.get("contest"))
        rows = sorted(self._rows(boards), key=lambda one: one[0])
        page = [one for one in rows if after is None or one[0] > after]
        listed = Listed(
            waiting=[waits_of(slug, place, row) for place, row in page[:limit]],
            total=sum(content["total"] for _, content in boards),
            next=text_of(page[limit - 1][0]) if len(page) > limit else "",
        )
        return Response(msgspec.json.encode(listed), media_type=JSON)

    def _boards(self, slug: str, contest: str | None) -> list[tuple[str, dict[str, Any]]]:
        """The contents of the boards of what waits, by contest."""
        shelf = self._projection.shelf
        names = [name for name in shelf.names(slug) if name.startswith(RECONCILIATION)]
        if contest is not None:
            names = [name for name in names if name == RECONCILIATION + contest]
        found = [(name, shelf.get(slug, name)) for name in names]
        return [(name.removeprefix(RECONCILIATION), one.content) for name, one in found if one]

    @staticmethod
    def _rows(
        boards: Sequence[tuple[str, dict[str, Any]]],
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        for contest, content in boards:
            for record, row in content["rows"].items():
                yield (contest, row.get("at_ms", TIMELESS), record), row

    # rulings ------------------------------------------------------------------------------------

    async def _rule(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        order: Order = await read_struct(request, Order, self._limits.form_bytes_max)  # type: ignore[arg-type]
        principal = principal_of(request)
        said = msgspec.structs.asdict(order)
        reason, id_ = said.pop("reason"), said.pop("id")
        event = Event(
            id=id_ or f"ruling-{secrets.token_hex(8)}",
            type=KINDS[type(order)].type,
            source=principal.actor,
            contest=await self._contest(slug, said),
            reason=reason,
            data=Raw(msgspec.json.encode(said)),
        )
        [outcome] = await self._gate.submit(principal, slug, [event])
        if isinstance(outcome, ScoreboardError):
            raise outcome
        ruled = Corrected(outcome.position, outcome.record, outcome.version)
        return Response(msgspec.json.encode(ruled), status_of(outcome), media_type=JSON)

    async def _contest(self, slug: str, said: dict[str, str]) -> str:
        """The contest of the records that a ruling names, each on the side that it is said of."""
        named = [record for record in said.values() if "\0" not in record]  # none has one
        known = await self._ledger.versions(slug, named)
        contests = set()
        for field, record in said.items():
            versions = known.get(record)
            if not versions or versions[0].contest is None:
                raise NotFound(f"{slug} has no record {record} in a contest", pointer=f"/{field}")
            contests.add(versions[0].contest)
            await self._ensure_joins(slug, versions, field)
        if len(contests) > 1:
            raise Conflict(
                "these are records of different contests", hint="correct the one that is misplaced"
            )
        return str(contests.pop())

    async def _ensure_joins(self, slug: str, versions: Sequence[Entry], field: str) -> None:
        """Conflict unless a record counts, and is joined on the side that the field names."""
        projection = self._projection
        async with projection.folding:
            fold = await projection.folds.competition(slug)
        contest = fold.contest_defined(versions[0].contest or "")
        join = fold.sport.join(contest) if fold.sport else None
        standing = in_force(versions)
        kind = fold.kinds.get(standing.type) if standing else None
        if standing is None or kind is None or join is None:
            raise Conflict(
                f"{versions[0].record} does not count or is never joined", pointer=f"/{field}"
            )
        sides = types_of(join, field)
        if standing.type not in sides or join.scope(fact_of(standing, versions[0], kind)) is None:
            raise Conflict(
                f"{versions[0].record} ({standing.type}) is not to be joined here",
                pointer=f"/{field}",
                hint=f"{field}: {', '.join(sorted(sides))}",
            )


def types_of(join: Join, field: str) -> frozenset[str]:
    """The types of records that a field of a ruling may name."""
    if field == "observed":
        return join.observed
    return join.decided if field == "decided" else join.observed | join.decided


def text_of(place: Place) -> str:
    """A place in the list as it goes into an address."""
    return "/".join(map(str, place))


def place_of(text: str) -> Place:
    """A place in the list from an address; BadInput if it is none."""
    contest, _, rest = text.partition("/")
    at, _, record = rest.partition("/")
    digits = at.removeprefix("-")
    if not (record and digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise BadInput("after is the `next` of a page", pointer="/after")
    return contest, int(at), record


def waits_of(slug: str, place: Place, row: dict[str, Any]) -> Waits:
    """A row of the board as it is listed."""
    contest, _, record = place
    candidates = [Candidate(record=other, **about) for other, about in row["candidates"].items()]
    candidates.sort(key=lambda one: (one.distance_ms is UNSET, one.distance_ms or 0, one.record))
    shown = {name: value for name, value in row.items() if name != "candidates"}
    href = f"/api/v1/competitions/{slug}/records/{quote(record)}"
    return Waits(contest=contest, record=record, href=href, candidates=candidates, **shown)
