"""What the ledger's own stream says is read once and nothing is missed; on both databases."""

import asyncio
from typing import Any

from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.names import SYSTEM
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.system import SystemEntries

OURS, OTHER = "display.set", "access.logged_in"


def said(id_: str, type_: str = OURS) -> Draft:
    """A draft of the ledger's own stream."""
    return Draft(competition=SYSTEM, source=SYSTEM, id=id_, type=type_, actor="a", data=b"{}")


class Growing:
    """A ledger to which somebody appends after each read, before its reader goes on."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.reads: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    async def read(self, after: int, **wanted: Any) -> list[Entry]:
        entries = await self.ledger.read(after, **wanted)
        self.reads.append(after)
        await self.ledger.append([said(f"meanwhile {len(self.reads)}"), said(f"{after}", OTHER)])
        return entries


async def test_what_is_committed_while_it_reads_is_told_the_next_time(ledger: Ledger) -> None:
    growing, told = Growing(ledger), []
    stream = SystemEntries(growing, OURS, lambda entry: told.append(entry.id))
    await ledger.append([said("first"), said("login", OTHER)])
    await stream.catch_up()
    assert told == ["first"]
    await stream.catch_up()
    assert told == ["first", "meanwhile 1"]
    assert growing.reads == [0, 2], "what was looked through is not looked through again"


async def test_many_who_ask_at_once_are_told_everything_once_in_order(ledger: Ledger) -> None:
    told: list[int] = []
    stream = SystemEntries(ledger, OURS, lambda entry: told.append(entry.position))
    for round_ in range(10):
        fates, *_ = await asyncio.gather(
            ledger.append([said(f"{round_} {n}", OURS if n % 2 else OTHER) for n in range(4)]),
            *(stream.catch_up() for _ in range(4)),
        )
        assert len(fates) == 4
    await stream.catch_up()
    assert told == [entry.position for entry in await ledger.read(0) if entry.type == OURS]
    assert len(told) == 20
    assert stream.position == ledger.head.position == 40


async def test_more_than_a_page_is_read_to_its_end(ledger: Ledger) -> None:
    await ledger.append([said(f"{n}") for n in range(1_001)])
    told: list[str] = []
    stream = SystemEntries(ledger, OURS, lambda entry: told.append(entry.id))
    await stream.catch_up()
    assert told == [f"{n}" for n in range(1_001)]


async def test_what_a_reader_wants_is_the_same_from_memory_and_from_the_database(
    ledger: Ledger,
) -> None:
    await ledger.append(
        [
            Draft(
                competition=competition,
                contest=contest,
                source=source,
                id=f"{competition} {contest} {source} {type_}",
                type=type_,
                actor="a",
                data=b"{}",
            )
            for competition in ("cup", "league")
            for contest in (None, "a1")
            for source in ("pad", "desk")
            for type_ in ("competition.defined", "competitions", "ledger.erased", "points.scored")
        ]
    )
    last = ledger.head.position
    filters = [
        {"competition": "cup"},
        {"contest": "a1"},
        {"source": "pad", "type_": "points.scored"},
        {"definitions": True},
        {"definitions": True, "competition": "league"},
        {"outside": True, "source": "desk"},
        {"outside": True, "contest": "a1"},
        {"type_": "nothing.such"},
    ]
    bounds = [(0, 1_000, None), (3, 2, None), (0, 3, last - 5), (last - 4, 10, last), (9, 5, 9)]

    async def read() -> list[list[int]]:
        found = [
            await ledger.read(after, limit=limit, upto=upto, **wanted)
            for wanted in filters
            for after, limit, upto in bounds
        ]
        return [[entry.position for entry in entries] for entries in found]

    from_memory = await read()
    ledger._tail.clear()
    assert from_memory == await read()
    assert sum(map(bool, from_memory)) > len(filters)
