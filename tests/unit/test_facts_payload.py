"""Kinds of events: old versions of a payload are read as the newest."""

from datetime import UTC, datetime

import msgspec
import pytest

from scoreboard.errors import BadInput
from scoreboard.facts.event import Instant
from scoreboard.facts.payload import Kind, Payload


class SplitV1(Payload, frozen=True, kw_only=True):
    runner: str
    seconds: float


class Split(Payload, frozen=True, kw_only=True):
    runner: str
    ms: int
    gate: str = ""


class Meeting(Payload, frozen=True, kw_only=True):
    at: Instant
    note: str = ""
    others: list[dict[str, Instant]] = []


MEETING = Kind("race.meeting", Meeting)

SPLIT = Kind(
    "race.split",
    SplitV1,
    Split,
    upcasts=(lambda old: Split(runner=old.runner, ms=round(old.seconds * 1000)),),
    entrants=lambda payload: (payload.runner,),
)


def test_an_old_version_is_read_as_the_newest():
    old = SPLIT.read(b'{"runner": "kim", "seconds": 12.345}', 1)
    assert old == Split(runner="kim", ms=12345)
    assert list(SPLIT.entrants(old)) == ["kim"]


def test_the_newest_version_is_read_as_it_is():
    assert SPLIT.read(b'{"runner": "kim", "ms": 1, "gate": "g"}', 2).gate == "g"
    assert SPLIT.newest is Split


def test_a_payload_is_held_to_the_version_that_it_names():
    with pytest.raises(msgspec.ValidationError, match="ms"):
        SPLIT.read(b'{"runner": "kim", "ms": 1}', 1)


def test_a_mistyped_field_is_refused():
    with pytest.raises(msgspec.ValidationError, match="gaet"):
        SPLIT.read(b'{"runner": "kim", "ms": 1, "gaet": "g"}', 2)


def test_a_version_that_does_not_exist_is_refused_by_name():
    with pytest.raises(BadInput, match="version 3") as refused:
        SPLIT.read(b"{}", 3)
    assert refused.value.pointer == "/dataversion"


def test_a_kind_needs_an_upcast_between_any_two_versions():
    with pytest.raises(ValueError, match="2 versions need 1 upcasts"):
        Kind("race.split", SplitV1, Split)


def test_a_leap_second_is_read_as_the_next_seconds_start_as_in_an_events_time():
    """RFC 3339, section 5.7."""
    said = b'{"at": "2016-12-31T23:59:60Z", "others": [{"x": "2016-12-31T15:59:60.5-08:00"}]}'
    read = MEETING.read(said)
    assert read.at == read.others[0]["x"] == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "at", ["2016-12-30T23:59:60Z", "2016-12-31T23:59:60", "2016-12-31T23:60:00Z"]
)
def test_what_is_no_leap_second_is_refused(at):
    with pytest.raises(msgspec.ValidationError, match="at"):
        MEETING.read(msgspec.json.encode({"at": at}))


def test_text_that_looks_like_a_leap_second_is_left_alone():
    said = {"at": "2016-12-31T23:59:59Z", "note": "2016-12-31T23:59:60Z"}
    assert MEETING.read(msgspec.json.encode(said)).note == said["note"]
