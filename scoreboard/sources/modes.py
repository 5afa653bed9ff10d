"""CloudEvents 1.0 over HTTP (protocol binding 1.0.2, section 3), and plain JSON beside it.

application/cloudevents+json         structured: one event
application/cloudevents-batch+json   batch: an array of events
any JSON and `ce-` headers           binary: attributes in headers, `data` in the body
application/json                     plain: one event or an array; the source is the key's name
                                     unless it is given
application/x-ndjson                 a stream, one event a line (see stream.py)

One rule for all: what one mode refuses, so do the others. Only what calls itself no CloudEvent,
plain JSON and lines of it, may leave out `specversion` and `source`.
"""

from urllib.parse import unquote

import msgspec
from msgspec import UNSET, Raw, Struct
from starlette.datastructures import Headers

from scoreboard.errors import BadInput, ScoreboardError, UnsupportedMedia
from scoreboard.facts.event import TIMES, Event, split_extensions
from scoreboard.facts.instant import after_leap_second
from scoreboard.http.body import media_of
from scoreboard.http.endpoint import JSON, NDJSON
from scoreboard.http.problem import from_validation
from scoreboard.ingest.batch import is_json
from scoreboard.ingest.decoding import Received, checked_extensions, read_many, read_one

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY_PREFIX = "ce-"
NDJSON_TYPES = (NDJSON, "application/ndjson", "application/jsonl")


class Message(Struct, frozen=True):
    """What came in one request. `single`: one event, to be answered as such; `plain`: by JSON."""

    events: list[Received]
    single: bool
    plain: bool = False


def is_stream(headers: Headers) -> bool:
    """Whether the body is a stream of lines."""
    return media_of(headers) in NDJSON_TYPES


def read_message(headers: Headers, body: bytes) -> Message:
    """The events of a request that is no stream; UnsupportedMedia, or BadInput for no JSON."""
    media = media_of(headers)
    if media == STRUCTURED:
        return Message([versioned(read_one(body))], True)
    if media == BATCH:
        return Message([versioned(one) for one in read_many(body)], False)
    if any(name.startswith(BINARY_PREFIX) for name in headers):
        return Message([versioned(_binary(headers, body))], True)
    if media == JSON:
        if body.lstrip()[:1] == b"[":
            return Message(read_many(body), False, True)
        return Message([read_one(body)], True, True)
    raise UnsupportedMedia(
        f"{media or 'a body without a content type'} is not read here",
        hint=f"send {JSON}, {NDJSON}, {STRUCTURED} or {BATCH}",
    )


def versioned(received: Received) -> Received:
    """A CloudEvent as it is, or the error that it does not say of which version it is."""
    if isinstance(received, Event) and received.specversion is UNSET:
        return BadInput(
            "a CloudEvent names its specversion", pointer="/specversion", hint="it is 1.0"
        )
    return received


def _binary(headers: Headers, body: bytes) -> Received:
    media = media_of(headers)
    if body and not is_json(media):
        raise UnsupportedMedia(f"data of the type {media or 'nothing'} is not read here", hint=JSON)
    attributes = {
        name.removeprefix(BINARY_PREFIX): _decoded(value)
        for name, value in headers.items()
        if name.startswith(BINARY_PREFIX)
    }
    try:
        known, unknown = split_extensions(attributes)
        if "data" in known:
            raise BadInput("in binary mode the body is the data", pointer="/data")
        extensions = checked_extensions(unknown)
        leaps = {name: after_leap_second(known[name]) for name in TIMES & known.keys()}
        event = msgspec.convert(known | leaps, Event, strict=False)
    except msgspec.ValidationError as error:
        return from_validation(error)
    except ScoreboardError as error:
        return error
    return msgspec.structs.replace(
        event,
        data=Raw(body) if body else event.data,
        extensions=extensions,
    )


def _decoded(value: str) -> str:
    """A header's value (section 3.1.3.2: percent-encoded UTF-8, perhaps in double quotes)."""
    text = value.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return unquote(text)
