"""Versions of a record undone one by one: what counts is what is left of them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.entry import GENESIS, Draft, Entry, Head
from scoreboard.facts.ruling import in_force
from scoreboard.facts.undoing import UNDOES, Reversal, reversal, undone
from scoreboard.ledger.chain import entry_of, link


def version(number, action, value=0, *, actor="official:ada", undoes=(), time=None):
    """Version `number` of the record, at ten times that position."""
    data = {"value": value} if action in ("record", "amend") else {}
    extensions = {UNDOES: " ".join(map(str, undoes))} if undoes else {}
    draft = Draft(
        competition="cup",
        source="desk",
        id=f"{number}",
        type="cup.said",
        actor=actor,
        time=time,
        data=msgspec.json.encode(data),
        extensions=msgspec.json.encode(extensions).decode() if extensions else None,
    )
    head = Head("l", 10 * number - 1, GENESIS, 1, 0)
    return entry_of(link(head, [(draft, action, "r", number)], 0)[0][0])


def said(*words, first="device:pad"):
    """Versions from words such as `record 1`, `amend 2`, `void`, `restore`."""
    made = []
    for number, word in enumerate(words, 1):
        action, _, value = word.partition(" ")
        actor = first if number == 1 else "official:ada"
        made.append(version(number, action, int(value or 0), actor=actor))
    return made


def undo(versions: list[Entry], *positions: int) -> tuple[list[Entry], Reversal]:
    """The versions with the undoing on top, if anything has to be said."""
    found = reversal(versions, positions)
    if found.action is None:
        return versions, found
    value = msgspec.json.decode(found.says.data)["value"] if found.says else 0
    more = version(len(versions) + 1, found.action, value, undoes=positions)
    return [*versions, more], found


def counts(versions, skipped=()):
    entry = in_force(versions, skipped)
    return None if entry is None else msgspec.json.decode(entry.data)["value"]


@pytest.mark.parametrize(
    ("words", "position", "action", "value"),
    [
        (("record 1",), 10, "void", None),
        (("record 1", "amend 2"), 20, "amend", 1),
        (("record 1", "amend 2", "amend 3"), 30, "amend", 2),
        (("record 1", "void"), 20, "restore", 1),
        (("record 1", "amend 2", "void"), 30, "restore", 2),
        (("record 1", "void", "restore"), 30, "void", None),
        (("record 1", "void", "amend 3"), 30, "void", None),
    ],
)
def test_an_undoing_reverses_what_the_entry_did(words, position, action, value):
    versions, found = undo(said(*words), position)
    assert (found.action, found.later, counts(versions)) == (action, (), value)


def test_an_undoing_is_undone_like_anything_else():
    versions, _ = undo(said("record 1", "amend 2"), 20)
    versions, found = undo(versions, 30)
    assert (found.action, found.later, counts(versions)) == ("amend", (), 2)
    versions, found = undo(versions, 40)
    assert (found.later, counts(versions)) == ((), 1)


def test_what_was_undone_is_no_conflict_for_what_lies_below():
    versions, _ = undo(said("record 1", "amend 2", "amend 3"), 30)
    versions, found = undo(versions, 20)
    assert (found.later, counts(versions)) == ((), 1)


def test_later_versions_are_named_and_win():
    versions = said("record 1", "amend 2", "amend 3", "void")
    assert reversal(versions, [20]) == Reversal(action=None, later=(30, 40))
    assert reversal(versions, [10]).later == (20, 30, 40)


def test_a_later_restore_brings_back_what_is_left():
    versions, found = undo(said("record 1", "amend 2", "void", "restore"), 20)
    assert (found.action, found.later, counts(versions)) == ("amend", (30, 40), 1)


def test_entries_of_one_record_are_undone_together():
    versions, found = undo(said("record 1", "amend 2", "amend 3", "void"), 20, 40)
    assert (found.action, found.later, counts(versions)) == ("restore", (30,), 3)


def test_what_had_no_effect_needs_no_word():
    versions = said("record 1", "void", "void")
    assert reversal(versions, [30]) == Reversal(action=None)


def test_a_devices_word_after_an_officials_is_in_the_way_of_undoing_the_officials():
    late = version(3, "amend", 3, actor="device:pad")
    versions = [*said("record 1", "void"), late]
    found = reversal(versions, [20])
    assert (found.action, found.says, found.later) == ("amend", late, (30,))


def test_a_device_cannot_say_that_something_is_undone():
    claimed = version(2, "amend", 2, actor="device:pad", undoes=(10,))
    assert undone([*said("record 1"), claimed]) == {}


def test_a_time_that_was_amended_is_restored_with_the_payload():
    versions = [version(1, "record", 1, time=5), version(2, "amend", 1, time=7)]
    found = reversal(versions, [20])
    assert (found.action, found.says) == ("amend", versions[0])


WORDS = st.one_of(
    st.sampled_from(["void", "restore"]),
    st.integers(2, 9).map(lambda value: f"amend {value}"),
)


@given(
    words=st.lists(WORDS, max_size=6),
    chosen=st.sets(st.integers(1, 7), min_size=1),
    more=st.lists(st.integers(1, 12), max_size=4),
)
def test_what_counts_is_what_is_left_after_undoings_and_undoings_of_undoings(words, chosen, more):
    start = said("record 1", *words)
    known = {entry.position for entry in start}
    versions, _ = undo(start, *(known & {10 * number for number in chosen} or {10}))
    for number in more:
        wanted = {10 * number} & {entry.position for entry in versions} - set(undone(versions))
        if wanted:
            versions, _ = undo(versions, *wanted)
    gone = undone(versions)
    assert counts(versions) == counts(start, set(gone))


@given(words=st.lists(WORDS, max_size=6), chosen=st.sets(st.integers(1, 7), min_size=1))
def test_any_set_undone_and_the_undoing_undone_count_as_before(words, chosen):
    start = said("record 1", *words)
    own = {entry.position for entry in start} & {10 * number for number in chosen} or {10}
    versions, found = undo(start, *own)
    if found.action is not None:
        versions, _ = undo(versions, versions[-1].position)
    assert counts(versions) == counts(start)
