"""One page of a game's own entries into changes of its users, leagues and locks.

Everything of a page is done in memory and saved in one transaction with the checkpoint. What makes
no sense is kept in the ledger and flagged: a contest that nobody had announced, a lock by somebody
who is no official, a full league.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput
from scoreboard.facts.entry import Entry
from scoreboard.facts.ruling import in_force as ruled
from scoreboard.predictions.guesses import (
    Made,
    SlotOf,
    bounded,
    in_force,
    made_by,
    made_of,
    pack_history,
    pack_slots,
    said_in,
    unpack_history,
    unpack_slots,
)
from scoreboard.predictions.kept import State, User
from scoreboard.predictions.settling import Settlement, Terms
from scoreboard.sports.predictions import CARD, GUESS, JOINED, LEFT, LOCKED, GuessesMade

KINDS = {kind.type: kind for kind in (GUESS, CARD, LOCKED, JOINED, LEFT)}
GUESSES = frozenset({GUESS.type, CARD.type})
UNKNOWN_CONTEST, NOT_BY_OFFICIAL, LEAGUE_FULL = "unknown-contest", "not-by-official", "league-full"
OTHER_USER, UNREADABLE = "other-user", "unreadable"
FLAGGED_MAX = 1_000  # records kept for officials; further ones are only counted
LEAGUE_USERS_MAX = 500


class Taken(Struct):
    """What a page comes to: users to be saved, points that moved by key, who joined and left."""

    users: list[User] = []
    moved: dict[int, int] = {}
    joined: set[tuple[str, str]] = set()
    left: set[tuple[str, str]] = set()
    guesses: int = 0


class Page:
    """Takes entries one by one.

    `known` are the users that they name, as the store has them; `said`, by position, what was read
    of them already.
    """

    def __init__(
        self,
        state: State,
        announced: Mapping[str, int],
        known: dict[str, User],
        members: Mapping[str, Sequence[str]],
        next_key: int,
        said: Mapping[int, GuessesMade],
    ) -> None:
        self.next_key = next_key
        self._said = said
        self._state = state
        self._announced = announced
        self._known = known
        self._made: dict[str, list[Made]] = {}  # of users whose guesses changed
        self._leagues = {league: set(users) for league, users in members.items()}
        self.taken = Taken()

    def take(self, entry: Entry, before: Sequence[Entry]) -> None:
        """Take an entry; `before` are the earlier versions of its record."""
        if entry.type in GUESSES:
            self._guess(entry, before)
        elif entry.type in KINDS:
            self._rule([*before, entry])

    # guesses ------------------------------------------------------------------------------------

    def _guess(self, entry: Entry, before: Sequence[Entry]) -> None:
        try:
            if before:
                self._again(entry, before)
            else:
                said = self._said.get(entry.position) or said_in(entry)
                if said is not None:
                    slot_of = self._slots(entry)
                    new = made_by(said, entry.position, slot_of, entry.position)
                    self._history(said.user).extend(new)
                    self.taken.guesses += len(new)
        except (msgspec.DecodeError, BadInput):  # from another ledger: nothing of it counts
            self._flag(entry.record, UNREADABLE)

    def _again(self, entry: Entry, before: Sequence[Entry]) -> None:
        first = said_in(before[0])
        if first is None:
            return
        said = said_in(entry) if entry.action == "amend" else None
        if said is not None and said.user != first.user:
            self._flag(entry.record, OTHER_USER)
        history = self._history(first.user)
        gone = {one.position for one in made_of(before, self._slots(None))}
        history[:] = [one for one in history if one.position not in gone]
        history.extend(made_of([*before, entry], self._slots(entry)))

    def _history(self, name: str) -> list[Made]:
        made = self._made.get(name)
        if made is None:
            user = self._known.get(name)
            made = self._made[name] = unpack_history(user.history) if user else []
        return made

    def _slots(self, entry: Entry | None) -> SlotOf:
        """Slots as they are given; contests that were not announced are flagged with the entry."""
        slots, announced = self._state.slots, self._announced

        def slot_of(contest: str, spoken: int) -> int | None:
            if announced.get(contest, spoken) >= spoken:
                if entry is not None:
                    self._flag(entry.record, UNKNOWN_CONTEST)
                return None
            return slots.setdefault(contest, len(slots))

        return slot_of

    # the rest -----------------------------------------------------------------------------------

    def _rule(self, versions: Sequence[Entry]) -> None:
        """Take a lock or a membership as its record stands now."""
        entry = versions[-1]
        try:
            was = _payload(ruled(versions[:-1])) if len(versions) > 1 else None
            standing = ruled(versions)
            now = _payload(standing)
        except (msgspec.DecodeError, BadInput):
            self._flag(entry.record, UNREADABLE)
            return
        if entry.type == LOCKED.type:
            self._lock(entry.record, standing, now)
            return
        joins = entry.type == JOINED.type
        if was is not None and was != now:
            self._member(entry.record, was, joins=not joins)
        if now is not None and was != now:
            self._member(entry.record, now, joins=joins)

    def _lock(self, record: str, standing: Entry | None, said: Any) -> None:
        self._state.locked.pop(record, None)
        if standing is None or said is None:
            return
        if not standing.official:
            self._flag(record, NOT_BY_OFFICIAL)
            return
        self._state.locked[record] = (said.contest, standing.position)

    def _member(self, record: str, said: Any, *, joins: bool) -> None:
        one = (said.league, said.user)
        users = self._leagues.setdefault(said.league, set())
        if not joins:
            users.discard(said.user)
            self.taken.joined.discard(one)
            self.taken.left.add(one)
        elif said.user in users:
            return
        elif len(users) >= LEAGUE_USERS_MAX:
            self._flag(record, LEAGUE_FULL)
        else:
            users.add(said.user)
            self.taken.left.discard(one)
            self.taken.joined.add(one)

    def _flag(self, record: str, flag: str) -> None:
        flagged = self._state.flagged
        if record not in flagged and len(flagged) >= FLAGGED_MAX:
            self._state.flagged_left_out += 1
            return
        words = flagged.setdefault(record, [])
        if flag not in words:
            words.append(flag)

    # the end ------------------------------------------------------------------------------------

    def end(self, terms: Terms, settlement: Settlement) -> Taken:
        """Say what changed, with locks by these terms and points by those that are applied."""
        for name, made in self._made.items():
            user = self._known.get(name)
            if user is None:
                if not made:
                    continue
                user = User(self.next_key, name, b"", b"")
                self.next_key += 1
            history = bounded(made, terms.locks, terms.jokers)
            slots = pack_slots(in_force(history, terms.locks, terms.jokers))
            if settlement.any and slots != user.slots:
                by = settlement.of(unpack_slots(slots)) - settlement.of(unpack_slots(user.slots))
                if by:
                    self.taken.moved[user.key] = by
            user.slots, user.history = slots, pack_history(history)
            self.taken.users.append(user)
        return self.taken


class Named(Struct):
    """Users and leagues that entries speak of, and what cards say, by position."""

    users: set[str] = set()
    leagues: set[str] = set()
    said: dict[int, GuessesMade] = {}


def named_in(entries: Sequence[Entry], firsts: Mapping[str, Entry]) -> Named:
    """Whom entries speak of; `firsts`: the first versions of their records."""
    named = Named()
    for one in [*entries, *firsts.values()]:
        if one.data is None or one.action not in ("record", "amend"):
            continue
        try:
            if one.type in GUESSES:
                said = said_in(one)
                if said is not None:
                    named.said[one.position] = said
                    named.users.add(said.user)
            elif one.type in (JOINED.type, LEFT.type):
                named.leagues.add(KINDS[one.type].read(one.data, one.schema).league)
        except (msgspec.DecodeError, BadInput):
            continue
    return named


def _payload(entry: Entry | None) -> Any:
    if entry is None or entry.data is None:
        return None
    return KINDS[entry.type].read(entry.data, entry.schema)
