"""What a ledger must show after any fault."""

from collections.abc import Mapping

from scoreboard.ledger.verify import verify
from scoreboard.ledger.viewing import LedgerView
from scoreboard.settings import Settings

Identity = tuple[str, str, str]
"""An event's competition, source and id."""
Told = tuple[int, str, int]
"""What its sender was told: position, record, version."""


async def all_there_once(settings: Settings, told: Mapping[Identity, Told]) -> int:
    """Check that a contest's events are there once, each where its sender was told, and no others.

    Positions have no gap and the chain verifies. It reads beside a server that runs; nobody may
    post meanwhile. Returns the last position.
    """
    report = await verify(settings)
    assert report.ok, (report.bad_position, report.reason)
    ledger = LedgerView.of(settings)
    found: dict[Identity, Told] = {}
    last = 0
    try:
        while page := await ledger.read(last, limit=5_000):
            assert [entry.position for entry in page] == list(range(last + 1, last + 1 + len(page)))
            for entry in page:
                if entry.contest is not None:
                    identity = (entry.competition, entry.source, entry.id)
                    assert identity not in found
                    found[identity] = (entry.position, entry.record, entry.version)
            last = page[-1].position
    finally:
        await ledger.close()
    assert found == told
    return last
