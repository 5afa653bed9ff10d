"""How much of what boards were is kept for clients that return."""

from scoreboard.boards.channel import Step, Window
from scoreboard.boards.told import ENVELOPE_BYTES, Message
from scoreboard.facts.document import Content
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Limits


def publish(shelf: Shelf, position: int, rows: Content) -> None:
    shelf.publish(
        "quiz",
        "standings",
        {"rows": rows},
        generation="g",
        position=position,
        as_of=position,
        status="live",
        rules=1,
    )


def kept(shelf: Shelf) -> list[int]:
    return [patch.after.position for patch in shelf.recent("quiz", "standings")]


def test_patches_are_kept_by_the_rows_that_they_change() -> None:
    shelf = Shelf(Limits(window_rows_max=5))
    publish(shelf, 1, {f"e{n}": 0 for n in range(10)})
    for position in range(2, 8):
        publish(shelf, position, {f"e{n}": position if n < 2 else 0 for n in range(10)})
    assert kept(shelf) == [6, 7]  # two rows each
    publish(shelf, 8, {f"e{n}": 8 for n in range(10)})
    assert kept(shelf) == []  # ten rows: the board itself is no larger
    publish(shelf, 9, {f"e{n}": 9 if n == 3 else 8 for n in range(10)})
    assert kept(shelf) == [9]


def test_what_is_put_back_is_bounded_alike() -> None:
    generous = Shelf(Limits())
    for position in range(1, 9):
        publish(generous, position, {"e1": position, "e2": -position})
    document = generous.get("quiz", "standings")
    assert document is not None
    shelf = Shelf(Limits(window_rows_max=5))
    shelf.put_back([document], generous.recent("quiz", "standings"))
    assert kept(shelf) == [7, 8]


def told(bytes_: int) -> tuple[Message]:
    return (Message("patch", b"x" * bytes_),)


def test_a_followed_view_keeps_steps_by_count_and_by_bytes() -> None:
    window = Window(steps_max=3, bytes_max=100 + 3 * ENVELOPE_BYTES)
    for n in range(5):
        window.append(Step(f"v{n}", f"v{n + 1}", told(20)))
    assert [step.after for step in window.steps] == ["v3", "v4", "v5"]
    window.append(Step("v5", "v6", told(70)))
    assert [step.after for step in window.steps] == ["v5", "v6"]
    window.append(Step("v6", "v7", told(101 + 2 * ENVELOPE_BYTES)))
    assert not window.steps
    window.append(Step("v7", "v8", told(1)))
    assert [step.after for step in window.steps] == ["v8"]
