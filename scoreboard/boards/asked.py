"""What a WebSocket's client may say."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from scoreboard.boards.queries import TOP_MAX
from scoreboard.errors import BadInput
from scoreboard.facts.names import Text200
from scoreboard.http.problem import UNREADABLE, from_validation

TOKEN_CHARACTERS_MAX = 8_192


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="action"):
    """What a client says; `ref` comes back in the answer."""

    ref: Text200 | None = None


class Hello(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="hello"):
    """Shows a key or a token."""

    token: Annotated[str, Meta(min_length=1, max_length=TOKEN_CHARACTERS_MAX)]


class Subscribe(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="subscribe"):
    """Follows a board, its top or a group, from the version that the client holds."""

    competition: Text200
    board: Text200
    top: Annotated[int, Meta(ge=1, le=TOP_MAX)] | None = None
    group: Text200 | None = None
    last_id: Text200 | None = None

    @property
    def query(self) -> dict[str, str]:
        """The view as a request's query has it."""
        asked = {"top": self.top, "group": self.group}
        return {name: str(value) for name, value in asked.items() if value is not None}


class Unsubscribe(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Follows a channel no more."""

    channel: Annotated[str, Meta(max_length=1_000)]


class Ping(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="ping"):
    """Asks whether the server is there, where a client cannot send a WebSocket's own pings."""


AnyAsked = Hello | Subscribe | Unsubscribe | Ping
decode = msgspec.json.Decoder(AnyAsked).decode


def read(said: str | bytes) -> AnyAsked:
    """What a message asks; BadInput if nobody knows."""
    if isinstance(said, bytes):
        raise BadInput("messages are text", hint="send JSON in text frames")
    try:
        asked: AnyAsked = decode(said)
    except UNREADABLE as error:
        raise from_validation(error) from error
    return asked
