"""What a competition says about correcting, and correction notices.

A notice says which figures of a board were wrong, and which versions of it showed them. It is for
those who were shown what was wrong. While a freeze keeps a board from the public, a correction is
told to officials alone; what it changes of the figures that the public is shown waits in a notice
of its own, for the public alone, until the board is thawed. Of a figure that it never saw the
public is told nothing, such as one that something else had changed behind the freeze before it was
corrected.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct
from msgspec.structs import replace

from scoreboard.facts.instant import to_text
from scoreboard.facts.names import Text200

CHANGES_MAX = 20  # figures that one notice names; further ones are only counted
SecondApproval = Literal["", "official", "all"]
REASONS_MAX = 30
CORRECTIONS_MAX = 20  # the newest notices of a board, which it keeps
PLACES = frozenset({"order"})
"""Members that say where a row stands, not what it says: they follow from other changes."""


class CorrectionRules(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """About corrections; `reasons`: to choose from, in place of the sport's.

    `second_approval`: which of officials' corrections take effect only when a second official has
    signed them: none, those of contests whose result is official, or all.
    """

    reasons: Annotated[list[Text200], Meta(max_length=REASONS_MAX)] = []
    second_approval: SecondApproval = ""


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
    `left_out`: figures that changed beyond those that are named. `audience`: for whom it is alone.
    `frozen`: it waited for a thaw, and all versions of this generation, those that the public was
    shown during the freeze, showed what was wrong as well.
    """

    wrong_from: str
    right_from: str
    as_of: int
    changes: tuple[Changed, ...]
    left_out: int = 0
    audience: Literal["", "officials", "public"] = ""
    frozen: str = ""

    def shown(self) -> dict[str, Any]:
        """The notice as it is shown outside."""
        shown = {
            "wrong_from": self.wrong_from,
            "right_from": self.right_from,
            "as_of": to_text(self.as_of) if self.as_of else None,
            "changes": self.changes,
            "left_out": self.left_out,
        }
        return shown | {"frozen": self.frozen} if self.frozen else shown


def while_frozen(
    notice: Correction,
    told: Sequence[Correction],
    content: dict[str, Any],
    frozen: str,
    *,
    wrong: bool,
) -> tuple[Correction, ...]:
    """The notices of a board that the public is shown another `content` of, with a new one.

    `told`: those so far. `frozen`: the generation that shows that content. `wrong`: the public is
    shown what is corrected.
    """
    waits = next((one for one in told if frozen and one.frozen == frozen), None)
    changes = {change.pointer: change for change in waits.changes} if waits else {}
    for change in notice.changes:
        known = changes.pop(change.pointer, None)
        if known is not None:
            shown = replace(known, after=change.after) if known.after == change.before else known
        elif wrong and _at(content, change.pointer) == change.before:
            shown = change
        else:
            continue
        if shown.before != shown.after:  # else what was corrected was right, as it turned out
            changes[change.pointer] = shown
    kept = [one for one in told if one is not waits]
    if changes:
        first = tuple(islice(changes.values(), CHANGES_MAX))
        left_out = len(changes) - len(first)
        mine = replace(
            notice,
            wrong_from=waits.wrong_from if waits else notice.wrong_from,
            changes=first,
            left_out=left_out,
            audience="public",
            frozen=frozen,
        )
        kept.insert(0, mine)
    return (replace(notice, audience="officials"), *kept)


def thawed(told: Sequence[Correction], frozen: str, version: str) -> tuple[Correction, ...]:
    """The same notices now that the public is shown a version again; those that waited name it."""
    return tuple(replace(one, right_from=version) if one.frozen == frozen else one for one in told)


def _at(content: Any, pointer: str) -> Any:
    """The figure that a pointer (RFC 6901) names; unset if there is none."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        content = content.get(key, UNSET) if isinstance(content, dict) else UNSET
    return content


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
