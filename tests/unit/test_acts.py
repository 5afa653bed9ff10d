"""What is shown together, and what it corrects, by entries alone."""

from typing import Any

import msgspec

from scoreboard.facts.entry import Entry
from scoreboard.facts.reconciling import RULINGS
from scoreboard.projections.acts import act_of, corrected_by, correction_of


def entry(**more: Any) -> Entry:
    said: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__) | {
        "position": 9, "competition": "cup", "source": "pad", "id": "1", "type": "golf.stroke",
        "schema": 1, "action": "record", "record": "pad/1", "version": 1, "actor": "device:pad",
        "received": 5, "data": b"{}", "digest": b"", "hash": b"",
    }  # fmt: skip
    return Entry(**(said | more))


def test_what_an_official_signed_together_is_one_act_and_a_devices_correction_another() -> None:
    assert act_of(entry()) is correction_of(entry()) is None
    signed = entry(version=2, actor="official:jo")
    assert act_of(signed) == correction_of(signed) == ("cup", "official:jo", 5, None)
    assert act_of(entry(version=2)) is None
    assert correction_of(entry(version=2)) is not None
    assert corrected_by(entry(version=2)) == ("pad/1",)


def test_a_ruling_that_cannot_be_read_corrects_nothing_and_stops_nothing() -> None:
    for type_ in RULINGS:
        for data in (None, b"[]", b'{"unheard": 1}', msgspec.json.encode({"records": 7})):
            assert corrected_by(entry(type=type_, data=data)) == ()
        assert corrected_by(entry(type=type_, schema=99)) == ()
