"""A power cut between any two steps from one broker to another loses and doubles nothing.

feed ─▶ consumed ─▶ ledger ─▶ boards, outbox ─▶ the stream that others follow
"""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

from nats.js.api import StreamConfig
from nats_server import nats_server
from server import Server
from told_outside import API, QUIZ, followed, ids, in_order_of_position

from scoreboard.settings import Settings

ROUNDS = 4
EVENTS = 60  # of each round
WAIT_S = 60
SETTINGS = """
[projection]
save_every_s = 0.02
render_every_ms = 1

[[egress.broker]]
kind = "nats"
name = "all"
servers = ["{url}"]

[[sources.broker]]
kind = "nats"
name = "boards"
servers = ["{url}"]
key = "feed"
subject = "feed"
acknowledged_s = 1.0
"""


def scored(number: int) -> bytes:
    said = {"specversion": "1.0", "id": str(number), "source": "feed", "type": "points.scored"}
    data = {"entrant": f"p{number % 3}", "points": 1}
    said |= {"competition": "quiz", "contest": ("r1", "r.2")[number % 2]}
    return json.dumps(said | {"data": data}).encode()


def points(rows: dict[str, Any]) -> dict[str, int]:
    return {entrant: row["figures"]["points"] for entrant, row in rows.items()}


async def test_a_killed_server_takes_and_sends_everything_once(
    settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(4)
    config = tmp_path / "settings.toml"
    async with nats_server(tmp_path / "nats") as broker:
        config.write_text(SETTINGS.format(url=broker.url))
        async with broker.client() as stream:
            await stream.add_stream(StreamConfig(name="FEED", subjects=["feed"]))
            server = await Server(tmp_path / "data", settings.database, config=config).start()
            async with server.client() as client:
                (await client.post(API, json=QUIZ)).raise_for_status()
                key = {"name": "feed", "role": "device"}
                (await client.post("/api/v1/keys", json=key)).raise_for_status()
            for number in range(ROUNDS * EVENTS):
                await stream.publish("feed", scored(number))
                if number % EVENTS == EVENTS // 2:
                    await asyncio.sleep(chance.uniform(0.0, 0.3))  # so far into its work
                    await server.kill()
                    await server.start()
        wanted = dict.fromkeys(("p0", "p1", "p2"), ROUNDS * EVENTS // 3)
        found: dict[str, int] = {}
        async with asyncio.timeout(WAIT_S):
            while sum(found.values()) < ROUNDS * EVENTS:
                told = [json.loads(one.data) for one in await broker.kept()]
                board = followed(told).get(("quiz", "standings"), {"rows": {}})
                found = points(board["rows"])
                await asyncio.sleep(0.3)
        assert found == wanted
        async with server.client() as client:
            shown = (await client.get(f"{API}/quiz/boards/standings")).json()
        assert points(shown["content"]["rows"]) == wanted
        assert await server.stop() == 0
    assert len(set(ids(told))) == len(told)
    in_order_of_position(told)
