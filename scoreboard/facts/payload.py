"""Kinds of events: what may stand in `data`, by version.

A kind lists its payload structs from the oldest version to the newest and how each becomes the
next. The ledger keeps what was said; readers see the newest version (`Kind.read`).
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput
from scoreboard.facts.instant import after_leap_seconds


class Payload(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What stands in an event's `data`. Unknown fields are refused: they are mistyped ones."""


class Kind:
    """One type of event and its payload's versions.

    `versions[0]` is version 1. `upcasts[n]` makes version n + 2 from version n + 1.
    `entrants` gives the ids of the entrants that the newest payload speaks of.
    """

    def __init__(
        self,
        type_: str,
        *versions: type[Payload],
        upcasts: tuple[Callable[[Any], Any], ...] = (),
        entrants: Callable[[Any], Iterable[str]] = lambda payload: (),
    ) -> None:
        if len(upcasts) != len(versions) - 1:
            raise ValueError(f"{type_}: {len(versions)} versions need {len(versions) - 1} upcasts")
        self.type = type_
        self.versions = versions
        self.upcasts = upcasts
        self.entrants = entrants
        self._decoders = [msgspec.json.Decoder(version) for version in versions]

    @property
    def newest(self) -> type[Payload]:
        """The struct that readers see."""
        return self.versions[-1]

    def read(self, data: bytes, version: int = 1) -> Any:
        """The newest payload from JSON of the given version; leap seconds as in an event's `time`.

        Raises msgspec.ValidationError with the path to the field, or BadInput for a version that
        does not exist.
        """
        if version > len(self.versions):
            raise BadInput(
                f"{self.type} has no payload version {version}",
                pointer="/dataversion",
                hint=f"versions 1 to {len(self.versions)} are known",
            )
        payload = self._decoded(data, self._decoders[version - 1])
        for upcast in self.upcasts[version - 1 :]:
            payload = upcast(payload)
        return payload

    @staticmethod
    def _decoded(data: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
        """The payload; what is refused is looked at again if there may be a leap second in it."""
        try:
            return decoder.decode(data)
        except msgspec.ValidationError:
            if b":60" not in data:
                raise
            said = msgspec.json.decode(data)
            read = after_leap_seconds(said)
            if read == said:
                raise
        return decoder.decode(msgspec.json.encode(read))
