"""A user's guesses as bytes, and which of them are in force. Pure.

A guess is one number of 32 bits: home in the upper 12, away in the next 12, flags in the lowest 8.
Contests have *slots*, numbered from 0 in the order in which they were first guessed. The guesses in
force are an array of such numbers by slot (0: none). The history has every guess in the order of
positions, for the day when an official takes one back or a lock moves: the guess before it counts
again.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from scoreboard.facts.entry import Entry
from scoreboard.sports.predictions import CARD, GUESS, Guess, GuessesMade, GuessMade

GIVEN, JOKER, REFUSED, WITHDRAWN = 1, 2, 4, 8
"""Flags: a guess; with a joker; with one too many, which does not count; taken back."""
HISTORY_GUESSES_MAX = 16  # kept of one user and contest; the oldest go first
_ITEM = struct.Struct("<QHI")
_ITEMS = [struct.Struct("<" + "QHI" * count) for count in range(129)]
_WORD = 4
_WORDS = [struct.Struct(f"<{count}I") for count in range(129)]  # to spell a format costs more


class Made(NamedTuple):
    """A guess as it was made: where in the ledger, of which contest's slot, and what."""

    position: int
    slot: int
    guess: int


_POSITION = itemgetter(0)


def guess_of(home: int, away: int, *, joker: bool) -> int:
    """A guess as a number."""
    return home << 20 | away << 8 | GIVEN | (JOKER if joker else 0)


def score_of(guess: int) -> tuple[int, int]:
    """Home and away of a guess."""
    return guess >> 20, guess >> 8 & 0xFFF


def pack_slots(force: Mapping[int, int]) -> bytes:
    """The guesses in force by slot, as bytes."""
    if not force:
        return b""
    words = [0] * (max(force) + 1)
    for slot, guess in force.items():
        words[slot] = guess
    return struct.pack(f"<{len(words)}I", *words)


def unpack_slots(packed: bytes) -> tuple[int, ...]:
    """The guesses in force by slot; 0 where there is none."""
    count = len(packed) // _WORD
    if count < len(_WORDS):
        return _WORDS[count].unpack(packed)
    return struct.unpack(f"<{count}I", packed)


def pack_history(made: Iterable[Made]) -> bytes:
    """Guesses as bytes, in their order."""
    fields = [field for one in made for field in one]
    count = len(fields) // len(Made._fields)
    if count < len(_ITEMS):
        return _ITEMS[count].pack(*fields)
    return struct.pack("<" + "QHI" * count, *fields)


def unpack_history(packed: bytes) -> list[Made]:
    """What `pack_history` has packed."""
    return [Made(*fields) for fields in _ITEM.iter_unpack(packed)]


def bounded(made: Sequence[Made], locks: Mapping[int, int], jokers: int) -> list[Made]:
    """The history in order of positions, with no more of one contest than are kept.

    What came too late displaces nothing that was in time, and who was refused a joker gets none
    because the guess that had it is not kept any more: else a user moved one by guessing on.
    """
    ordered = sorted(made, key=_POSITION)  # stable: a card's own order stays
    if len(ordered) <= HISTORY_GUESSES_MAX:
        return ordered
    left: dict[tuple[int, bool], int] = {}
    kept = []
    for one in reversed(ordered):
        of = one.slot, is_late(one, locks)
        left[of] = left.get(of, HISTORY_GUESSES_MAX) - 1
        if left[of] >= 0:
            kept.append(one)
    kept.reverse()
    if len(kept) == len(ordered):
        return kept
    refused: set[tuple[int, int, int]] = set()
    in_force(ordered, locks, jokers, refused)
    return [_without_joker(one) if one in refused else one for one in kept]


def _without_joker(one: Made) -> Made:
    return one._replace(guess=one.guess & ~JOKER | REFUSED)


def is_late(one: Made, locks: Mapping[int, int]) -> bool:
    """Whether a guess came after its contest was locked, by position."""
    lock = locks.get(one.slot)
    return lock is not None and one.position >= lock


