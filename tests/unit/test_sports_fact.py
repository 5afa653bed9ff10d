"""Facts in time: what stands before what where the sport knows no order."""

from scoreboard.sports.fact import Fact


def fact(id_: str, position: int, time: int | None = None, heard: int = 0) -> Fact:
    return Fact(
        record=id_, type="any.thing", payload=None, contest="c", position=position, time=time,
        source="desk", id=id_, heard=heard,
    )  # fmt: skip


def in_time(*facts: Fact) -> list[str]:
    return [one.id for one in sorted(facts, key=lambda one: one.in_time)]


def test_what_devices_say_without_a_time_stands_by_identity_however_late_it_comes() -> None:
    assert in_time(fact("b", 1), fact("a", 2), fact("c", 3, time=5)) == ["a", "b", "c"]


def test_what_officials_say_without_a_time_stands_where_it_was_heard() -> None:
    told = (fact("z", 1, heard=10), fact("a", 2, heard=10), fact("m", 3, time=7, heard=20))
    assert in_time(*told) == ["m", "z", "a"]
