"""What a board shows: an envelope and content, and the merge patches between two versions.

Content is JSON without nulls, so that a merge patch (RFC 7396) can say every change: a null in a
patch takes a member away. What has rows keeps them in an object by key, never in an array.
"""

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.correction import Correction
from scoreboard.facts.instant import to_text

Content = dict[str, Any]
REMOVED = None


class Document(Struct, frozen=True, kw_only=True, gc=False):
    """One version of one board.

    `generation` changes with the ledger, the fold's code or the rules; `position` and `as_of`
    (microseconds) are those of the last entry that changed this board; `revision` tells versions
    at the same position apart. `rules`: the version of the rules that it was made by. `frozen`: the
    public is shown it as it stood at a freeze. `corrections`: the newest notices of this generation
    up to this version, newest first, those for one audience alone too. Two documents are the same
    board if their content is equal.
    """

    competition: str
    board: str
    generation: str
    position: int
    revision: int
    as_of: int
    status: str
    content: Content
    rules: int
    frozen: bool = False
    corrections: tuple[Correction, ...] = ()

    @property
    def version(self) -> str:
        """The id of this version in a stream: `generation-position-revision`."""
        return version_of(self.generation, self.position, self.revision)

    @property
    def rehearsal(self) -> bool:
        """Whether nothing that it shows is for real."""
        return "rehearsal" in self.content

    @property
    def correction(self) -> Correction | None:
        """The notice of the correction that made this version; None if something else did."""
        newest = self.corrections[0] if self.corrections else None
        return newest if newest and newest.right_from == self.version else None

    def seen_by(self, *, public: bool) -> "Document":
        """The same without the notices that are for another audience alone."""
        other = "officials" if public else "public"
        if all(notice.audience != other for notice in self.corrections):
            return self
        seen = tuple(notice for notice in self.corrections if notice.audience != other)
        return replace(self, corrections=seen)

    def same_board(self, other: "Document") -> bool:
        """Whether another version of this board shows the same by the same rules."""
        return (
            self.generation == other.generation
            and self.status == other.status
            and self.content == other.content
        )

    def envelope(self) -> dict[str, Any]:
        """Everything about this version but its content, as it is shown outside."""
        shown = {
            "competition": self.competition,
            "board": self.board,
            "version": self.version,
            "position": self.position,
            "as_of": to_text(self.as_of) if self.as_of else None,
            "status": self.status,
            "rules": self.rules,
        }
        return shown | {"frozen": True} if self.frozen else shown


def version_of(generation: str, position: int, revision: int) -> str:
    """The id of a version; within a generation, versions are ordered by both numbers."""
    return f"{generation}-{position}-{revision}"


class Patch(Struct, frozen=True, kw_only=True, gc=False):
    """How `after` came from the version `before` of the same board (merge is RFC 7396)."""

    before: str
    after: Document
    merge: Content


def diff(old: Content, new: Content) -> Content:
    """The merge patch (RFC 7396) that makes `new` from `old`; empty if they are equal."""
    patch: Content = {}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
            continue
        before = old[key]
        if before is value:
            continue
        if isinstance(value, dict) and isinstance(before, dict):
            inner = diff(before, value)
            if inner:
                patch[key] = inner
        elif before != value or type(before) is not type(value):
            patch[key] = value
    for key in old:
        if key not in new:
            patch[key] = REMOVED
    return patch


def merge(old: Content, patch: Content) -> Content:
    """`old` with a merge patch applied (RFC 7396, section 2); neither argument is changed."""
    new = dict(old)
    for key, value in patch.items():
        if value is REMOVED:
            new.pop(key, None)
        elif isinstance(value, dict):
            before = new.get(key)
            new[key] = merge(before if isinstance(before, dict) else {}, value)
        else:
            new[key] = value
    return new


encode_content = msgspec.json.Encoder(order="deterministic").encode
