"""Why a row shows what it shows: each figure with the records that made it.

The public sees what happened; officials on the private listener see also who said it, and why a
record was corrected.
"""

from typing import Any
from urllib.parse import quote

from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.finding import Finding
from scoreboard.boards.queries import AFTER, AT, RULES, rules_of
from scoreboard.errors import BadInput, NotFound, TooLarge, Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_text
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import Endpoint, json_answer
from scoreboard.projections.attribution import Change, is_number
from scoreboard.projections.explaining import Explaining, Explanation


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a record: who said it (`source` is the device), when, and why."""

    version: int
    position: int
    action: str
    actor: str
    source: str
    received: str
    reason: str | None = None


class Joined(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record that another is combined with: an observation with a decision, or the other way.

    `by`: their `key`, the `time` (`distance_ms` apart), or an official's `ruling`, which is the
    record of that name. `href` is for officials.
    """

    record: str
    by: str
    distance_ms: int | UnsetType = UNSET
    ruling: str = ""
    href: str = ""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one record did to a figure.

    `change`: what it added, for numbers; `became`: what the figure was afterwards, for others (null
    if it was gone). `versions`: how many the record has. `remainder`, in place of a record: what
    was there from the `start`, or what facts about `others` did. `joined`: the records that this
    one is combined with.

    For officials: `href` of the record, and `said`: its versions, oldest first.
    """

    change: int | float | UnsetType = UNSET
    became: Any = UNSET
    remainder: str = ""
    contest: str = ""
    record: str = ""
    type: str = ""
    text: str = ""
    position: int = 0
    versions: int = 0
    joined: list[Joined] = []
    href: str = ""
    said: list[Said] = []


class Figure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure as the row shows it; the changes of a number add up to it exactly."""

    value: Any
    parts: list[Part]
    label: str = ""
    title: str = ""


class Explained(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row: where it stands, what decided that, and what its figures are made of.

    `rank` is left out where the board ranks nobody, `decided` where no tie-break was needed. `tied`
    says that none could part equals, `unplaced` that the entrant has no place and `rank` only says
    where it is listed. `position`: the last entry of the contests that were told.
    """

    competition: str
    board: str
    entrant: str
    position: int
    rules: int
    figures: dict[str, Figure]
    rank: int = 0
    group: str = ""
    group_rank: int = 0
    decided: str = ""
    tied: bool = False
    unplaced: bool = False
    frozen: bool = False


class Explain:
    """Explanations on one listener, for whom its boards are for."""

    def __init__(self, finding: Finding, explaining: Explaining) -> None:
        self._finding = finding
        self._explaining = explaining

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/api/v1/competitions/{competition}/boards/{board}/rows/{entrant}/explain",
                handler=self.explain,
                summary="The records behind a row's figures, and the tie-break that placed it",
                tag="boards",
                key_shows_more=not self._finding.public,
                parameters=(AT, RULES, AFTER),
                answers=(json_answer(Explained, "the row, figure by figure"), UNCHANGED),
                refusals=(BadInput, NotFound, TooLarge, Unavailable),
            )
        ]

    async def explain(self, request: Request) -> Response:
        """A row of the standings or of a box, as it stands or stood."""
        slug, board, entrant = (request.path_params[k] for k in ("competition", "board", "entrant"))
        audience = await self._finding.audience(request.scope)
        await self._finding.wait(request.scope, audience, request.query_params.get("after"))
        document = await self._finding.document(request.scope, audience)
        at = request.query_params.get("at")
        made = await self._explaining.row(
            slug,
            board,
            entrant,
            None if at is None else await self._finding.position(at),
            rules_of(request.query_params),
            public=audience.public,
        )
        row = made.row
        return cacheable(
            request,
            Explained(
                competition=slug,
                board=board,
                entrant=entrant,
                position=made.position,
                rules=made.rules,
                figures=figures_of(slug, made, for_officials=not audience.public),
                rank=row.rank,
                group=row.group,
                group_rank=row.group_rank,
                decided=row.decided,
                tied=row.tied,
                unplaced=row.unplaced,
                frozen=document.frozen,
            ),
        )


def figures_of(slug: str, made: Explanation, *, for_officials: bool) -> dict[str, Figure]:
    """Every figure of the row with its parts."""
    headed = {column.key: column for column in made.columns}
    by_figure: dict[str, list[Change]] = {figure: [] for figure in made.row.figures}
    for change in made.changes:
        by_figure[change.figure].append(change)
    found = {}
    for figure, changes in by_figure.items():
        counts = all(is_number(change.before) and is_number(change.after) for change in changes)
        found[figure] = Figure(
            value=made.row.figures[figure],
            label=headed[figure].label if figure in headed else "",
            title=headed[figure].title if figure in headed else "",
            parts=[
                part_of(slug, made, change, counts, for_officials)
                for change in changes
                if not counts or change.by  # that a number comes to be there at zero says nothing
            ],
        )
    return found


def part_of(
    slug: str, made: Explanation, change: Change, counts: bool, for_officials: bool
) -> Part:
    """One change of a figure; `counts`: whether the figure is a number throughout."""
    by = change.by if counts else None
    did: dict[str, Any] = {"became": change.after} if by is None else {"change": by}
    fact = change.fact
    if fact is None:
        return Part(**did, remainder=change.remainder, contest=change.contest)
    versions = made.versions[fact.record]
    if for_officials:
        did["href"] = href_of(slug, fact.record)
        did["said"] = [said_of(entry) for entry in versions]
    return Part(
        **did,
        contest=change.contest,
        record=fact.record,
        type=fact.type,
        text=made.texts.get(fact.record, ""),
        position=fact.position,
        versions=len(versions),
        joined=[
            Joined(record=other, href=href_of(slug, other) if for_officials else "", **why)
            for other, why in made.joined.get(fact.record, {}).items()
        ],
    )


def href_of(slug: str, record: str) -> str:
    """Where officials find a record's versions."""
    return f"/api/v1/competitions/{slug}/records/{quote(record)}"


def said_of(entry: Entry) -> Said:
    """A version of a record, as officials see it."""
    return Said(
        version=entry.version,
        position=entry.position,
        action=entry.action,
        actor=entry.actor,
        source=entry.source,
        received=to_text(entry.received),
        reason=entry.reason,
    )
