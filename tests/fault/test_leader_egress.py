"""What goes out to a broker while leaders are killed: nothing lost, in order, ids repeated alike.

The stream forgets at once which ids it has had, so that it shows everything that was sent.
"""

import asyncio
import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import leader
from crowd import CUP, QUIZ, Crowd
from kill import boards
from nats.js.api import StreamConfig
from nats_server import nats_server
from server import Server
from told_outside import API, followed, ids, in_order_of_position

ROUNDS = 1
PROCESSES = 2
PAUSE_S = 0.05  # of each that posts: a lease lasts for seconds
WAIT_S = 60
SETTINGS = """
[projection]
save_every_s = 0.02
render_every_ms = 1

[[egress.broker]]
kind = "nats"
name = "all"
servers = ["{url}"]
"""


def once_each(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events where they first came; one that came again must be the same."""
    first: dict[str, dict[str, Any]] = {}
    for event in events:
        assert first.setdefault(event["id"], event) == event
    return list(first.values())


async def test_killed_leaders_lose_nothing_that_goes_out_and_keep_its_order(
    postgres_database: str, tmp_path: Path
) -> None:
    config = tmp_path / "settings.toml"
    async with nats_server(tmp_path / "nats") as broker:
        config.write_text(SETTINGS.format(url=broker.url))
        async with broker.client() as stream:
            await stream.add_stream(
                StreamConfig(name="SCOREBOARD", subjects=["scoreboard.>"], duplicate_window=0.1)
            )
        server = Server(tmp_path / "data", postgres_database, processes=PROCESSES, config=config)
        await server.start()
        try:
            async with server.client() as client:
                for definition in (QUIZ, CUP):
                    (await client.post(API, json=definition)).raise_for_status()
            chance = random.Random(6)
            crowd = Crowd(server.client, server.up.wait, chance=chance, pause_s=PAUSE_S)
            posting = asyncio.create_task(crowd.run())
            for _ in range(ROUNDS):
                pid, token = await leader.leader_of(postgres_database)
                await crowd.until_acknowledged(len(crowd.told) + 100)
                os.kill(pid, signal.SIGKILL)
                await leader.leader_of(postgres_database, token)
            await crowd.until_acknowledged(len(crowd.told) + 20)
            crowd.stop()
            await posting
            last = max(position for position, _record, _version in crowd.told.values())
            shown = await boards(server, last)
            wanted = {board: shown[board] for board in shown if board[1] != "flags"}
            told: list[dict[str, Any]] = []
            reached: dict[tuple[str, str], Any] = {}
            async with asyncio.timeout(WAIT_S):
                while any(reached.get(board) != content for board, content in wanted.items()):
                    told = once_each([json.loads(one.data) for one in await broker.kept()])
                    reached = followed(told)
                    await asyncio.sleep(0.3)
        finally:
            await server.stop()
    in_order_of_position(told)
    assert {"quiz", "cup"} <= {event["competition"] for event in told}
    assert len(ids(told)) > ROUNDS
