"""A power cut in the middle of posting takes back nothing that was acknowledged."""

from pathlib import Path

import kill

from scoreboard.settings import Settings

ROUNDS = 5  # as a program it does more: see kill.py


async def test_a_killed_server_keeps_every_acknowledged_event_once(
    settings: Settings, tmp_path: Path
) -> None:
    done: list[kill.Round] = []
    await kill.rounds(ROUNDS, tmp_path, settings.database, done.append, seed=9)
    assert len(done) == ROUNDS
    assert all(one.acknowledged for one in done)
    assert sum(one.patches for one in done)
