"""A small football cup and a prediction game over it, played over HTTP with a real worker."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.settings import Settings

API = "/api/v1/competitions"
MATCHES = [f"m{n}" for n in range(1, 5)]
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [
        {"id": id_, "entrants": ["ada", "bel"], "round": "Final" if id_ == "m4" else ""}
        for id_ in MATCHES
    ],
}
TIPS = {
    "slug": "tips",
    "name": "Tips",
    "sport": "predictions",
    "params": {"over": "cup", "jokers": 1, "multipliers": {"Final": 3}},
}


class Play:
    """What is said of the cup and the game, and what the game shows."""

    def __init__(self, server: Running, admin: httpx2.AsyncClient, public: httpx2.AsyncClient):
        self.server = server
        self.admin = admin
        self.public = public
        self.position = 0
        self._said = 0

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
        return await self.say("tips", "guess.made", data)

    async def goals(self, contest: str, *teams: str) -> list[str]:
        """Goals, as records."""
        return [
            await self.say("cup", "football.goal", {"team": t, "minute": n + 1}, contest=contest)
            for n, t in enumerate(teams)
        ]

    async def final(self, contest: str, home: int, away: int) -> list[str]:
        """A match played to its end; the records of its goals."""
        records = await self.goals(contest, *["ada"] * home, *["bel"] * away)
        await self.say("cup", "football.full_time", {}, contest=contest)
        return records

    async def correct(self, slug: str, record: str, action: str = "void", **data: Any) -> None:
        """An official's word about a record."""
        body = {"action": action, "reason": "put right"} | ({"data": data} if data else {})
        answer = await self.admin.post(f"{API}/{slug}/records/{record}/corrections", json=body)
        assert answer.status_code == 201, answer.text
        self.position = answer.json()["position"]

    async def document(self, **query: Any) -> dict[str, Any]:
        """The leaderboard with everything said so far in it."""
        asked = {"after": self.position, **query}
        answer = await self.public.get(f"{API}/tips/boards/leaderboard", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def board(self) -> dict[str, tuple[int, int]]:
        """Rank and points by user."""
        rows = (await self.document())["content"]["rows"]
        return {user: (row["rank"], row["figures"]["points"]) for user, row in rows.items()}

    async def user(self, name: str, *, public: bool = False) -> dict[str, Any]:
        """A user as a door shows it, with everything said so far in it."""
        await self.document()
        answer = await (self.public if public else self.admin).get(f"{API}/tips/users/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextlib.asynccontextmanager
async def playing(settings: Settings, *, tips: dict[str, Any] | None = TIPS) -> AsyncIterator[Play]:
    """A server with the cup, and with the game unless there is one already (None)."""
    free = replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=30) as admin,
            httpx2.AsyncClient(base_url=server.public_url, timeout=30) as public,
        ):
            for definition in (CUP, tips) if tips else ():
                answer = await admin.post(API, json=definition)
                assert answer.status_code == 201, answer.text
            yield Play(server, admin, public)
