"""One contest: its entries resolved to facts in force, the facts folded to states.

A contest of an ordered sport keeps its records' versions and facts in memory while it is *loaded*;
a late or corrected fact makes its fold key fold again. A contest of a commutative sport keeps only
states: a correction takes the old fact back and puts the new one in (`prior` brings the versions
that the ledger has of a corrected record).
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import msgspec
from sortedcontainers import SortedKeyList

from scoreboard.facts.competition import Contest
from scoreboard.facts.entry import Entry
from scoreboard.facts.payload import Kind
from scoreboard.facts.reconciling import RULINGS
from scoreboard.facts.ruling import happened, in_force, overruled
from scoreboard.projections.reconciliation import Reconciliation
from scoreboard.sports.sport import Fact, FieldSport, Sport

Prior = Mapping[str, Sequence[Entry]]
OUTSIDE = ""
"""The contest of facts that belong to no contest, such as drawn lots."""
OVERRULED = "overruled"
UNREADABLE = "unreadable"
FLAGS_MAX = 1_000  # records listed for officials of one contest; further ones are only counted


class ForgottenTooMuch(Exception):
    """A commutative state cannot take a fact back: the contest must be folded from the ledger."""


def fact_of(entry: Entry, first: Entry, kind: Kind) -> Fact:
    """The fact that an entry states; `first` is the record's first entry."""
    return Fact(
        record=entry.record,
        type=entry.type,
        payload=kind.read(entry.data or b"{}", entry.schema),
        contest=entry.contest or "",
        position=first.position,
        time=happened(entry, first),
        source=first.source,
        id=first.id,
        heard=first.received if first.official or first.by_user else 0,
    )


