"""The doors of a game of predictions beside its leaderboard: a user, and leagues of friends."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from scoreboard.errors import NotFound, Unavailable
from scoreboard.facts.names import Id
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import COMPETITION, Endpoint, Parameter, json_answer
from scoreboard.predictions.reading import Predictions
from scoreboard.predictions.shown import LeagueShown, UserShown

IsOfficial = Callable[[Scope, str], Awaitable[bool]]
BASE = "/api/v1/competitions/{competition}"


class PredictionsDoors:
    """Users and leagues on one listener."""

    def __init__(
        self,
        predictions: Predictions,
        is_official: IsOfficial,
        is_hidden: Callable[[str], bool],
        *,
        public: bool,
    ) -> None:
        """`is_hidden`: whether the public is shown nothing new of a competition."""
        self._predictions = predictions
        self._is_official = is_official
        self._is_hidden = is_hidden
        self._public = public

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""

        def door(path: str, name: str, handler: Any, schema: type[Struct], what: str) -> Endpoint:
            id_ = Parameter(name=name, where="path", schema=Id, description=f"the {name}'s id")
            return Endpoint(
                method="GET",
                path=f"{BASE}/{path}/{{{name}}}",
                handler=handler,
                summary=what,
                tag="predictions",
                key_shows_more=not self._public,
                parameters=(COMPETITION, id_),
                answers=(json_answer(schema, "as published last"), UNCHANGED),
                refusals=(NotFound, Unavailable),
            )

        about_user = "A user of a prediction game: points, rank, neighbours, guesses"
        about_league = "A league of friends, ranked among themselves"
        return [
            door("users", "user", self._user, UserShown, about_user),
            door("leagues", "league", self._league, LeagueShown, about_league),
        ]

    async def _user(self, request: Request) -> Response:
        slug, user = request.path_params["competition"], request.path_params["user"]
        public = await self._as_public(request, slug)
        found = await self._predictions.user(slug, user, public=public)
        if found is None:
            raise NotFound(f"nobody called {user} has guessed in {slug}, as far as is published")
        return cacheable(request, found)

    async def _league(self, request: Request) -> Response:
        slug, league = request.path_params["competition"], request.path_params["league"]
        await self._as_public(request, slug)
        found = await self._predictions.league(slug, league)
        if found is None:
            raise NotFound(f"there is no league {league} in {slug}, as far as is published")
        return cacheable(request, found)

    async def _as_public(self, request: Request, slug: str) -> bool:
        """Whether who asks is the public; NotFound if it is not shown the game now."""
        public = self._public or not await self._is_official(request.scope, slug)
        if public and self._is_hidden(slug):
            raise NotFound(f"{slug} is frozen: its leaderboard shows how it stood")
        return public
