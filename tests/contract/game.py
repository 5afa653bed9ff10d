"""Small football cups and prediction games over them, played over HTTP with a real worker."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Projection, Settings

API = "/api/v1/competitions"
MATCHES = [f"m{n}" for n in range(1, 5)]
CUP = {
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [
        {"id": id_, "entrants": ["ada", "bel"], "round": "Final" if id_ == "m4" else ""}
        for id_ in MATCHES
    ],
}
PARAMS = {"jokers": 1, "multipliers": {"Final": 3}}
PATIENT = Limits(wait_after_s=25.0)  # a busy machine takes a while to start a worker
QUICK = Projection(worker_poll_s=0.03, worker_settle_s=0.05, worker_publish_s=0.05)
_numbers = itertools.count(1)


class Play:
    """One cup and one game: what is said of them, and what the game shows."""

    def __init__(self, server: Running, admin: httpx2.AsyncClient, public: httpx2.AsyncClient):
        number = next(_numbers)
        self.cup, self.tips = f"cup-{number}", f"tips-{number}"
        self.server = server
        self.admin = admin
        self.public = public
        self.position = 0
        self._said = 0

    async def define(self, *, cup: dict[str, Any] | None = None, **params: Any) -> "Play":
        """Define both, the game with parameters of its own."""
        await self.define_cup(**(cup or {}))
        return await self.define_game(**params)

    async def define_cup(self, **more: Any) -> None:
        """Define the cup."""
        await self._define(CUP | more | {"slug": self.cup})

    async def define_game(self, **params: Any) -> "Play":
        """Define the game."""
        own = {"slug": self.tips, "name": "Tips", "sport": "predictions"}
        await self._define(own | {"params": {**PARAMS, "over": self.cup, **params}})
        return self

    async def _define(self, definition: dict[str, Any]) -> None:
        answer = await self.admin.post(API, json=definition)
        assert answer.status_code in (200, 201), answer.text
        self.position = answer.json()["position"]

    async def say(self, slug: str, type_: str, data: Any, **more: Any) -> str:
        """Say something; returns the record that it began or spoke of."""
        self._said += 1
        event = {"id": f"e{self._said}", "source": "desk", "type": type_, "data": data, **more}
        answer = await self.admin.post(f"{API}/{slug}/events", json=event)
        assert answer.status_code == 201, answer.text
        self.position = answer.json()["position"]
        return more.get("record", f"desk/e{self._said}")

    async def guess(self, user: str, contest: str, home: int, away: int, **more: Any) -> str:
        """A user's guess."""
        data = {"user": user, "contest": contest, "home": home, "away": away, **more}
        return await self.say(self.tips, "guess.made", data)

    async def goal(self, contest: str, team: str, minute: int = 1) -> str:
        """A goal, as a record."""
        data = {"team": team, "minute": minute}
        return await self.say(self.cup, "football.goal", data, contest=contest)

    async def final(self, contest: str, home: int, away: int) -> list[str]:
        """A match played to its end; the records of its goals and of the whistle."""
        teams = ["ada"] * home + ["bel"] * away
        records = [await self.goal(contest, team, n + 1) for n, team in enumerate(teams)]
        whistle = await self.say(self.cup, "football.full_time", {}, contest=contest)
        return [*records, whistle]

    async def correct(self, slug: str, record: str, action: str = "void", **data: Any) -> None:
        """An official's word about a record."""
        body = {"action": action, "reason": "put right"} | ({"data": data} if data else {})
        answer = await self.admin.post(f"{API}/{slug}/records/{record}/corrections", json=body)
        assert answer.status_code == 201, answer.text
        self.position = answer.json()["position"]

    async def document(self, **query: Any) -> dict[str, Any]:
        """The leaderboard with everything said so far in it."""
        asked = {"after": self.position, **query}
        answer = await self.public.get(f"{API}/{self.tips}/boards/leaderboard", params=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def board(self) -> dict[str, tuple[int, int]]:
        """Rank and points by user."""
        rows = (await self.document())["content"]["rows"]
        return {user: (row["rank"], row["figures"]["points"]) for user, row in rows.items()}

    async def user(self, name: str, *, public: bool = False) -> dict[str, Any]:
        """A user as a door shows it, with everything said so far in it."""
        return await self._shown(f"users/{name}", self.public if public else self.admin)

    async def league(self, name: str) -> list[tuple[str, int, int]]:
        """Users of a league with points and rank."""
        shown = await self._shown(f"leagues/{name}", self.public)
        return [(row["user"], row["points"], row["rank"]) for row in shown["rows"]]

    async def _shown(self, path: str, client: httpx2.AsyncClient) -> dict[str, Any]:
        await self.document()
        answer = await client.get(f"{API}/{self.tips}/{path}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@contextlib.asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[Running, Any, Any]]:
    """A server with a quick worker, a client that may do everything, and one of the public."""
    free = replace(settings, private_port=0, public_port=0, projection=QUICK, limits=PATIENT)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=30) as admin,
            httpx2.AsyncClient(base_url=server.public_url, timeout=30) as public,
        ):
            yield server, admin, public
