"""Reads of one contest: whole, in order and by an index, however entries are filed."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from scoreboard.facts.entry import Draft, Entry
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.schema import FILED_ENTRIES, tables
from scoreboard.ledger.verify import verify
from scoreboard.settings import Settings

CONTESTS = ("heat-1", "heat-2", None)
COMPETITIONS = ("cup", "league")
PAGE = 700
LONG = 2 * FILED_ENTRIES + 301


def drafts(first: int, count: int) -> list[Draft]:
    """Events of two competitions that hold contests of the same names, in turns."""
    return [
        Draft(
            competition=COMPETITIONS[n % 2],
            source="pad",
            id=f"{n:06d}",
            type="points.added",
            actor=f"{'official' if n % 5 == 0 else 'device'}:pad",
            contest=CONTESTS[n % 3],
            data=b'{"points":1}',
        )
        for n in range(first, first + count)
    ]


def positions(competition: str, contest: str | None, upto: int) -> list[int]:
    """Where the events of a contest stand."""
    wanted = (competition, contest)
    return [n + 1 for n in range(upto) if (COMPETITIONS[n % 2], CONTESTS[n % 3]) == wanted]


async def fill(ledger: Ledger) -> None:
    """Append more than two blocks, by commits that end before, at and beyond one."""
    done = 0
    for upto in (1, FILED_ENTRIES - 1, FILED_ENTRIES, FILED_ENTRIES + 9, LONG):
        await ledger.append(drafts(done, upto - done))
        done = upto
    ledger._tail.clear()


@pytest_asyncio.fixture
async def own(ledger: Ledger) -> Ledger:
    """A long ledger, of which a test may do what it wants."""
    await fill(ledger)
    return ledger


@pytest_asyncio.fixture(scope="module")
async def long(shared_settings: Settings) -> AsyncIterator[Ledger]:
    """The same for tests that only read it."""
    ledger = await Ledger.open(shared_settings)
    await fill(ledger)
    yield ledger
    assert ledger.head.position == LONG
    await ledger.close()


async def all_of(ledger: Ledger, contest: str, **wanted: Any) -> list[Entry]:
    """A contest of the cup, page by page."""
    found: list[Entry] = []
    while True:
        after = found[-1].position if found else 0
        page = await ledger.read(after, limit=PAGE, competition="cup", contest=contest, **wanted)
        found += page
        if len(page) < PAGE:
            return found


def places(entries: Sequence[Entry]) -> list[int]:
    return [entry.position for entry in entries]


async def test_a_contest_is_read_whole_and_in_order(long: Ledger) -> None:
    wanted = positions("cup", "heat-2", LONG)
    assert places(await all_of(long, "heat-2")) == wanted
    outside = await long.read(0, limit=LONG, competition="cup", outside=True)
    assert places(outside) == positions("cup", None, LONG)
    assert await all_of(long, "heat-9") == []


@pytest.mark.parametrize("upto", [1, FILED_ENTRIES - 1, FILED_ENTRIES, FILED_ENTRIES + 1, LONG - 1])
async def test_a_contest_is_read_as_of_any_position(long: Ledger, upto: int) -> None:
    assert places(await all_of(long, "heat-1", upto=upto)) == positions("cup", "heat-1", upto)


@pytest.mark.parametrize("more", [1, FILED_ENTRIES])
async def test_what_is_appended_later_is_read_too(own: Ledger, more: int) -> None:
    await own.append(drafts(LONG, more))
    assert places(await all_of(own, "heat-2")) == positions("cup", "heat-2", LONG + more)
    assert (await verify(own.engine)).ok


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("by_officials", [False, True])
async def test_a_contest_is_looked_through_either_way(
    long: Ledger, newest_first: bool, by_officials: bool
) -> None:
    found: list[int] = []
    after, before, on = 0, LONG + 1, 0
    while on is not None:
        entries, on = await long.looked_through(
            after,
            before,
            limit=PAGE,
            looked_max=PAGE,
            newest_first=newest_first,
            by_officials=by_officials,
            competition="cup",
            contest="heat-2",
        )
        found += places(entries)
        after, before = (after, on or 0) if newest_first else (on or 0, before)
    wanted = positions("cup", "heat-2", LONG)
    if by_officials:
        wanted = [position for position in wanted if (position - 1) % 5 == 0]
    assert found == (wanted[::-1] if newest_first else wanted)


@pytest.mark.parametrize(
    "shared_settings", ["sqlite"], indirect=True
)  # Postgres plans by statistics
@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_page_of_a_contest_is_found_by_an_index(long: Ledger, newest_first: bool) -> None:
    contest = tables("sqlite").entries_of_contest("cup", "heat-2")
    position = contest.c.position
    query = select(contest).where(position > 1, position < LONG).limit(10)
    query = query.order_by(position.desc() if newest_first else position)
    compiled = query.compile(long.engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with long.engine.connect() as connection:
        rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")).all()
    plan = [row[-1] for row in rows]
    assert any(
        line.startswith("SEARCH filed USING PRIMARY KEY (competition=? AND contest=?")
        for line in plan
    )
    assert "SEARCH entries USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert {line for line in plan if line.startswith("SCAN")} == {"SCAN head"}
    assert not any("TEMP B-TREE" in line for line in plan)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # Postgres has an index for it
@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("DELETE FROM filed WHERE position = 5", 5),
        ("UPDATE filed SET contest = 'heat-2' WHERE position = 7", 7),
        ("INSERT INTO filed VALUES ('cup', 'heat-2', 3)", 3),
        ("INSERT INTO filed VALUES ('cup', 'heat-2', 999999)", 999_999),
    ],
)
async def test_what_is_filed_amiss_is_found(
    own: Ledger, settings: Settings, statement: str, position: int
) -> None:
    file = sqlite3.connect(Path(settings.data) / "ledger.db", isolation_level=None)
    try:
        if not statement.startswith("INSERT"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                file.execute(statement)
        file.execute("DROP TRIGGER filed_no_update")
        file.execute("DROP TRIGGER filed_no_delete")
        file.execute(statement)
    finally:
        file.close()
    report = await verify(settings)
    assert (report.ok, report.bad_position) == (False, position)
