"""What the change of a board says outside, message by message."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from scoreboard.app import App
from scoreboard.errors import CannotStart
from scoreboard.facts.correction import Changed, Correction
from scoreboard.facts.document import Document, Patch
from scoreboard.projections.computed import in_order, messages, restated
from scoreboard.settings import Settings
from scoreboard.settings.brokers import Egress, FromKafka, FromNats, Sources, ToKafka, ToNats

LINE = {"name": "Final", "status": "finished", "line": {"score": [1, 0]}, "final": True}


def document(board: str, position: int = 5, **content: Any) -> Document:
    return Document(
        competition="cup", board=board, generation="g", position=position, revision=0,
        as_of=1_000_000, status="live", content=content, rules=1,
    )  # fmt: skip


def told(patch: Patch, **more: Any) -> list[dict[str, Any]]:
    return [json.loads(one.event) for one in messages("l", "public", patch, **more)]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_a_change_is_a_merge_on_the_version_before() -> None:
    after = document("box:m1", line={"score": [1, 0]})
    (event,) = told(Patch(before="g-4-0", after=after, merge={"line": {"score": [1, 0]}}))
    assert event["id"] == "public/cup/box:m1@g-5-0"
    assert event["source"] == "/ledgers/l"
    assert (event["contest"], event["partitionkey"]) == ("m1", "cup/m1")
    assert event["time"] == "1970-01-01T00:00:01.000000Z"
    assert event["data"]["before"] == "g-4-0"
    assert event["data"]["merge"] == {"line": {"score": [1, 0]}}
    assert "content" not in event["data"]


@pytest.mark.parametrize("more", [{"before": ""}, {"whole": True}])
def test_who_may_not_have_the_version_before_gets_the_whole_board(more: dict[str, Any]) -> None:
    before, after = more.get("before", "g-4-0"), document("standings", a=1, b=2)
    patch = Patch(before=before, after=after, merge={"b": 2})
    (event,) = told(patch, whole=more.get("whole", False))
    assert event["data"]["content"] == {"a": 1, "b": 2}
    assert "merge" not in event["data"]
    assert event["partitionkey"] == "cup"


def test_a_result_is_told_when_it_becomes_final_and_when_it_is_no_more() -> None:
    final = document("contests", rows={"m1": LINE, "m2": LINE | {"final": False}})
    became = Patch(before="g-4-0", after=final, merge={"rows": {"m1": {"final": True}}})
    events = told(became)
    assert kinds(events)[1:] == ["scoreboard.result.final"]
    assert events[1]["data"] == {"contest": "m1", **LINE}
    assert events[1]["partitionkey"] == "cup/m1"
    reopened = Patch(before="g-4-0", after=final, merge={"rows": {"m2": {"final": False}}})
    assert kinds(told(reopened))[1:] == ["scoreboard.result.reopened"]
    begun = Patch(before="g-4-0", after=final, merge={"rows": {"m2": LINE | {"final": False}}})
    assert kinds(told(begun))[1:] == []
    renamed = Patch(before="g-4-0", after=final, merge={"rows": {"m1": {"place": "Hall 2"}}})
    assert kinds(told(renamed))[1:] == []
    assert kinds(told(replace(became, merge={"rows": {"m1": None}})))[1:] == []


def test_a_combined_record_is_told_whole_whatever_of_it_changed() -> None:
    row = {"type": "computed", "observed": "sim/1", "combined": {"strokes": 2}, "decided": {}}
    after = document("combined:r1", rows={"sim/1": row}, total=1)
    merge = {"rows": {"sim/1": {"combined": {"strokes": 2}}, "sim/0": None}}
    events = told(Patch(before="g-4-0", after=after, merge=merge))
    assert kinds(events)[1:] == ["scoreboard.record.combined"]
    assert events[1]["subject"] == "sim/1"
    assert events[1]["data"] == row
    assert events[1]["id"].startswith(events[0]["id"])


def test_who_begins_anew_is_told_of_every_notice_and_result() -> None:
    def notice(version: str) -> Correction:
        change = Changed(pointer="/rows", before=1, after=2)
        return Correction(wrong_from="g-1-0", right_from=version, as_of=0, changes=(change,))

    shown = replace(
        document("contests", rows={"m1": LINE}), corrections=(notice("g-5-0"), notice("g-3-0"))
    )
    events = [json.loads(one.event) for one in restated("l", "public", shown)]
    assert kinds(events) == [
        "scoreboard.board.changed",
        "scoreboard.board.corrected",
        "scoreboard.board.corrected",
        "scoreboard.result.final",
    ]
    assert [event["data"]["right_from"] for event in events[1:3]] == ["g-3-0", "g-5-0"]
    patch = Patch(before="g-4-0", after=shown, merge={"rows": {"m1": {"final": True}}})
    said = {event["id"] for event in told(patch)}
    assert said <= {event["id"] for event in events}  # by the same identities


def test_versions_stay_in_order_across_boards_and_a_freeze() -> None:
    def at(board: str, position: int) -> Patch:
        return Patch(before="x", after=document(board, position), merge={})

    live, frozen, other = at("box:m1", 9), at("box:m1", 7), at("box:m2", 8)
    ordered = in_order({"a": [live, frozen], "b": [other]})
    assert [patch for patch, _ in ordered] == [other, live, frozen]
    assert [place for _, place in ordered] == [0, 0, 1]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(egress=Egress(broker=(ToNats(name="a"), ToKafka(name="a")))),
        Settings(
            sources=Sources(
                broker=(
                    FromNats(name="a", key="k", subject="s"),
                    FromKafka(name="a", key="k", topic="t"),
                )
            )
        ),
    ],
)
async def test_two_brokers_of_one_name_are_refused(settings: Settings, tmp_path: Any) -> None:
    with pytest.raises(CannotStart, match="one name"):
        await App.open(replace(settings, data=str(tmp_path)))


@pytest.mark.parametrize("kind", ["nats", "kafka"])
async def test_a_missing_library_is_named(
    kind: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoreboard.brokers.find_spec", lambda _name: None)
    broker = ToNats(name="a") if kind == "nats" else ToKafka(name="a")
    with pytest.raises(CannotStart) as refused:
        await App.open(Settings(data=str(tmp_path), egress=Egress(broker=(broker,))))
    assert refused.value.hint == f"pip install 'scoreboard[{kind}]'"


def test_nothing_is_said_of_a_rehearsal() -> None:
    trial = document("contests", rows={"m1": LINE}, rehearsal=True)
    assert told(Patch(before="", after=trial, merge=trial.content)) == []
    assert restated("l", "public", trial) == []
    assert messages("l", "public", Patch(before="g-4-0", after=trial, merge={"rows": {}})) == []
