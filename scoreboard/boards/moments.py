"""At which moments a competition can be looked at: the stops of a time machine's track.

Where boards were corrected is told by their own notices (`boards/{board}/corrections`).
"""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.finding import Finding
from scoreboard.errors import NotFound
from scoreboard.facts.instant import to_text
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import Endpoint, json_answer
from scoreboard.projections.history import History

MOMENTS_MAX = 400


class Moment(Struct, frozen=True):
    """An entry of the competition: its position, for `?at=`, and when it was received."""

    position: int
    at: str


class Track(Struct, frozen=True, kw_only=True):
    """Moments in order: all, or if there are too many so many evenly, with the first and last."""

    competition: str
    moments: Annotated[list[Moment], Meta(max_length=MOMENTS_MAX)]


class Moments:
    """The moments of competitions on one listener, for whom its boards are for."""

    def __init__(self, finding: Finding, history: History) -> None:
        self._finding = finding
        self._history = history

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/api/v1/competitions/{competition}/moments",
                handler=self.listed,
                summary="Positions and times at which the competition's boards can be read",
                description=f"At most {MOMENTS_MAX}, for `?at=` of boards.",
                tag="boards",
                key_shows_more=not self._finding.public,
                answers=(json_answer(Track, "the moments, the first first"), UNCHANGED),
                refusals=(NotFound,),
            )
        ]

    async def listed(self, request: Request) -> Response:
        """The moments of a competition."""
        slug = request.path_params["competition"]
        audience = await self._finding.audience(request.scope)
        found = await self._history.moments(slug, MOMENTS_MAX, public=audience.public)
        if not found:
            raise NotFound(f"there is no competition {slug}")
        moments = [Moment(position, to_text(received)) for position, received in found]
        return cacheable(request, Track(competition=slug, moments=moments))