class ContestFold:
    """The fold of one contest. `position`: the last entry that it has taken."""

    def __init__(self, sport: Sport[Any], kinds: Mapping[str, Kind], contest: Contest) -> None:
        self.sport = sport
        self.kinds = kinds
        self.contest = contest
        self.position = 0
        self.received = 0
        self.began: int | None = None  # where its first fact came in; voided ones do not count
        self.taken = 0  # entries taken since the states were last kept
        self.loaded = True
        self.states: MutableMapping[str, Any] = {}
        self.flags: dict[str, list[str]] = {}
        self.flags_left_out = 0
        self.skipped: set[int] = set()
        self.dirty_keys: set[str] = set()
        self._entry_flags: dict[str, tuple[str, ...]] = {}
        self._versions: dict[str, list[Entry]] = {}
        self._facts: dict[str, Fact] = {}
        self._places: dict[str, Any] = {}  # the sort keys of facts by record, computed once
        self._order: dict[str, SortedKeyList] = {}
        self._stale: set[str] = set()
        self._in_order: list[Fact] = []  # facts that came after all others and are not folded yet
        self.reconciliation = reconciliation_of(sport, contest)

    # taking entries -----------------------------------------------------------------------------

    def feed(self, entries: Sequence[Entry], prior: Prior | None = None) -> None:
        """Take entries in order of position. An exception leaves the contest half fed: drop it."""
        if self.reconciliation is not None:
            for entry in entries:
                self.reconciliation.see(entry.type)
        fresh, corrected = self._sort_out(entries)
        if self.sport.commutative:
            self._feed_commutative(fresh, corrected, prior or {})
        else:
            self._feed_ordered(fresh, corrected)
        for entry in entries:
            if entry.flags:
                self._entry_flags[entry.record] = (
                    *self._entry_flags.get(entry.record, ()),
                    *entry.flags.split(),
                )
                self._flag(entry.record, entry.flags.split())
        if entries:
            self.position = max(self.position, entries[-1].position)
            self.received = max(self.received, entries[-1].received)
            self.taken += len(entries)

    def _sort_out(self, entries: Sequence[Entry]) -> tuple[list[Entry], dict[str, list[Entry]]]:
        """Entries that begin a record and are not corrected at once, and corrections by record."""
        corrected: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.version > 1:
                corrected.setdefault(entry.record, []).append(entry)
        if not corrected and not self.skipped:
            return list(entries), corrected
        fresh: list[Entry] = []
        for entry in entries:
            if entry.version == 1:
                if entry.record in corrected:
                    corrected[entry.record].insert(0, entry)
                elif entry.position not in self.skipped:
                    fresh.append(entry)
        return fresh, corrected

    def _feed_ordered(self, fresh: list[Entry], corrected: dict[str, list[Entry]]) -> None:
        for entry in fresh:
            self._versions[entry.record] = [entry]
            fact = self._fact([entry])
            if fact is not None:
                self._insert(fact)
        for record, news in corrected.items():
            versions = self._versions.setdefault(record, [])
            versions.extend(news)
            self._remove(record)
            fact = self._fact(versions)
            if fact is not None:
                self._insert(fact, at_end=False)
            self._flag_overruled(record, versions)
        self._refold()

    def _feed_commutative(
        self, fresh: list[Entry], corrected: dict[str, list[Entry]], prior: Prior
    ) -> None:
        for entry in fresh:
            fact = self._fact([entry])
            if fact is not None:
                self._apply(fact)
                self._begin(fact)
        for record, news in corrected.items():
            known = prior.get(record, ())
            versions = [*known, *news]
            before, after = self._fact(known), self._fact(versions)
            if before is not None:
                self._retract(before)
            if after is not None:
                self._apply(after)
            self._flag_overruled(record, versions)

    def _fact(self, versions: Sequence[Entry]) -> Fact | None:
        entry = in_force(versions, self.skipped) if versions else None
        kind = self.kinds.get(entry.type) if entry is not None else None
        if kind is None and entry is not None and self.reconciliation is not None:
            kind = RULINGS.get(entry.type)
        if entry is None or kind is None:
            return None
        return fact_of(entry, versions[0], kind)

    def unveils(self, entry: Entry) -> bool:
        """Whether the public may see an entry although it came after a freeze."""
        kind = self.kinds.get(entry.type)
        if kind is None or entry.version > 1 or entry.data is None:
            return False
        return not self.sport.veiled(fact_of(entry, entry, kind))

    # ordered folds ------------------------------------------------------------------------------

    def _insert(self, fact: Fact, *, at_end: bool = True) -> None:
        if self.reconciliation is not None:
            if fact.type in RULINGS:
                self.reconciliation.rule(fact)
                return
            self.reconciliation.put(fact)
        key = self.sport.fold_key(fact)
        order = self._order.get(key)
        if order is None:
            order = self._order[key] = SortedKeyList(key=self._place)
        last = order[-1] if order else None
        place = self._places[fact.record] = self.sport.sort_key(fact)
        order.add(fact)
        self._facts[fact.record] = fact
        self._begin(fact)
        follows = last is None or self._place(last) <= place
        if at_end and follows:
            self._in_order.append(fact)
        else:
            self._stale.add(key)

    def _remove(self, record: str) -> None:
        if self.reconciliation is not None:
            if self.reconciliation.unrule(record):
                return
            self.reconciliation.take(record)
        fact = self._facts.pop(record, None)
        if fact is None:
            return
        self._unflag(record)
        key = self.sport.fold_key(fact)
        self._order[key].remove(fact)
        del self._places[record]
        self._stale.add(key)
        if fact.position == self.began:
            self.began = min((one.position for one in self._facts.values()), default=None)

    def _begin(self, fact: Fact) -> None:
        if self.began is None or fact.position < self.began:
            self.began = fact.position

    def _refold(self) -> None:
        """Fold what came in order on top; what came late makes its whole key fold again."""
        for fact in self._in_order:
            if self.sport.fold_key(fact) not in self._stale:
                self._apply(fact)
        self._in_order = []
        for key in self._stale:
            self.states.pop(key, None)
            self._touch(key)
            for fact in self._order.get(key, ()):
                self._unflag(fact.record)
                self._apply(fact)
        self._stale.clear()

    def refold_all(self, contest: Contest) -> None:
        """Fold again because the contest's definition changed (loaded, ordered contests only)."""
        self.contest = contest
        self._stale.update(self._order)
        self._refold()
        self._reconcile_anew()

    def _reconcile_anew(self) -> None:
        """Join by the contest's rules as they are now."""
        before, self.reconciliation = (
            self.reconciliation,
            reconciliation_of(self.sport, self.contest),
        )
        if self.reconciliation is None or before is None:
            return
        self.reconciliation.used = before.used
        for fact in self._facts.values():
            self.reconciliation.put(fact)
        for ruling in before.rulings():
            self.reconciliation.rule(ruling)

    # states -------------------------------------------------------------------------------------

    def _apply(self, fact: Fact) -> None:
        key = self.sport.fold_key(fact)
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = self.sport.start(self.contest)
        self._touch(key)
        flags = self.sport.apply(state, fact)
        if flags:
            self._flag(fact.record, flags)

    def _touch(self, key: str) -> None:
        self.dirty_keys.add(key)
        if self.reconciliation is not None and isinstance(self.sport, FieldSport):
            self.reconciliation.touch(key)

    def _retract(self, fact: Fact) -> None:
        key = self.sport.fold_key(fact)
        state = self.states.get(key)
        if state is None or not self.sport.retract(state, fact):
            raise ForgottenTooMuch(fact.record)
        self.dirty_keys.add(key)
        self._unflag(fact.record)

    def _unflag(self, record: str) -> None:
        """Take back what the fold found surprising; what ingest and rulings flagged stays."""
        words = self.flags.pop(record, None)
        if words is None:
            return
        kept = list(self._entry_flags.get(record, ()))
        if OVERRULED in words:
            kept.append(OVERRULED)
        if kept:
            self.flags[record] = kept

    def _flag(self, record: str, flags: Sequence[str]) -> None:
        full = self.sport.commutative and len(self.flags) >= FLAGS_MAX
        if full and record not in self.flags:  # elsewhere all facts are in memory, too
            self.flags_left_out += 1
            return
        known = self.flags.setdefault(record, [])
        known.extend(flag for flag in flags if flag not in known)

    def _flag_overruled(self, record: str, versions: Sequence[Entry]) -> None:
        if overruled(versions):
            self._flag(record, (OVERRULED,))

    # memory -------------------------------------------------------------------------------------

    @property
    def weight(self) -> int:
        """Facts held in memory."""
        return len(self._versions)

    def facts(self) -> list[Fact]:
        """Facts in force in order (loaded, ordered contests only)."""
        if len(self._order) == 1:
            return list(next(iter(self._order.values())))
        return sorted(self._facts.values(), key=self._place)

    def _place(self, fact: Fact) -> Any:
        return self._places[fact.record]

    def unload(self) -> None:
        """Let records and facts go; states stay, and the next entry loads the contest again."""
        if not self.sport.commutative:
            self.loaded = False
            self._versions, self._facts, self._places, self._order = {}, {}, {}, {}
            self._entry_flags = {}
            self.reconciliation = None

    def settled(self) -> Reconciliation | None:
        """Observations and decisions as they are joined now (loaded contests only)."""
        if self.reconciliation is not None:
            self.reconciliation.settle(self.states)
        return self.reconciliation

    def settling(self, most: int) -> Iterator[None]:
        """Settle so many scopes at once, with a pause after each turn but the last."""
        while self.reconciliation is not None and self.reconciliation.settle(self.states, most):
            yield

    def twin(self) -> "ContestFold":
        """A copy to try entries on (commutative sports only); the states here stay as they are."""
        twin = ContestFold(self.sport, self.kinds, self.contest)
        twin.position, twin.received = self.position, self.received
        twin.began = self.began
        twin.skipped = set(self.skipped)
        twin.flags = {record: list(flags) for record, flags in self.flags.items()}
        twin.flags_left_out = self.flags_left_out
        twin._entry_flags = dict(self._entry_flags)
        twin.states = _Overlay(self.states, self.sport.State)
        return twin


