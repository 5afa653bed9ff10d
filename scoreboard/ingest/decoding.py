"""JSON of events as they are sent: the fast path first, then item by item for clear errors.

Extension attributes that the program does not know are kept (CloudEvents 1.0, section 3.2). They
are rare, and leap seconds rarer, so the fast path does without them, and what it refuses is looked
at again.
"""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from scoreboard.errors import BadInput, ScoreboardError
from scoreboard.facts.event import TIMES, Event, decode_event, decode_events, split_extensions
from scoreboard.facts.instant import after_leap_second
from scoreboard.http.problem import UNREADABLE, escape, from_validation

Received = Event | ScoreboardError
Scalar = str | int | bool
_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,64}")
EXTENSIONS_MAX = 32
EXTENSION_CHARACTERS_MAX = 2_000
_attributes = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_extension_value = msgspec.json.Decoder(Scalar | None).decode


def read_one(text: bytes) -> Received:
    """One event, or the error that it is refused with."""
    try:
        event = decode_event(text)
    except UNREADABLE:
        return _careful(text)
    return _careful(text) if event.extensions else event


def read_many(text: bytes) -> list[Received]:
    """The events of a JSON array, each an event or an error; BadInput if it is no array."""
    try:
        events = decode_events(text)
    except UNREADABLE:
        events = None
    if events is not None and not any(event.extensions for event in events):
        return [*events]
    try:
        items = _items(text)
    except UNREADABLE as error:
        raise from_validation(error) from error
    return [read_one(bytes(item)) for item in items]


def _careful(text: bytes) -> Received:
    """An event with unknown attributes, or the error with a pointer to what is wrong."""
    try:
        known, unknown = split_extensions(_attributes(text))
        leaps = _after_leap_seconds(known)
        event = decode_event(msgspec.json.encode(known | leaps) if unknown or leaps else text)
        return msgspec.structs.replace(event, extensions=_extensions(unknown))
    except UNREADABLE as error:
        return from_validation(error)
    except ScoreboardError as error:
        return error


def _after_leap_seconds(known: dict[str, Raw]) -> dict[str, Raw]:
    """Those times among the attributes that are leap seconds, as they are read."""
    found = {}
    for name in TIMES & known.keys():
        said = bytes(known[name])
        if b":60" in said:
            read = after_leap_second(msgspec.json.decode(said, type=str))
            found[name] = Raw(msgspec.json.encode(read))
    return found


def _extensions(unknown: dict[str, Raw]) -> dict[str, Scalar]:
    values: dict[str, Scalar | None] = {}
    for name, raw in unknown.items():
        try:
            values[name] = _extension_value(bytes(raw))
        except UNREADABLE as error:
            raise BadInput(
                f"the extension attribute {name} is neither text, number nor boolean",
                pointer="/" + escape(name),
            ) from error
    return checked_extensions(values)


def checked_extensions(values: Mapping[str, Scalar | None]) -> dict[str, Scalar]:
    """Extension attributes as they are kept, without nulls; BadInput points to what is wrong."""
    if len(values) > EXTENSIONS_MAX:
        raise BadInput(f"more than {EXTENSIONS_MAX} unknown attributes", pointer="")
    for name, value in values.items():
        pointer = "/" + escape(name)
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise BadInput(
                f"{name} is no attribute of an event",
                pointer=pointer,
                hint="extension attributes are lower case letters and digits; "
                "what happened belongs into `data`",
            )
        if isinstance(value, str) and len(value) > EXTENSION_CHARACTERS_MAX:
            raise BadInput(f"{name} is too long", pointer=pointer)
    return {name: value for name, value in values.items() if value is not None}
