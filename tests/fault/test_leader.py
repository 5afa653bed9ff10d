"""Of many processes the one that makes the boards may go at any moment, for good or for a while."""

from pathlib import Path

import leader

ROUNDS = 2  # as a program it does more: see leader.py
PAUSE_S = 0.05  # between posts: a lease lasts for seconds, in which all would post thousands


async def test_a_leader_that_goes_is_replaced_with_nothing_lost_or_doubled(
    postgres_database: str, tmp_path: Path
) -> None:
    done: list[leader.Round] = []
    await leader.rounds(
        ROUNDS, tmp_path, postgres_database, done.append, processes=3, seed=5, pause_s=PAUSE_S
    )
    assert [one.fault for one in done] == ["killed", "frozen"]
    assert all(one.acknowledged for one in done)
