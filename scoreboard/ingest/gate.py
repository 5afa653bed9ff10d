"""The gate between the doors and the ledger."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from scoreboard.catalogue import LISTED, Catalogue, Standing, over
from scoreboard.errors import Conflict, Forbidden, NotDone, NotFound, ScoreboardError
from scoreboard.facts.competition import DEFINED, KINDS, Competition
from scoreboard.facts.entry import Draft
from scoreboard.facts.event import Event
from scoreboard.facts.roles import Principal, reaches, require
from scoreboard.ingest.batch import Batch, Checked
from scoreboard.ingest.definitions import RECORD
from scoreboard.ingest.outcome import Outcome, count, outcome_of
from scoreboard.ingest.own import own_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import Own
from scoreboard.telemetry import span

Pace = Callable[[], Awaitable[None]]
Official = Callable[[str], Awaitable[Collection[str]]]
"""Of a competition: the contests whose result is official."""
ABOUT_THE_COMPETITION = ("competition.", "ledger.", "projection.")
"""How the types of entries begin that say nothing of what happened."""
BULK_EVENTS = 100  # so many in one batch are no live device's


class Gate:
    """Checks events and appends them; used by every door that takes events."""

    def __init__(
        self,
        ledger: Ledger,
        catalogue: Catalogue,
        sports: Sports,
        official: Official,
        pace: Pace | None = None,
    ) -> None:
        """`pace` is waited for before a batch is answered: it holds who sends faster than shows."""
        self._ledger = ledger
        self._official = official
        self._catalogue = catalogue
        self._sports = sports
        self._pace = pace

    async def submit(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event | ScoreboardError],
        *,
        atomic: bool = False,
        basis: int | None = None,
        source: str | None = None,
    ) -> list[Outcome]:
        """What became of each event, in order, after the durable commit.

        Errors among `events` (what could not be decoded) keep their place. `source` stands in
        events that name none. `basis`: as in `Ledger.append`. Raises NotFound for an unknown
        competition, Forbidden, and Unavailable if the ledger cannot be written: nothing is then
        half done.
        """
        with span("ingest"):
            batch, checked = await self._check(principal, competition, events, source)
            for place in await self._to_approve(principal, competition, checked):
                checked[place] = Forbidden(
                    f"corrections of {competition} take effect when a second official has signed",
                    pointer="/action",
                    hint="preview the correction and sign it with basis and digest; it waits then",
                )
            if atomic and any(isinstance(one, ScoreboardError) for one in checked):
                outcomes: list[Outcome] = [_not_done(one) for one in checked]
            else:
                outcomes = await self._append(
                    checked, atomic, batch.basis if basis is None else basis
                )
            if batch.defines:
                await self._catalogue.catch_up(self._ledger.head.position)
            count(outcomes)
            if self._pace is not None and len(events) >= BULK_EVENTS:
                await self._pace()
            return outcomes

    async def drafts(
        self, principal: Principal, competition: str, events: Sequence[Event | ScoreboardError]
    ) -> list[Checked]:
        """What `submit` would append, without appending it (for previews)."""
        return (await self._check(principal, competition, events, None))[1]

    async def must_be_approved(
        self, principal: Principal, competition: str, checked: Sequence[Checked]
    ) -> bool:
        """Whether any of these drafts takes effect only when a second official has signed it."""
        return bool(await self._to_approve(principal, competition, checked))

    async def _to_approve(
        self, principal: Principal, competition: str, checked: Sequence[Checked]
    ) -> list[int]:
        """The places of officials' corrections that need a second one's signature.

        What stands outside contests is said of all of them. An admin who defines the competition
        anew corrects nothing.
        """
        named = {
            place: draft
            for place, draft in enumerate(checked)
            if isinstance(draft, Draft)
            and draft.record is not None
            and (draft.type != DEFINED.type or draft.action != "record")
        }
        if not named or not reaches(principal, "official"):
            return []
        await self._catalogue.catch_up()
        definition = self._catalogue.get(competition)
        which = definition.correction_rules.second_approval if definition else ""
        if not which:
            return []
        records = {place: draft.record or "" for place, draft in named.items()}
        known = await self._ledger.versions(competition, set(records.values()))
        of = {p: known[record][0].contest for p, record in records.items() if record in known}
        if which == "all" or not of:
            return list(of)
        official = await self._official(competition)
        return [p for p, contest in of.items() if official and contest in (None, *official)]

    async def own(self, competition: str) -> Mapping[str, Own]:
        """What users may say of themselves, by type of event; NotFound as `ensure_known`."""
        await self.ensure_known(competition)
        definition = self._catalogue.get(competition)
        return own_of(self._sports, definition.sport, definition.params) if definition else {}

    async def standing(self, competition: str) -> Standing:
        """What there is of a competition; what is not there, as of the ledger's head."""
        if self._catalogue.get(competition) is None:
            await self._catalogue.catch_up()
        return self._catalogue.standing(competition)

    async def ensure_known(self, competition: str) -> None:
        """NotFound unless somebody has defined the competition, as of the ledger's head."""
        standing = await self.standing(competition)
        if standing == "over":
            raise over(competition)
        if standing == "unknown":
            raise NotFound(f"there is no competition {competition}", hint=LISTED)

    async def _check(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event | ScoreboardError],
        source: str | None,
    ) -> tuple[Batch, list[Checked]]:
        require(principal, "player", competition)  # who may say what is for the batch to decide
        if not (reaches(principal, "admin") and _begins(events)):
            await self.ensure_known(competition)
        definition = self._catalogue.get(competition)
        batch = Batch(principal, competition, definition, self._sports, source)
        checked = batch.check(events)
        if batch.doubtful:
            # The definition may have changed a moment ago, here or in another process.
            before = self._catalogue.position
            await self._catalogue.catch_up()
            if self._catalogue.position != before:
                definition = self._catalogue.get(competition)
                batch = Batch(principal, competition, definition, self._sports, source)
                checked = batch.check(events)
        if batch.other_sport:
            basis = await self._ledger.last_position(competition)
            sport = definition.sport if definition else None
            refused = await self._of_another_sport(competition, sport, checked)
            if refused:
                events = [refused.get(place, event) for place, event in enumerate(events)]
                batch = Batch(principal, competition, definition, self._sports, source)
                checked = batch.check(events)
            batch.basis = basis
        return batch, checked

    async def _of_another_sport(
        self, competition: str, sport: str | None, checked: Sequence[Checked]
    ) -> dict[int, ScoreboardError]:
        """By place: new definitions that make another sport of what was said already."""
        known = {(e.source, e.id) for e in self._catalogue.versions(competition, RECORD)}
        spoken = await self._spoken(competition)
        refused: dict[int, ScoreboardError] = {}
        for place, draft in enumerate(checked):
            if not isinstance(draft, Draft) or (draft.source, draft.id) in known:
                continue
            if draft.type not in KINDS:
                spoken = True
            elif draft.type == DEFINED.type and draft.action in ("record", "amend"):
                said: Competition = DEFINED.read(draft.data, draft.schema)
                if spoken and said.sport != sport and sport is not None:
                    refused[place] = Conflict(
                        f"what happened in {competition} was said in the words of {sport}",
                        pointer="/data/sport",
                        hint=f"leave the sport as it is, or define another competition "
                        f"of {said.sport}",
                    )
                else:
                    sport = said.sport
        return refused

    async def _spoken(self, competition: str) -> bool:
        """Whether anything was ever said to have happened in a competition."""
        after = 0
        while True:
            entries = await self._ledger.read(after, competition=competition)
            if any(not e.type.startswith(ABOUT_THE_COMPETITION) for e in entries):
                return True
            if not entries:
                return False
            after = entries[-1].position

    async def _append(
        self, checked: list[Checked], atomic: bool, basis: int | None
    ) -> list[Outcome]:
        drafts = [one for one in checked if isinstance(one, Draft)]
        fates = iter(await self._ledger.append(drafts, atomic=atomic, basis=basis))
        return [outcome_of(next(fates)) if isinstance(one, Draft) else one for one in checked]


def _begins(events: Sequence[Event | ScoreboardError]) -> bool:
    first = events[0] if events else None
    return isinstance(first, Event) and first.type == DEFINED.type


def _not_done(checked: Checked) -> ScoreboardError:
    if isinstance(checked, ScoreboardError):
        return checked
    return NotDone("another event of this batch was refused")
