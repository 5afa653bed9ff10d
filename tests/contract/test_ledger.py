"""The ledger's contract, the same on SQLite and on Postgres."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from scoreboard.errors import CannotStart, Unavailable
from scoreboard.facts.entry import GENESIS, Accepted, Draft, Refused
from scoreboard.ledger import chain
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits, Settings


def draft(id_: str, **fields: Any) -> Draft:
    """A draft of device `pad` that adds a point."""
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


def codes(fates: list[Any]) -> list[str]:
    """Each fate as a word: its error code, `repeated` or `new`."""
    return [
        fate.code if isinstance(fate, Refused) else "repeated" if fate.repeated else "new"
        for fate in fates
    ]


async def test_concurrent_callers_get_positions_without_gaps(ledger: Ledger) -> None:
    async def caller(name: str) -> list[Any]:
        fates = []
        for n in range(20):
            fates += await ledger.append([draft(str(n), source=name)])
        return fates

    async def bulk(name: str) -> list[Any]:
        return await ledger.append([draft(str(n), source=name) for n in range(50)])

    answers = await asyncio.gather(*(caller(f"s{n}") for n in range(10)), bulk("b1"), bulk("b2"))
    positions = sorted(fate.position for fates in answers for fate in fates)
    assert positions == list(range(1, 301))
    assert [entry.position for entry in await ledger.read(0)] == positions
    assert ledger.head.position == 300


async def test_the_same_event_again_answers_with_the_first_entry(ledger: Ledger) -> None:
    first = await ledger.append([draft("1"), draft("2")])
    again = await ledger.append([draft("2"), draft("3"), draft("1", data=b'{ "points": 1 }')])
    assert codes(again) == ["repeated", "new", "repeated"]
    assert [again[0].position, again[2].position] == [first[1].position, first[0].position]
    assert ledger.head.position == 3


async def test_the_same_event_twice_in_one_batch_is_one_entry(ledger: Ledger) -> None:
    fates = await ledger.append([draft("1"), draft("1"), draft("1", data=b"[]")])
    assert codes(fates) == ["new", "repeated", "conflict"]
    assert ledger.head.position == 1


@pytest.mark.parametrize(
    "other",
    [
        {"data": b'{"points":2}'},
        {"type": "points.set"},
        {"contest": None},
        {"subject": "ann"},
        {"place": "court 1"},
        {"time": 5},
        {"schema": 2},
        {"record": "named"},
        {"reason": "counted twice"},
        {"extensions": '{"lane":3}'},
        {"data": b'{"points":true}'},
    ],
    ids=lambda other: next(iter(other.items())),
)
async def test_the_same_identity_with_other_content_is_a_conflict(
    ledger: Ledger, other: dict[str, Any]
) -> None:
    await ledger.append([draft("1")])
    assert codes(await ledger.append([draft("1", **other)])) == ["conflict"]


async def test_content_is_compared_by_its_values_and_not_by_when_it_was_sent(
    ledger: Ledger,
) -> None:
    said = draft("1", extensions='{"lane":3,"heat":"b"}', reason="why", sent=1)
    again = draft("1", extensions='{"heat":"b","lane":3}', reason="why", sent=2)
    other = draft("1", extensions='{"heat":"b","lane":true}', reason="why", sent=2)
    assert codes(await ledger.append([said, again])) == ["new", "repeated"]
    assert codes(await ledger.append([again, other])) == ["repeated", "conflict"]


async def test_identity_is_of_one_competition_and_source(ledger: Ledger) -> None:
    fates = await ledger.append(
        [draft("1"), draft("1", competition="league"), draft("1", source="pad-2")]
    )
    assert codes(fates) == ["new", "new", "new"]


async def test_every_record_has_versions_one_after_another(ledger: Ledger) -> None:
    fates = await ledger.append(
        [
            draft("1"),
            draft("2", record="pad/1", action="amend"),
            draft("3", record="pad/1", action="void"),
            draft("4", record="goal"),
        ]
    )
    fates += await ledger.append(
        [draft("5", record="pad/1", action="restore"), draft("6", record="goal")]
    )
    assert [fate.version for fate in fates] == [1, 2, 3, 1, 4, 2]
    versions = await ledger.versions("cup", ["pad/1", "goal", "unknown"])
    assert {key: [entry.action for entry in some] for key, some in versions.items()} == {
        "pad/1": ["record", "amend", "void", "restore"],
        "goal": ["record", "amend"],
    }
    until = await ledger.versions("cup", ["pad/1"], upto=2)
    assert [entry.version for entry in until["pad/1"]] == [1, 2]


async def test_what_corrects_an_unknown_record_is_not_found(ledger: Ledger) -> None:
    drafts = [draft(a, record="none", action=a) for a in ("amend", "void", "restore")]
    assert codes(await ledger.append(drafts)) == ["not-found"] * 3


async def test_a_stale_version_is_refused(ledger: Ledger) -> None:
    await ledger.append([draft("1"), draft("2", record="pad/1", action="amend")])
    fates = await ledger.append(
        [
            draft("3", record="pad/1", action="void", expected=1),
            draft("4", record="pad/1", action="void", expected=2),
        ]
    )
    assert codes(fates) == ["stale", "new"]


async def test_own_only_keeps_to_records_that_the_actor_began(ledger: Ledger) -> None:
    await ledger.append([draft("1")])
    other = draft("2", actor="device:pad-2", record="pad/1", action="void", own_only=True)
    own = draft("3", source="pad-2", record="pad/1", action="void", own_only=True)
    assert codes(await ledger.append([other, own])) == ["forbidden", "new"]


async def test_an_atomic_batch_is_all_or_nothing(ledger: Ledger) -> None:
    bad = draft("2", record="none", action="void")
    assert codes(await ledger.append([draft("1"), bad], atomic=True)) == ["not-done", "not-found"]
    assert ledger.head.position == 0
    await ledger.append([draft("1")])
    assert codes(await ledger.append([draft("1"), draft("3")], atomic=True)) == ["repeated", "new"]


async def test_a_refused_atomic_batch_leaves_nothing_for_others_in_its_commit(
    ledger: Ledger,
) -> None:
    bad = draft("2", record="none", action="void")
    named = draft("1", record="goal")
    first, second = await asyncio.gather(
        ledger.append([named, bad], atomic=True), ledger.append([named, draft("3")])
    )
    assert codes(first) == ["not-done", "not-found"]
    assert codes(second) == ["new", "new"]
    assert [fate.version for fate in second] == [1, 1]


async def test_a_basis_refuses_all_if_the_competition_moved_on(ledger: Ledger) -> None:
    await ledger.append([draft("1"), draft("1", competition="league")])
    await ledger.append([draft("2", competition="league")])
    signed = [draft("s1"), draft("s2")]
    assert codes(await ledger.append(signed, basis=0)) == ["stale", "stale"]
    assert codes(await ledger.append(signed, basis=1)) == ["new", "new"]
    assert codes(await ledger.append(signed, basis=1)) == ["repeated", "repeated"]
    assert codes(await ledger.append([draft("s3")], basis=1)) == ["stale"]


async def test_of_two_signatures_on_one_basis_only_one_counts(ledger: Ledger) -> None:
    await ledger.append([draft("1")])
    answers = await asyncio.gather(
        ledger.append([draft("a")], basis=1), ledger.append([draft("b")], basis=1)
    )
    assert sorted(codes(answers[0] + answers[1])) == ["new", "stale"]


async def test_every_hash_follows_from_the_one_before(ledger: Ledger) -> None:
    await ledger.append([draft(str(n), data=b"%d" % n) for n in range(5)])
    previous = GENESIS
    for entry in await ledger.read(0, competition="cup"):
        assert entry.data is not None and entry.salt is not None
        assert entry.digest == chain.digest_of(entry.salt, entry.data)
        previous = chain.hash_of(previous, chain.leaf_of(entry))
        assert entry.hash == previous
    assert ledger.head.hash == previous


async def test_entries_keep_all_that_was_said(ledger: Ledger) -> None:
    said = draft(
        "1", time=3, sent=4, subject="ann", place="x", reason="why", flags="f", extensions="{}"
    )
    await ledger.append([said])
    (tail,) = await ledger.read(0)
    (stored,) = await ledger.read(0, competition="cup")
    assert tail == stored
    for name in ("time", "sent", "subject", "place", "reason", "flags", "extensions", "data"):
        assert getattr(stored, name) == getattr(said, name)


async def test_received_never_decreases(settings: Settings) -> None:
    times = iter([50, 40, 60])
    ledger = await Ledger.open(settings, clock=lambda: next(times))
    for n in range(3):
        await ledger.append([draft(str(n))])
    entries = await ledger.read(0)
    found = [await ledger.position_at(us) for us in (49, 50, 59, 60, 99)]
    await ledger.close()
    assert [entry.received for entry in entries] == [50, 50, 60]
    assert found == [0, 2, 2, 3, 3]


async def test_moments_are_all_or_evenly_some_with_the_first_and_the_last(ledger: Ledger) -> None:
    await ledger.append([draft("0", competition="league")])
    for n in range(40):
        await ledger.append([draft(str(n)), draft(str(n), competition="league")])
    every = [entry.position for entry in await ledger.read(0, competition="cup")]
    assert len(every) == 40

    async def positions(count: int, upto: int | None = None) -> list[int]:
        found = await ledger.moments("cup", upto=upto, count=count)
        received = {e.position: e.received for e in await ledger.read(0, competition="cup")}
        assert all(received[position] == us for position, us in found)
        return [position for position, _ in found]

    assert await positions(40) == every
    some = await positions(10)
    assert (len(some), some[0], some[-1]) == (10, every[0], every[-1])
    assert set(some) < set(every)
    assert all(6 <= later - earlier <= 11 for earlier, later in pairwise(some))
    assert await positions(40, upto=every[4] + 1) == every[:5]
    assert await ledger.moments("regatta", count=10) == []


async def test_reads_go_by_position_and_by_each_filter(ledger: Ledger) -> None:
    await ledger.append(
        [
            draft("1"),
            draft("2", contest="semi"),
            draft("3", source="pad-2"),
            draft("4", contest=None, type="competition.defined"),
            draft("5", competition="league", contest="final"),
        ]
    )

    async def positions(after: int = 0, **filters: Any) -> list[int]:
        return [entry.position for entry in await ledger.read(after, **filters)]

    assert await positions() == [1, 2, 3, 4, 5]
    assert await positions(2, limit=2) == [3, 4]
    assert await positions(1, upto=3) == [2, 3]
    assert await positions(5) == []
    assert await positions(competition="cup") == [1, 2, 3, 4]
    assert await positions(2, competition="cup") == [3, 4]
    assert await positions(competition="cup", contest="final") == [1, 3]
    assert await positions(source="pad-2") == [3]
    assert await positions(type_="competition.defined") == [4]
    assert await positions(definitions=True) == [4]
    assert await positions(outside=True) == [4]
    assert await ledger.last_position("cup") == 4
    assert await ledger.last_position("cup", upto=3) == 3
    assert await ledger.last_position("none") == 0


async def test_what_left_the_memory_is_read_from_the_database(settings: Settings) -> None:
    limited = Settings(
        data=settings.data, database=settings.database, limits=Limits(tail_entries_max=4)
    )
    ledger = await Ledger.open(limited)
    for n in range(12):
        await ledger.append([draft(str(n))])
    pages: list[int] = []
    while page := await ledger.read(pages[-1] if pages else 0, limit=5):
        pages += [entry.position for entry in page]
    await ledger.close()
    assert pages == list(range(1, 13))


async def test_a_reopened_ledger_goes_on_under_the_next_epoch(settings: Settings) -> None:
    first = await Ledger.open(settings)
    await first.append([draft("1")])
    await first.close()
    second = await Ledger.open(settings)
    fates = await second.append([draft("1"), draft("2")])
    head = second.head
    await second.close()
    assert codes(fates) == ["repeated", "new"]
    assert (head.ledger, head.epoch, head.position) == (first.head.ledger, 2, 2)


async def test_a_second_server_on_one_ledger_is_refused(ledger: Ledger, settings: Settings) -> None:
    with pytest.raises(CannotStart, match="another server"):
        await Ledger.open(settings)
    assert codes(await ledger.append([draft("1")])) == ["new"]


async def test_listeners_hear_of_each_commit_after_it_is_durable(ledger: Ledger) -> None:
    heard: list[int] = []
    ledger.on_commit.append(heard.append)
    await ledger.append([draft("1"), draft("2")])
    await ledger.append([draft("1")])
    await ledger.append([draft("3")])
    assert heard == [2, 3]


async def test_callers_who_ask_again_together_share_a_commit(ledger: Ledger) -> None:
    commits: list[int] = []
    ledger.on_append.append(commits.append)

    async def caller(name: str) -> None:
        for n in range(5):
            await ledger.append([draft(str(n), source=name)])

    await asyncio.gather(*(caller(f"s{n}") for n in range(8)))
    assert commits == [1, 8, 16, 24, 32, 40]  # the first to come waited for nobody


async def test_bulk_is_split_over_commits_unless_it_is_atomic(settings: Settings) -> None:
    limited = Settings(
        data=settings.data, database=settings.database, limits=Limits(commit_events_max=10)
    )
    ledger = await Ledger.open(limited)
    heard: list[int] = []
    ledger.on_commit.append(heard.append)
    fates = await ledger.append([draft(str(n)) for n in range(25)])
    await ledger.append([draft(f"a{n}") for n in range(25)], atomic=True)
    await ledger.close()
    assert [fate.position for fate in fates if isinstance(fate, Accepted)] == list(range(1, 26))
    assert heard == [10, 20, 25, 50]


async def test_a_commit_of_any_size_keeps_every_event_in_its_place(ledger: Ledger) -> None:
    for size in (1, 9, 61, 313, 564):  # statements insert several rows, then the rest
        drafts = [draft(f"{size}-{n}") for n in range(size)]
        start = ledger.head.position
        fates = await ledger.append(drafts)
        assert [f.position for f in fates if isinstance(f, Accepted)] == [
            *range(start + 1, start + size + 1)
        ]
        stored = await ledger.read(start, limit=size, competition="cup")
        assert [entry.id for entry in stored] == [draft.id for draft in drafts]


async def test_a_repetition_amid_new_events_is_found_in_a_commit_of_many(ledger: Ledger) -> None:
    await ledger.append([draft("7")])
    fates = await ledger.append([draft(str(n)) for n in range(300)])
    assert [n for n, fate in enumerate(fates) if codes([fate]) == ["repeated"]] == [7]
    assert ledger.head.position == 300


async def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(
    settings: Settings,
) -> None:
    limited = Settings(
        data=settings.data, database=settings.database, limits=Limits(queue_events_max=5)
    )
    ledger = await Ledger.open(limited)
    answers = await asyncio.gather(
        *(ledger.append([draft(str(n))]) for n in range(8)), return_exceptions=True
    )
    await ledger.close()
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 3
    assert all(error.retry_after_s for error in refused)
    assert ledger.head.position == 5


async def test_a_caller_that_goes_away_loses_nothing(ledger: Ledger) -> None:
    gone = asyncio.ensure_future(ledger.append([draft("1")]))
    await asyncio.sleep(0)
    gone.cancel()
    assert codes(await ledger.append([draft("1"), draft("2")])) == ["repeated", "new"]


async def test_a_text_that_no_database_takes_is_refused_alone(ledger: Ledger) -> None:
    fates = await ledger.append([draft("1"), draft("2", subject="a\0b"), draft("\0")])
    assert codes(fates) == ["new", "bad-input", "bad-input"]
