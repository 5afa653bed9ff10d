"""Correction notices: which figures of a board were wrong, and which versions of it showed them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import UNSET, Struct

from scoreboard.facts.instant import to_text

CHANGES_MAX = 20  # figures that one notice names; further ones are only counted
CORRECTIONS_MAX = 20  # the newest notices of a board, which it keeps
PLACES = frozenset({"order"})
"""Members that say where a row stands, not what it says: they follow from other changes."""


class Changed(Struct, frozen=True, kw_only=True, gc=False):
    """One figure: where in the content (RFC 6901), what it was, what it is; unset if absent."""

    pointer: str
    before: Any = UNSET
    after: Any = UNSET


class Correction(Struct, frozen=True, kw_only=True, gc=False):
    """What one act of correcting changed on a board.

    `wrong_from`: the first version that showed what was wrong. If that is longer ago than versions
    are remembered, it is the earliest that there can have been: none before it showed it.
    `right_from`: the version that shows it right. `as_of`: when it was corrected, in microseconds.
    `left_out`: figures that changed beyond those that are named.
    """

    wrong_from: str
    right_from: str
    as_of: int
    changes: tuple[Changed, ...]
    left_out: int = 0

    def shown(self) -> dict[str, Any]:
        """The notice as it is shown outside."""
        return {
            "wrong_from": self.wrong_from,
            "right_from": self.right_from,
            "as_of": to_text(self.as_of) if self.as_of else None,
            "changes": self.changes,
            "left_out": self.left_out,
        }


def named(before: dict[str, Any], merge: dict[str, Any]) -> tuple[tuple[Changed, ...], int]:
    """The figures that a merge patch changes in a content, as many as may be; how many more."""
    changes = _changes("", before, merge)
    first = tuple(islice(changes, CHANGES_MAX))
    return first, sum(1 for _ in changes)


def _changes(pointer: str, before: dict[str, Any], merge: dict[str, Any]) -> Iterator[Changed]:
    for key, after in merge.items():
        if key in PLACES:
            continue
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        was = before.get(key, UNSET)
        if isinstance(after, dict):
            old = was if isinstance(was, dict) else {}
            if old is not was and was is not UNSET:
                yield Changed(pointer=at, before=was)
            yield from _changes(at, old, after)
        elif isinstance(was, dict):
            yield from _changes(at, was, dict.fromkeys(was))
            if after is not None:
                yield Changed(pointer=at, after=after)
        else:
            yield Changed(pointer=at, before=was, after=UNSET if after is None else after)
