"""What a source says: a CloudEvents 1.0 event with this program's extension attributes.

The spelling follows the CloudEvents specification 1.0.2 (section 3: context attributes) and its
JSON format. Extension attributes that this program understands: `competition`, `contest`, `record`,
`place`, `senttime`, `action`, `reason`, `seenversion`, `dataversion`; others are kept as they came
(`extensions`).
"""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from scoreboard.facts.names import EventType, Ref, Slug, Text200, Text500

T = TypeVar("T")
Action = Literal["record", "amend", "void", "restore"]
Instant = Annotated[datetime, Meta(tz=True)]
TIMES = frozenset({"time", "senttime"})
EMPTY_OBJECT = Raw(b"{}")


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One event as a source sent it.

    `competition` + `source` + `id` is its identity. `record` names the data point that it speaks
    of; without it the event speaks of a new one. A CloudEvent states its `specversion` and
    `source`; in plain JSON they may be left out. `time` is the device's clock when it happened (a
    leap second is read as the start of the next),
    `senttime` the device's clock when it was sent: the difference between `senttime` and the
    server's clock is the device's skew, however late the event arrives. `seenversion` is the
    version of the record that the sender saw: if another came between, the event is refused (412).
    """

    id: Text200
    type: EventType
    source: Text200 | UnsetType = UNSET
    specversion: Literal["1.0"] | UnsetType = UNSET
    time: Instant | None = None
    senttime: Instant | None = None
    subject: Text200 | None = None
    competition: Slug | None = None
    contest: Ref | None = None
    record: Text500 | None = None
    place: Text200 | None = None
    action: Action = "record"
    reason: Text500 | None = None
    seenversion: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    dataversion: Annotated[int, Meta(ge=1, le=1000)] = 1
    datacontenttype: str | None = None
    dataschema: str | None = None
    data: Raw = msgspec.field(default_factory=lambda: EMPTY_OBJECT)  # a schema can be made of it
    extensions: dict[str, str | int | bool] = {}  # filled by the codec, see below


ATTRIBUTES = frozenset(Event.__struct_fields__) - {"extensions"}


def split_extensions(attributes: dict[str, T]) -> tuple[dict[str, T], dict[str, T]]:
    """Attributes that `Event` has, and the unknown ones (CloudEvents 1.0, section 3.2)."""
    known = {name: value for name, value in attributes.items() if name in ATTRIBUTES}
    return known, {name: value for name, value in attributes.items() if name not in ATTRIBUTES}


decode_event = msgspec.json.Decoder(Event).decode
decode_events = msgspec.json.Decoder(list[Event]).decode
