"""What the public sees of a frozen competition.

Contests that are not frozen are the live ones; a frozen one is a fold of its own, of what came up
to its cut-off, of what the sport lets be seen nevertheless (a submission, not its judgement), and
of what officials have revealed since. Nothing else of it reaches a document for the public, so that
neither content nor version, neither position nor the time of a change tells what came after. A
contest that is thawed while everything else is frozen is the live one too, unless the rules have
changed behind the freeze: then it is a fold of its own, to its end, by the rules that are shown.
"""

from collections.abc import Callable, Mapping, Sequence

from scoreboard import telemetry
from scoreboard.facts.competition import cutoff_of
from scoreboard.facts.entry import Entry
from scoreboard.facts.ruling import in_force
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold, fact_of
from scoreboard.projections.loading import Loading
from scoreboard.sports.sport import Fact, FieldSport, Row

Sight = Callable[[Entry], bool]


class PublicFold:
    """A frozen competition; made anew whenever its definition changes."""

    def __init__(self, live: CompetitionFold) -> None:
        self.fold = seen_by_public(live)
        self.fold.redefined = True
        self.fold.cutoffs = live.definition.frozen if live.definition else {}
        self._live = live
        self._own: dict[str, ContestFold] = {}  # contests that are not the live ones
        self._other_rules = not self.fold.has_rules_of(live)

    @classmethod
    async def of(cls, loading: Loading, live: CompetitionFold, upto: int) -> "PublicFold":
        """The competition as the public sees it at a position."""
        made = cls(live)
        for id_ in live.contests:
            cutoff = made.cutoff(id_)
            if cutoff is not None:
                made._own[id_] = await loading.seen(made.fold, id_, cutoff, upto)
            elif made._other_rules:
                made._own[id_] = await loading.stood(made.fold, id_, upto)
        made.catch_up()
        return made

    def cutoff(self, contest: str) -> int | None:
        """The last position of a contest that the public sees; None if it sees all."""
        return self.fold.definition.cutoff(contest) if self.fold.definition else None

    def corrects(self, entries: Sequence[Entry]) -> bool:
        """Whether entries speak again of records that only the public's own folds show so."""
        definition = self.fold.definition
        return definition is not None and any(
            entry.record in definition.revealed
            or (self._other_rules and entry.version > 1 and self.cutoff(_contest(entry)) is None)
            for entry in entries
        )

    def feed(self, contest: str, entries: Sequence[Entry]) -> None:
        """Take further entries of a contest that is not the live one: what may be seen of them."""
        frozen = self.cutoff(contest) is not None
        if not frozen and not self._other_rules:
            return
        own = self._own.get(contest)
        if own is None:
            own = self._own[contest] = self.fold.new_contest(contest)
        seen = [entry for entry in entries if not frozen or own.unveils(entry)]
        if not seen:
            return
        self.fold.dirty.add(contest)
        try:
            own.feed(seen)
        except Exception as error:  # the live contest is parked by it; here it is left out
            telemetry.log.warning("not shown to the public", contest=contest, error=str(error))

    def catch_up(self) -> None:
        """Take up what changed in contests that are not frozen, before anything is shown."""
        self.fold.contests = {**self._live.contests, **self._own}
        self.fold.dirty |= self._live.dirty - set(self._own)
        if self.fold.redefined:
            self.fold.rank_anew()
        else:
            self.fold.rerank()
        self._advance()

    def _advance(self) -> None:
        """Say who goes on by what the public sees; frozen contests show those who met in them."""
        fold = self.fold
        fold.advancement.premises = self._live.advancement.premises
        for _round in range(len(fold.advancement.slots) + 1):
            fold.advance()
            misfits = [id_ for id_ in fold.misfits() if id_ in self._own]
            if not misfits or fold.sport is None or fold.sport.commutative:
                return
            for id_ in misfits:
                self._own[id_].refold_all(fold.contest_defined(id_))
                fold.dirty.add(id_)

    def shown(self) -> None:
        """All boards that changed are made."""
        for contest in self._own.values():
            contest.dirty_keys = set()
        self.fold.dirty, self.fold.moved, self.fold.redefined = set(), set(), False

    async def next_revealed(self, loading: Loading, contest: str, upto: int) -> list[str]:
        """The records of a frozen contest that the public is shown next; none if it sees all."""
        cutoff, sport = self.cutoff(contest), self.fold.sport
        if cutoff is None or sport is None:
            return []
        hidden = await loading.hidden(self.fold, contest, cutoff, upto)
        records = list(dict.fromkeys(entry.record for entry in hidden))
        known = await loading.ledger.versions(self.fold.slug, records, upto=upto)
        facts = [fact for record in records if (fact := self._fact(known[record]))]
        facts.sort(key=sport.sort_key)
        if not facts:  # nothing but what counts no more
            return records
        return list(sport.next_revealed(facts, self._ranking(), self.fold.states()))

    def _fact(self, versions: Sequence[Entry]) -> Fact | None:
        entry = in_force(versions)
        kind = self.fold.kinds.get(entry.type) if entry else None
        return fact_of(entry, versions[0], kind) if entry and kind else None

    def _ranking(self) -> list[Row]:
        fold = self.fold
        assert fold.sport is not None
        assert fold.definition is not None
        if isinstance(fold.sport, FieldSport):
            return list(fold.field_rows(fold.ranking().top(len(fold.ranking()))))
        return fold.sport.standings(fold.definition, fold.states())


def sight(fold: CompetitionFold, contest: str) -> Sight | None:
    """Which entries of a contest an audience is shown by the fold's cut-offs; None if all of them.

    The fold knows what was revealed.
    """
    cutoff = cutoff_of(fold.cutoffs, contest)
    if cutoff is None or fold.definition is None:
        return None
    revealed = fold.definition.revealed_since(cutoff)
    unveils = fold.new_contest(contest).unveils
    return lambda entry: entry.position <= cutoff or entry.record in revealed or unveils(entry)


def _contest(entry: Entry) -> str:
    return entry.contest or OUTSIDE


def seen_by_public(
    fold: CompetitionFold, frozen: Mapping[str, int | None] | None = None
) -> CompetitionFold:
    """A competition, without its contests, as the public sees its definition.

    `frozen`: as in `DefinitionFold.seen`.
    """
    definitions = fold.definitions.seen(frozen)
    seen = CompetitionFold(fold.slug, definitions, fold.sports)
    seen.position, seen.received = definitions.position, definitions.received
    return seen


def is_frozen(fold: CompetitionFold) -> bool:
    """Whether the public does not see all of a competition."""
    return fold.definition is not None and bool(fold.definition.frozen)
