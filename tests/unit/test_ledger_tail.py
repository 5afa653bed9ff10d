"""The newest entries in memory: contiguous, bounded by number and by bytes."""

from scoreboard.facts.entry import GENESIS, Draft, Head
from scoreboard.ledger.chain import link
from scoreboard.ledger.plan import plan_plain
from scoreboard.ledger.tail import Tail

MANY = 1_000_000_000


def rows(first, count, data=b"{}"):
    """Rows as a commit makes them, from a position on."""
    drafts = [
        Draft(competition="cup", source="pad", id=f"{n}", type="x.y", actor="device:pad", data=data)
        for n in range(first, first + count)
    ]
    planned, _ = plan_plain(drafts, first - 1)
    return link(Head("l", first - 1, GENESIS, 1, 0), planned, 0)[0]


def positions(entries):
    return [entry.position for entry in entries]


def test_entries_are_read_as_they_were_added():
    tail = Tail(100, MANY)
    tail.extend(rows(1, 3, b'{"n":1}'))
    tail.extend(rows(4, 2))
    assert positions(tail.read(2, 10, None)) == [3, 4, 5]
    assert positions(tail.read(0, 2, None)) == [1, 2]
    assert positions(tail.read(0, 10, 3)) == [1, 2, 3]
    assert tail.read(0, 1, None)[0].data == b'{"n":1}'


def test_what_it_does_not_hold_it_does_not_answer():
    tail = Tail(100, MANY)
    tail.extend(rows(5, 3))
    assert tail.read(3, 10, None) is None
    assert tail.read(7, 10, None) is None


def test_rows_that_do_not_follow_begin_it_anew():
    tail = Tail(100, MANY)
    tail.extend(rows(1, 3))
    tail.extend(rows(9, 2))
    assert tail.read(0, 10, None) is None
    assert positions(tail.read(8, 10, None)) == [9, 10]


def test_it_never_holds_more_entries_than_its_bound_and_keeps_the_newest():
    tail = Tail(10, MANY)
    for first in range(1, 101, 3):
        tail.extend(rows(first, 3))
        assert 0 < len(tail) <= 10
        assert positions(tail.read(first - 1, 10, None)) == [first, first + 1, first + 2]


def test_it_never_holds_more_bytes_than_its_bound_and_keeps_the_newest():
    tail = Tail(1_000_000, 50_000)
    for first in range(1, 101, 2):
        tail.extend(rows(first, 2, b'"' + b"x" * 9_000 + b'"'))
        assert 0 < len(tail) <= 5
        assert positions(tail.read(first - 1, 10, None)) == [first, first + 1]


def test_a_commit_above_the_bound_is_left_to_the_database():
    tail = Tail(1_000_000, 5_000)
    tail.extend(rows(1, 2, b'"' + b"x" * 9_000 + b'"'))
    assert tail.read(0, 10, None) is None
    tail.extend(rows(3, 1))
    assert positions(tail.read(2, 10, None)) == [3]