def reconciliation_of(sport: Sport[Any], contest: Contest) -> Reconciliation | None:
    """Where a contest's observations and decisions are joined; None if the sport joins none."""
    join = None if sport.commutative else sport.join(contest)
    return None if join is None else Reconciliation(sport, join)


class _Overlay(MutableMapping[str, Any]):
    """States that are copied from others when they are first looked at; none is ever taken away."""

    def __init__(self, below: Mapping[str, Any], kind: type[msgspec.Struct]) -> None:
        self._own: dict[str, Any] = {}
        self._below = below
        self._kind = kind

    def __getitem__(self, key: str) -> Any:
        if key not in self._own:
            self._own[key] = decode_state(encode_state(self._below[key]), self._kind)
        return self._own[key]

    def __setitem__(self, key: str, state: Any) -> None:
        self._own[key] = state

    def __delitem__(self, key: str) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        yield from self._below
        yield from (key for key in self._own if key not in self._below)

    def __len__(self) -> int:
        return len(self._below.keys() | self._own.keys())


encode_state = msgspec.msgpack.Encoder().encode


def decode_states(blobs: Mapping[str, bytes], kind: type[msgspec.Struct]) -> dict[str, Any]:
    """States by key from what `encode_state` made of each."""
    decode = msgspec.msgpack.Decoder(kind).decode
    return {key: decode(blob) for key, blob in blobs.items()}


def decode_state(blob: bytes, kind: type[msgspec.Struct]) -> Any:
    """A state from what `encode_state` made of it."""
    return msgspec.msgpack.decode(blob, type=kind)
