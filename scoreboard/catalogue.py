"""The competitions' definitions, as folded from the ledger.

`DefinitionFold` folds one competition and is pure; projections use it too, also for boards as they
stood. `Catalogue` holds all competitions of the ledger as of a position and can be asked to catch
up, so that an event straight after the definition that makes it valid is valid.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from scoreboard.errors import BadInput, NotFound
from scoreboard.facts.competition import DEFINED, EVERYTHING, KINDS, Definition, contest_of
from scoreboard.facts.entry import Entry
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.proposing import PROPOSED
from scoreboard.facts.rules import Rules, following
from scoreboard.facts.ruling import in_force
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.reading import LedgerReader
from scoreboard.telemetry import log

READ_ENTRIES_MAX = 1_000
Standing = Literal["unknown", "real", "rehearsal", "over"]
"""What there is of a competition; `over`: it was taken back and is not shown any more."""
LISTED = "/api/v1/competitions lists what there is"


class DefinitionFold:
    """One competition's definition from its entries.

    Records count in the order in which they began, each by its version in force. A new record is
    folded on top; a correction folds all again, from the records' versions kept here (definitions
    are small beside what happens in them). `definition` is None before `competition.defined` and
    while that is voided. `position` and `received` are those of the last entry taken. `rules` are
    all versions of the rules, oldest first; the last is in force. `flags`: by record in force, what
    an official should look at in it, and the contest that it speaks of.
    """

    def __init__(self) -> None:
        self.definition: Definition | None = None
        self.position = self.received = 0
        self.rules: list[Rules] = []
        self.flags: dict[str, tuple[list[str], str | None]] = {}
        self._versions: dict[str, list[Entry]] = {}

    def feed(self, entries: Iterable[Entry]) -> None:
        """Take the competition's further entries, in the ledger's order; others are passed over."""
        corrected = False
        for entry in entries:
            if entry.type == ERASED:
                corrected |= self._erase(entry)
                continue
            if entry.type not in KINDS:
                continue
            self.position, self.received = entry.position, entry.received
            versions = self._versions.setdefault(entry.record, [])
            versions.append(entry)
            self._rule(versions)
            self._flag(versions)
            if len(versions) > 1:
                corrected = True
            elif not corrected:
                self._apply(entry)
        if corrected:
            self._refold()

    def seen(self, frozen: Mapping[str, int | None] | None = None) -> "DefinitionFold":
        """The definition as the public sees it: as it stood when everything was frozen.

        Contests that were thawed since are told as they stand. `frozen`: what is frozen, if not
        what the definition says (see `Definition.frozen`).
        """
        if self.definition is None:
            return self
        frozen = self.definition.frozen if frozen is None else frozen
        cutoff = frozen.get(EVERYTHING)
        if cutoff is None:
            return self
        past = DefinitionFold()
        entries = [entry for versions in self._versions.values() for entry in versions]
        entries.sort(key=lambda entry: entry.position)
        past.feed(entry for entry in entries if entry.position <= cutoff)
        if past.definition is not None:
            thawed = {id_ for id_, last in frozen.items() if last is None}
            past.definition.hide_like(self.definition)
            past.definition.tell(self.definition, sorted(thawed))
            newest = max(self._about(thawed), key=lambda entry: entry.position, default=None)
            if newest is not None and newest.position > past.position:
                past.position, past.received = newest.position, newest.received
        return past

    def _about(self, contests: Collection[str]) -> Iterator[Entry]:
        """The entries of records that speak of one of these contests alone."""
        for versions in self._versions.values() if contests else ():
            said = (_payload(one) for one in versions if one.action in ("record", "amend"))
            if any(one is not None and contest_of(one) in contests for one in said):
                yield from versions

    def under(self, rules: Rules) -> "DefinitionFold":
        """The same by other rules of the same sport; it is not meant to take further entries."""
        other = copy(self)
        other.rules = [rules]
        if self.definition is not None:
            other.definition = copy(self.definition)
            other.definition.params = rules.params
        return other

    def versions(self, record: str) -> list[Entry]:
        """All versions of one record of the definition, oldest first."""
        return list(self._versions.get(record, ()))

    def records(self, type_: str) -> list[list[Entry]]:
        """All versions of each record of one type, oldest first."""
        return [list(found) for found in self._versions.values() if found[0].type == type_]

    def _erase(self, erasure: Entry) -> bool:
        """Let go of a payload that is no longer in the ledger; False if it was not ours."""
        position = erased_by(erasure)
        for versions in self._versions.values():
            for place, entry in enumerate(versions):
                if entry.position == position:
                    versions[place] = replace(entry, data=None, salt=None)
                    self._rule_again()
                    self._flag(versions)
                    return True
        return False

    def _flag(self, versions: list[Entry]) -> None:
        """Note what an official should look at in a record as it stands now."""
        record, standing = versions[0].record, in_force(versions)
        self.flags.pop(record, None)
        if standing is not None and standing.flags and (said := _payload(standing)) is not None:
            self.flags[record] = (standing.flags.split(), contest_of(said))

    def _rule(self, versions: list[Entry]) -> None:
        """Note the rules that the last of a record's versions has put in force, if they are new."""
        standing = in_force(versions) if versions[0].type == DEFINED.type else None
        said = _payload(standing) if standing else None
        if said is not None:
            before = self.rules[-1] if self.rules else None
            rules = following(before, versions[-1], said)
            self.rules += [rules] if rules else []

    def _rule_again(self) -> None:
        self.rules = []
        for versions in self._versions.values():
            for count in range(1, len(versions) + 1):
                self._rule(versions[:count])

    def _refold(self) -> None:
        self.definition = None
        for versions in self._versions.values():
            entry = in_force(versions)
            if entry is not None:
                self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        payload = _payload(entry)
        if payload is None:
            return
        if entry.type == DEFINED.type:
            self.definition = Definition(payload)
        elif self.definition is not None:
            self.definition.apply(payload, entry.position, entry.actor, entry.record)


