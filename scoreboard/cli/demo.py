"""A made-up tournament, played live into a real server over its own HTTP door.

Matches go as football makes them up for rehearsals. Devices retry (the same event twice), a judge
errs (a goal that is voided a moment later, another put back), and everything a spectator sees comes
through the ledger as it would in a hall.
"""

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import httpx2
import msgspec

from scoreboard import settings as settings_
from scoreboard.app import running
from scoreboard.cli.console import console
from scoreboard.cli.starting import announce
from scoreboard.facts.competition import Competition, Definition
from scoreboard.http.listeners import loop_factory, stop_on_signals
from scoreboard.settings import Settings
from scoreboard.sports.football import Football, FootballParams
from scoreboard.sports.football.facts import Goal
from scoreboard.telemetry import configure_logging

TEAMS = {
    "north": ["Arvik", "Belmora", "Castrel", "Dunhaven"],
    "south": ["Estoria", "Fjellby", "Glenmoor", "Halden"],
}
SLUG = "harbour-cup"
SPEED = 180.0
RECONSIDERED = 0.3  # goals that the judge looks at again
TYPES = {kind.newest: kind.type for kind in Football.fact_kinds}


@click.command()
@click.option("--private-port", type=int, default=8080, show_default=True)
@click.option("--public-port", type=int, default=8081, show_default=True)
@click.option("--seconds", type=float, help="Stop by itself after so long.")
def demo(private_port: int, public_port: int, seconds: float | None) -> None:
    """Play a made-up football tournament into a real server, in a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="scoreboard-demo-") as folder:
        settings = settings_.load(
            data=folder, database="", private_port=private_port, public_port=public_port
        )
        configure_logging("warning")
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(play(settings, seconds))


async def play(settings: Settings, seconds: float | None) -> None:
    """The server and the tournament, until a signal or until time is up."""
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with running(settings) as server:
            announce(server.sockets, server.admin_key)
            watch = f"\nwatch it: {server.public_url}/c/{SLUG}"
            console.print(watch, style="bold", markup=False, soft_wrap=True)
            async with httpx2.AsyncClient(
                base_url=server.private_url,
                headers={"Authorization": f"Bearer {server.admin_key}"},
            ) as client:
                tournament = asyncio.create_task(Tournament(client, random.Random(7)).play())
                await until(stop, tournament, seconds)


async def until(
    stop: asyncio.Event, tournament: "asyncio.Task[None]", seconds: float | None
) -> None:
    """Wait for a signal or the time; the tournament's own end leaves the boards up."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    tournament.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await tournament


def pairs(ids: list[str]) -> Iterator[tuple[str, str]]:
    """Everybody against everybody, once."""
    for place, home in enumerate(ids):
        for away in ids[place + 1 :]:
            yield home, away


def definition() -> dict[str, Any]:
    """Eight teams in two groups; the matches of a round are played at once."""
    kick_off = datetime.now(UTC).replace(microsecond=0)
    entrants, groups, contests = [], [], []
    for group, names in TEAMS.items():
        ids = [name.lower() for name in names]
        entrants += [
            {"id": id_, "name": name, "short": name[:3].upper()}
            for id_, name in zip(ids, names, strict=True)
        ]
        groups.append({"id": group, "name": f"Group {group.title()}", "entrants": ids})
        for number, (home, away) in enumerate(pairs(ids)):
            contests.append(
                {
                    "id": f"{group}-{number + 1}",
                    "name": f"{home.title()} v {away.title()}",
                    "entrants": [home, away],
                    "group": group,
                    "place": f"Pitch {'12'[group == 'south']}",
                    "start": (kick_off + timedelta(seconds=40 * number)).isoformat(),
                }
            )
    return {
        "slug": SLUG,
        "name": "Harbour Cup",
        "sport": "football",
        "place": "Harbour Park",
        "entrants": entrants,
        "groups": groups,
        "contests": contests,
    }


class Tournament:
    """What the devices and the judge of the tournament send."""

    def __init__(self, client: httpx2.AsyncClient, chance: random.Random) -> None:
        self._client = client
        self._chance = chance
        self._number = 0
        self._definition: Definition

    async def play(self) -> None:
        """Define the competition and play every match, two at a time."""
        made = definition()
        self._definition = Definition(msgspec.convert(made, Competition))
        (await self._client.post("/api/v1/competitions", json=made)).raise_for_status()
        by_group = {g: [c for c in made["contests"] if c["group"] == g] for g in TEAMS}
        await asyncio.gather(*(self._play_all(matches) for matches in by_group.values()))

    async def _play_all(self, matches: list[dict[str, Any]]) -> None:
        for match in matches:
            await self._play_match(match)

    async def _play_match(self, match: dict[str, Any]) -> None:
        """As football makes a match up; a first goal comes at once in the first ones."""
        contest = self._definition.contests[match["id"]]
        said = list(Football(FootballParams()).simulate(self._definition, contest, self._chance))
        if match["id"].endswith("-1"):
            said.append((120.0, Goal(team=match["entrants"][0], minute=2, player="9")))
        said.sort(key=lambda saying: saying[0])
        before_s = 0.0
        for at_s, payload in said:
            await asyncio.sleep((at_s - before_s) / SPEED)
            before_s = at_s
            record = await self._post(match, TYPES[type(payload)], msgspec.to_builtins(payload))
            if isinstance(payload, Goal) and self._chance.random() < RECONSIDERED:
                await self._reconsider(record, payload.minute)

    async def _reconsider(self, record: str, minute: int) -> None:
        """The judge takes a goal back, and now and then has to put it up again."""
        await asyncio.sleep(1.5)
        await self._correct(record, "void", f"offside, minute {minute}")
        if self._chance.random() < 0.5:
            await asyncio.sleep(1.5)
            await self._correct(record, "restore", "no offside after all")

    async def _correct(self, record: str, action: str, reason: str) -> None:
        path = f"/api/v1/competitions/{SLUG}/records/{record}/corrections"
        answer = await self._client.post(path, json={"action": action, "reason": reason})
        answer.raise_for_status()

    async def _post(self, match: dict[str, Any], type_: str, data: dict[str, Any]) -> str:
        """One event; the device sends it twice now and then, as if the answer had been lost."""
        self._number += 1
        event = {
            "specversion": "1.0",
            "id": str(self._number),
            "source": f"pad-{match['group']}",
            "type": type_,
            "time": datetime.now(UTC).isoformat(),
            "contest": match["id"],
            "data": data,
        }
        path = f"/api/v1/competitions/{SLUG}/events"
        for _try in range(2 if self._chance.random() < 0.2 else 1):
            answer = await self._client.post(path, json=event)
            answer.raise_for_status()
        return str(answer.json()["record"])
