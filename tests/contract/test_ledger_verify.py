"""What is written cannot be changed unseen: triggers, erasure, verification, signed heads."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from scoreboard.errors import NotFound
from scoreboard.facts.entry import Accepted, Draft, Refused
from scoreboard.ledger import chain
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.verify import Report, verify
from scoreboard.settings import Settings

Tamper = Callable[..., Awaitable[None]]


def draft(id_: str, **fields: Any) -> Draft:
    given = {
        "competition": "cup",
        "source": "pad",
        "id": id_,
        "type": "points.added",
        "actor": "device:pad",
        "contest": "final",
        "data": b'{"points":1}',
    }
    return Draft(**{**given, **fields})


async def run_sql(settings: Settings, *statements: str) -> None:
    """Run statements on the ledger's database behind the program's back."""
    if settings.database:
        connection = await asyncpg.connect(settings.database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
        return
    file = sqlite3.connect(Path(settings.data) / "ledger.db", isolation_level=None)
    try:
        for statement in statements:
            file.execute(statement)
    finally:
        file.close()


def without_triggers(settings: Settings) -> list[str]:
    names = ["entries_no_update", "entries_no_delete"]
    suffix = " ON entries" if settings.database else ""
    return [f"DROP TRIGGER {name}{suffix}" for name in names]


def literal(settings: Settings, text: bytes) -> str:
    return f"'\\x{text.hex()}'::bytea" if settings.database else f"x'{text.hex()}'"


@pytest.fixture
async def filled(ledger: Ledger) -> Ledger:
    """A ledger of six entries: pad/1 in three versions, pad/2, and two of another competition."""
    await ledger.append(
        [
            draft("1"),
            draft("2"),
            draft("3", record="pad/1", action="amend"),
            draft("4", record="pad/1", action="void"),
            draft("5", competition="league"),
            draft("6", competition="league"),
        ]
    )
    return ledger


async def test_a_sound_ledger_verifies(filled: Ledger, settings: Settings) -> None:
    await filled.sign_head()
    await filled.append([draft("7")])
    walked: list[tuple[int, int]] = []
    report = await verify(settings, lambda done, of: walked.append((done, of)))
    assert report == Report(
        ledger=filled.head.ledger, position=7, entries=7, records=5, erased=0, signed_heads=1
    )
    assert report.ok
    assert walked[-1] == (7, 7)
    assert (await verify(filled.engine)).ok


async def test_a_ledger_that_grows_meanwhile_verifies(filled: Ledger, settings: Settings) -> None:
    async def write() -> None:
        for n in range(30):
            await filled.append([draft(f"more-{n}")])

    _, *reports = await asyncio.gather(write(), verify(settings), verify(settings))
    assert all(report.ok for report in reports)


async def test_where_there_is_no_ledger_there_is_nothing_to_verify(settings: Settings) -> None:
    with pytest.raises(NotFound):
        await verify(settings)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET actor = 'admin:eve' WHERE position = 2",
        "UPDATE entries SET data = {payload} WHERE position = 2",
        "UPDATE entries SET data = NULL, salt = NULL, reason = 'x' WHERE position = 2",
        "UPDATE entries SET salt = NULL WHERE position = 2",
        "DELETE FROM entries WHERE position = 2",
    ],
)
async def test_the_database_refuses_to_change_entries(
    filled: Ledger, settings: Settings, statement: str
) -> None:
    sql = statement.format(payload=literal(settings, b'{"points":9}'))
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match="never changed"):
        await run_sql(settings, sql)
    assert (await verify(settings)).ok


async def test_postgres_refuses_to_empty_the_table(filled: Ledger, settings: Settings) -> None:
    statement = "TRUNCATE entries" if settings.database else "DELETE FROM entries"
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match="never changed"):
        await run_sql(settings, statement)


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE entries SET data = {payload} WHERE position = 3", 3),
        ("UPDATE entries SET actor = 'admin:eve' WHERE position = 2", 2),
        ("UPDATE entries SET received = received + 1 WHERE position = 4", 4),
        ("UPDATE entries SET hash = digest WHERE position = 5", 5),
        ("UPDATE entries SET version = 4 WHERE position = 4", 4),
        ("UPDATE entries SET data = NULL, salt = NULL WHERE position = 2", 2),
        ("DELETE FROM entries WHERE position = 2", 2),
        ("DELETE FROM entries WHERE position = 6", 6),
        ("UPDATE head SET position = 5", 5),
        ("UPDATE head SET hash = {payload}", 6),
        ("UPDATE signed_heads SET signature = {payload}", 6),
        ("UPDATE signed_heads SET hash = {payload}", 6),
    ],
)
async def test_what_was_changed_behind_its_back_is_found_at_its_position(
    filled: Ledger, settings: Settings, statement: str, position: int
) -> None:
    await filled.sign_head()
    sql = statement.format(payload=literal(settings, b'{"points":9}'))
    await run_sql(settings, *without_triggers(settings), sql)
    report = await verify(settings)
    assert (report.ok, report.bad_position) == (False, position)
    assert report.reason


@pytest.mark.parametrize(
    ("changes", "position"),
    [
        ({"actor": "'admin:eve'"}, 2),
        ({"position": "7", "actor": "'admin:eve'"}, 2),
        ({"position": "7", "id": "'new'", "actor": "'admin:eve'"}, 2),
    ],
    ids=["by its position", "by its identity", "by its record's version"],
)
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # Postgres has no such statement
async def test_a_replaced_entry_is_found(
    filled: Ledger, settings: Settings, changes: dict[str, str], position: int
) -> None:
    await filled.sign_head()
    fields = ", ".join(changes.get(name, f'"{name}"') for name in chain.FIELDS)
    await run_sql(
        settings, f"INSERT OR REPLACE INTO entries SELECT {fields} FROM entries WHERE position = 2"
    )
    report = await verify(settings)
    assert (report.ok, report.bad_position) == (False, position)


async def test_a_ledger_that_was_cut_off_is_betrayed_by_its_signed_head(
    filled: Ledger, settings: Settings
) -> None:
    await filled.sign_head()
    await run_sql(
        settings,
        *without_triggers(settings),
        "DELETE FROM entries WHERE position = 6",
        "UPDATE head SET position = 5, hash = (SELECT hash FROM entries WHERE position = 5)",
    )
    report = await verify(settings)
    assert (report.bad_position, "signed" in (report.reason or "")) == (6, True)


async def test_an_erased_payload_is_gone_while_the_chain_verifies(
    filled: Ledger, settings: Settings
) -> None:
    fate = await filled.erase("cup", 2, reason="a name in it", actor="admin:ann")
    assert isinstance(fate, Accepted)
    erased = await filled.entry(2)
    (said,) = await filled.read(6)
    assert erased is not None
    assert (erased.data, erased.salt) == (None, None)
    assert (said.type, said.contest, said.reason) == ("ledger.erased", "final", "a name in it")
    assert said.data == b'{"position":2,"reason":"a name in it"}'
    report = await verify(settings)
    assert (report.ok, report.erased) == (True, 1)


async def test_an_erased_event_sent_again_is_still_a_repetition(filled: Ledger) -> None:
    await filled.erase("cup", 2, reason="a name in it", actor="admin:ann")
    (fate,) = await filled.append([draft("2")])
    assert fate == Accepted(2, "pad/2", 1, repeated=True)


async def test_only_an_entry_of_the_competition_can_be_erased(filled: Ledger) -> None:
    for competition, position in (("cup", 5), ("cup", 99)):
        fate = await filled.erase(competition, position, reason="r", actor="admin:ann")
        assert isinstance(fate, Refused)
        assert fate.code == "not-found"
    assert filled.head.position == 6


async def test_the_installations_key_is_its_owners_alone(
    filled: Ledger, settings: Settings
) -> None:
    await filled.sign_head()
    await filled.sign_head()
    key = Path(settings.data) / "installation.key"
    assert key.stat().st_mode & 0o077 == 0
    assert (await verify(settings)).signed_heads == 1
