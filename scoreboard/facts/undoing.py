"""Undoing entries: what a record comes to if some of its versions had never been said.

An undoing is one more version, by an official, that names the positions it undoes in the extension
attribute `undoes`. What it says is what in_force finds among the record's versions that are left,
so that it reads as a correction to everybody else. An undoing can be undone like anything else:
what it undid then counts again. Nothing is remembered outside the entries.

Whoever undoes a version on which a later one stands must say so: the later one keeps its effect,
which may be all that is seen.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Action
from scoreboard.facts.ruling import happened, in_force

UNDOES = "undoes"
"""The extension attribute of undoings: the positions that were undone together, by spaces."""


class Reversal(Struct, frozen=True, kw_only=True):
    """How a record gets rid of some of its versions.

    `action` None: nothing has to be said, what counts stays the same. `says`: whose payload an
    amendment repeats. `later`: the positions that stand on top of what is undone and stay.
    """

    action: Action | None
    says: Entry | None = None
    later: tuple[int, ...] = ()


def undoes(entry: Entry) -> tuple[int, ...]:
    """The positions that an entry undoes; none unless an official said so of something earlier."""
    if entry.extensions is None or UNDOES not in entry.extensions:
        return ()
    if not entry.official or entry.version == 1:
        return ()
    named = str(msgspec.json.decode(entry.extensions).get(UNDOES, "")).split()
    return tuple(int(word) for word in named if word.isascii() and word.isdigit())


def undone(versions: Sequence[Entry], more: Collection[int] = ()) -> Mapping[int, int]:
    """What does not count any more in a record, by position: the position of what undid it.

    `more`: positions to be undone as well, by 0.
    """
    gone = dict.fromkeys(more, 0)
    own = {entry.position for entry in versions}
    for entry in reversed(versions):  # an undoing that was undone itself undoes nothing
        if entry.position not in gone:
            for position in undoes(entry):
                if position in own and position < entry.position:
                    gone.setdefault(position, entry.position)
    return gone


def reversal(versions: Sequence[Entry], positions: Collection[int]) -> Reversal:
    """What to say of a record to undo some of its versions, none of them undone already."""
    before, after = undone(versions), undone(versions, positions)
    said = [entry for entry in versions if not undoes(entry)]
    turned = [e.position for e in said if (e.position in before) != (e.position in after)]
    later = tuple(
        entry.position
        for entry in said
        if turned and entry.position > min(turned) and entry.position not in (*after, *turned)
    )
    shown = in_force(versions)
    wanted = in_force(versions, _passed_over(versions, after))
    if _same(wanted, shown, versions[0]):
        return Reversal(action=None, later=later)
    if wanted is None:
        return Reversal(action="void", later=later)
    if shown is None and _last_spoken(versions) is wanted:
        return Reversal(action="restore", says=wanted, later=later)
    return Reversal(action="amend", says=wanted, later=later)


def _same(one: Entry | None, other: Entry | None, first: Entry) -> bool:
    """Whether two versions of a record say the same, of the same time."""
    if one is None or other is None:
        return one is other
    said = [(e.type, e.data, e.schema, happened(e, first)) for e in (one, other)]
    return said[0] == said[1]


def _passed_over(versions: Sequence[Entry], gone: Mapping[int, int]) -> set[int]:
    """What does not count by itself: what is undone, undoings, and devices' words after one.

    An undoing overrules devices as any word of an official does.
    """
    passed = set(gone)
    ruled = False
    for entry in versions:
        if entry.position in gone:
            continue
        if undoes(entry):
            ruled = True
            passed.add(entry.position)
        elif ruled and not entry.official:
            passed.add(entry.position)
    return passed


def _last_spoken(versions: Sequence[Entry]) -> Entry | None:
    """What a restore would bring back."""
    last = versions[-1]
    restored = replace(
        last,
        position=last.position + 1,
        version=last.version + 1,
        action="restore",
        actor="official:",
    )
    return in_force([*versions, restored])