def in_force(
    made: Iterable[Made],
    locks: Mapping[int, int],
    jokers: int,
    refused: set[tuple[int, int, int]] | None = None,
) -> dict[int, int]:
    """The guess that counts by slot, from a history in order.

    `locks`: by slot, the position from which on guesses are late. `jokers`: how many a user may
    have in force at once; a joker is granted, or REFUSED, when its guess is made. `refused` takes
    the guesses with one too many.
    """
    force: dict[int, int] = {}
    used = 0
    if locks:
        made = [one for one in made if not is_late(one, locks)]
    for position, slot, guess in made:
        if force.pop(slot, 0) & JOKER:
            used -= 1
        if guess & WITHDRAWN:
            continue
        if guess & JOKER:
            if used < jokers:
                used += 1
            else:
                if refused is not None:
                    refused.add((position, slot, guess))
                guess = guess & ~JOKER | REFUSED  # noqa: PLW2901 - as it counts
        force[slot] = guess
    return force


# records --------------------------------------------------------------------------------------


def said_in(entry: Entry) -> GuessesMade | None:
    """The user and the guesses that an entry says; None if it was erased."""
    if entry.data is None:
        return None
    if entry.type == CARD.type:
        card: GuessesMade = CARD.read(entry.data, entry.schema)
        return card
    one: GuessMade = GUESS.read(entry.data, entry.schema)
    guess = Guess(contest=one.contest, home=one.home, away=one.away, joker=one.joker)
    return GuessesMade(user=one.user, guesses=[guess])


SlotOf = Callable[[str, int], int | None]
"""The slot of a contest for a guess at a position; None if nobody had announced it before."""


def made_by(said: GuessesMade, position: int, slot_of: SlotOf, spoken: int) -> list[Made]:
    """What a card makes at a position; contests unknown where it was `spoken` are left out."""
    made = []
    for one in said.guesses:
        slot = slot_of(one.contest, spoken)
        if slot is not None:
            made.append(Made(position, slot, guess_of(one.home, one.away, joker=one.joker)))
    return made


def made_of(versions: Sequence[Entry], slot_of: SlotOf) -> list[Made]:
    """What all versions of one record come to.

    Whoever made a guess may say it anew or take it back: that is one more guess, where it stands
    in the ledger. An official's word is about the guess itself: an amended one stands where it
    was made, a voided one was never made, a restored one was. Versions by others after an
    official's do not count.
    """
    first = versions[0]
    user = _user_of(first)
    made: list[Made] = []
    last: list[Made] = []  # as the record said it last
    undone: list[Made] = []
    official = False
    for entry in versions:
        if official and not entry.official:
            continue
        of_official = entry.official and entry.version > 1
        official = official or of_official
        said = said_in(entry) if entry.action in ("record", "amend") else None
        if said is not None and said.user != user:
            continue  # a guess is never another user's
        position = first.position if of_official else entry.position
        match entry.action:
            case "void" if of_official:
                undone, made = made or undone, []
            case "void":
                made = made + _withdrawn(last, position)
            case "restore" if of_official:
                made = made or undone
            case "restore":
                made = made + [one._replace(position=position) for one in last]
            case _:
                new = made_by(said, position, slot_of, entry.position) if said else []
                gone = {one.slot for one in last} - {one.slot for one in new}
                kept = [] if of_official else made
                withdrawn = [] if of_official else _withdrawn(last, position, gone)
                made, last = kept + withdrawn + new, new
    return made


def _withdrawn(
    last: Iterable[Made], position: int, slots: Iterable[int] | None = None
) -> list[Made]:
    return [
        Made(position, one.slot, WITHDRAWN) for one in last if slots is None or one.slot in slots
    ]


def _user_of(entry: Entry) -> str:
    said = said_in(entry)
    return said.user if said is not None else ""