def erased_by(erasure: Entry) -> int | None:
    """The position whose payload an erasure took; None if it says none."""
    position: int | None = msgspec.json.decode(erasure.data or b"{}").get("position")
    return position


def over(slug: str) -> NotFound:
    """What is said of a competition that was taken back."""
    return NotFound(f"{slug} is over and not shown any more", hint=LISTED)


def _payload(entry: Entry) -> Any:
    """What the entry says; None if it was erased, or is of a form that this program cannot read.

    Nothing unreadable passes the gate; it can come from another ledger. The rest still counts.
    """
    if entry.data is None:
        return None
    try:
        return KINDS[entry.type].read(entry.data, entry.schema)
    except (msgspec.DecodeError, BadInput) as error:
        log.warning("definition not readable", position=entry.position, error=str(error))
        return None


class Catalogue:
    """All competitions of the ledger. `position`: the last entry that it knows of.

    `on_over` is called with the slug of a competition whose definition is taken back.
    """

    def __init__(self, ledger: LedgerReader) -> None:
        self.position = 0
        self.on_over: list[Callable[[str], None]] = []
        self._ledger = ledger
        self._folds: dict[str, DefinitionFold] = {}
        self._proposals: dict[str, dict[str, int]] = {}  # by record: where it stands
        self._lock = asyncio.Lock()

    def get(self, slug: str) -> Definition | None:
        """A competition by its slug; None if nobody has defined it."""
        fold = self._folds.get(slug)
        return fold.definition if fold else None

    def standing(self, slug: str) -> Standing:
        """What there is of a competition, as far as is known here."""
        fold = self._folds.get(slug)
        if fold is None or not fold.rules:
            return "unknown"
        if fold.definition is None:
            return "over"
        return "rehearsal" if fold.definition.rehearsal else "real"

    def seen(self, slug: str) -> Definition | None:
        """A competition as the public sees it; None if nobody has defined it."""
        fold = self._folds.get(slug)
        return fold.seen().definition if fold else None

    def rules(self, slug: str, *, public: bool) -> list[Rules]:
        """All versions of a competition's rules, oldest first, as an audience may know of them."""
        fold = self._folds.get(slug)
        if fold is None:
            return []
        return (fold.seen() if public else fold).rules

    def all(self) -> list[Definition]:
        """All competitions, in the order in which they were defined."""
        return [fold.definition for fold in self._folds.values() if fold.definition]

    def versions(self, slug: str, record: str) -> list[Entry]:
        """All versions of a record of a competition's definition, oldest first."""
        fold = self._folds.get(slug)
        return fold.versions(record) if fold else []

    def records(self, slug: str, type_: str) -> list[list[Entry]]:
        """All versions of each record of one type in a competition's definition."""
        fold = self._folds.get(slug)
        return fold.records(type_) if fold else []

    def proposing(self) -> list[str]:
        """The competitions with proposals that nobody has decided."""
        return [slug for slug, waiting in self._proposals.items() if waiting and self.get(slug)]

    def proposals(self, slug: str) -> list[str]:
        """The records of proposals that nobody has decided, oldest first."""
        return list(self._proposals.get(slug, ()))

    def fold(self, entries: Iterable[Entry]) -> None:
        """Take further entries of the ledger; those that are known already are passed over."""
        for entry in entries:
            if entry.position <= self.position:
                continue
            self.position = entry.position
            if (entry.type in KINDS or entry.type == ERASED) and entry.competition != SYSTEM:
                self._feed(entry)
            if entry.type in (PROPOSED, ERASED):
                self._propose(entry)

    def _feed(self, entry: Entry) -> None:
        fold = self._folds.setdefault(entry.competition, DefinitionFold())
        before = fold.definition
        fold.feed((entry,))
        if before is not None and fold.definition is None:
            for told in self.on_over:
                told(entry.competition)

    def _propose(self, entry: Entry) -> None:
        """Note a proposal; one that was decided or erased does not wait."""
        waiting = self._proposals.setdefault(entry.competition, {})
        if entry.type == ERASED:
            gone = erased_by(entry)
            for record in [record for record, place in waiting.items() if place == gone]:
                del waiting[record]
        elif entry.version == 1 and entry.data is not None:
            waiting[entry.record] = entry.position
        else:
            waiting.pop(entry.record, None)

    async def catch_up(self, position: int | None = None) -> None:
        """Read on to a position of the ledger (None: to its head, asked for anew).

        Raises Unavailable if the ledger cannot be read.
        """
        if position is None:
            position = (await self._ledger.refresh_head()).position
        async with self._lock:
            while self.position < position:
                entries = await self._ledger.read(
                    self.position, limit=READ_ENTRIES_MAX, upto=position, definitions=True
                )
                self.fold(entries)
                if len(entries) < READ_ENTRIES_MAX:
                    self.position = max(self.position, position)
