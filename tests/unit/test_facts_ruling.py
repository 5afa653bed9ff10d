"""Which version of a record counts."""

from scoreboard.facts.entry import Entry
from scoreboard.facts.ruling import in_force, overruled


def versions(*said: tuple[str, str]) -> list[Entry]:
    """Versions of one record from pairs of actor and action."""
    return [
        Entry(
            position=n * 10,
            competition="cup",
            contest="m1",
            source="pad",
            id=str(n),
            type="football.goal",
            schema=1,
            action=action,
            record="pad/1",
            version=n,
            actor=actor,
            received=n,
            time=None,
            sent=None,
            subject=None,
            place=None,
            reason=None,
            flags=None,
            extensions=None,
            data=b"{}",
            salt=b"",
            digest=b"",
            hash=b"",
        )
        for n, (actor, action) in enumerate(said, 1)
    ]


def counting(some, skipped=()):
    entry = in_force(some, skipped)
    return None if entry is None else entry.version


PAD, JUDGE = "device:pad", "official:judge"


def test_the_newest_version_counts():
    assert counting(versions((PAD, "record"), (PAD, "amend"))) == 2


def test_a_device_does_not_revive_what_an_official_voided():
    said = versions((PAD, "record"), (JUDGE, "void"), (PAD, "amend"), (PAD, "restore"))
    assert counting(said) is None
    assert [entry.version for entry in overruled(said)] == [3, 4]


def test_a_restored_record_counts_as_before_it_was_voided():
    said = versions((PAD, "record"), (JUDGE, "amend"), (JUDGE, "void"), (JUDGE, "restore"))
    assert counting(said) == 2


def test_a_device_may_void_its_own_record_while_no_official_spoke():
    said = versions((PAD, "record"), (PAD, "void"))
    assert counting(said) is None
    assert overruled(said) == []


def test_a_skipped_version_is_passed_over():
    said = versions((PAD, "record"), (JUDGE, "amend"))
    assert counting(said, {20}) == 1
    assert counting(said, {10, 20}) is None
