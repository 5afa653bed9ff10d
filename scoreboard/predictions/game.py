"""One game: reads on from its checkpoint, settles, publishes.

A step takes everything up to a position: first the other competition, so that locks and results
are known there; then, if a lock has moved over guesses that were taken, a run that finds the
guesses in force again; then a page of the game's own entries. When nothing is left to read and
results have been still for a moment, so that contests that end together are applied together, a
run applies what is final.

What was guessed cannot be told from an erased entry, so an erasure in the game makes all of it
anew; so does a definition that puts the game over another competition.
"""

import time
from collections.abc import Sequence

from msgspec.structs import replace

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.entry import Entry, Head
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.reading import LedgerReader
from scoreboard.predictions.applying import Applying
from scoreboard.predictions.following import Following, Seen, planned_us
from scoreboard.predictions.holding import Held, Report
from scoreboard.predictions.intake import LEAGUE_USERS_MAX, Page, Taken, named_in
from scoreboard.predictions.kept import Chunk, GameRow, chunk_of, decode_state, points_in
from scoreboard.predictions.settling import Failed, Outcome, Rule, Terms, points_of, relocks
from scoreboard.predictions.store import FORMAT, PredictionsStore
from scoreboard.predictions.tables import first_key
from scoreboard.projections.loading import RETRIED, is_definition
from scoreboard.settings import Settings
from scoreboard.sports.predictions import Predictions, PredictionsParams
from scoreboard.sports.registry import Sports

READ_ENTRIES_MAX = 1_000
SETTLE_MOST = 4  # times that results wait for others, if these keep coming


class Game:
    """One game of the store. `step` does what is next."""

    def __init__(
        self,
        slug: str,
        ledger: LedgerReader,
        store: PredictionsStore,
        sports: Sports,
        settings: Settings,
        report: Report,
        rule: Rule = points_of,
    ) -> None:
        self.slug = slug
        self._ledger = ledger
        self._store = store
        self._sports = sports
        self._settings = settings
        self._settle_s = settings.projection.worker_settle_s
        self._report = report
        self._rule = rule
        self._definitions = DefinitionFold()
        self._params = PredictionsParams()
        self._due: tuple[Terms, float, float] | None = None  # what is final; last moved, and first
        self._known: tuple[object, Terms] | None = None  # terms, and what they were made of
        self._received = 0
        self._held: Held
        self._applying: Applying
        self._following: Following

    # opening ------------------------------------------------------------------------------------

    async def open(self, found: GameRow | None) -> None:
        """Take up what the store has of the game, if it fits the ledger; else begin."""
        head = await self._ledger.refresh_head()
        self._received = head.received
        self._definitions = DefinitionFold()
        await self._define(head.position)
        if found is not None and not await self._fits(found, head.ledger):
            await self._store.drop(found.game)
            found = None
        if found is None:
            held = await Held.begin(self._store, self.slug, self._params.over, head, self._report)
        else:
            held = Held(self._store, found, self._report)
        await held.own()
        self._held = held
        self._applying = Applying(held, self._rule, self._settings)
        self._due = self._known = None
        await self._applying.resume()
        self._following = Following(self._params.over, self._ledger, self._sports)
        await self._following.catch_up(held.row.position)

    async def _fits(self, found: GameRow, ledger: str) -> bool:
        over = decode_state(found.state).over
        if (found.format, found.ledger, over) != (str(FORMAT), ledger, self._params.over):
            return False
        if found.position == 0:
            return True
        entry = await self._ledger.entry(found.position)
        return entry is not None and entry.hash == found.hash

    async def _define(self, upto: int) -> None:
        """Learn the game's own definition as of a position."""
        after = self._definitions.position
        while after < upto:
            entries = await self._ledger.read(
                after, limit=READ_ENTRIES_MAX, upto=upto, competition=self.slug, definitions=True
            )
            self._definitions.feed(entries)
            if len(entries) < READ_ENTRIES_MAX:
                break
            after = entries[-1].position
        definition = self._definitions.definition
        if definition is not None and definition.sport == Predictions.name:
            sport = self._sports.configured(definition.sport, definition.params)
            assert isinstance(sport, Predictions)
            self._params = sport.params

    async def settle(self) -> int | None:
        """Note that all is published, if it is; up to which position, or None if that is known."""
        held = self._held
        due = self._due is not None or held.state.run is not None or held.state.unpublished
        if due or held.row.settled == held.row.position:
            return None
        held.row.settled = held.row.position
        await held.save()
        return held.row.settled

    # one step -----------------------------------------------------------------------------------

    async def step(self) -> bool:
        """Do what is next; False if there is nothing to do now."""
        if self._held.state.run is not None:
            await self._applying.go_on()
            return True
        if await self._read():
            return True
        if await self._settle():
            return True
        if self._applying.publish_due():
            await self._applying.publish(self._held.row.position, self._received)
            return True
        return False

    async def _read(self) -> bool:
        """Take the next page of both competitions; False if there is nothing new."""
        held = self._held
        head = await self._ledger.refresh_head()
        after = held.row.position
        if head.position <= after:
            return False
        own, other = [
            await self._ledger.read(
                after, limit=READ_ENTRIES_MAX, upto=head.position, competition=slug
            )
            for slug in (self.slug, self._following.slug)
        ]
        full = [page[-1] for page in (own, other) if len(page) == READ_ENTRIES_MAX]
        last = min(full, key=lambda entry: entry.position, default=head)
        own = [entry for entry in own if entry.position <= last.position]
        if any(is_definition(entry) for entry in own):
            await self._define(head.position)
        begun = held.state.begun
        erased = any(e.type == ERASED and e.position > begun for e in own)
        if erased or self._params.over != held.state.over:
            self._report("anew", competition=self.slug)
            await self._store.drop(held.row.game)
            await self.open(None)
            return True
        other = [entry for entry in other if entry.position <= last.position]
        await self._following.take(other, last.position)
        self._received = last.received
        terms = await self._terms()
        if await self._relock(after):
            return True
        try:
            await self._take(own, terms, last)
        except Failed as failed:
            await self._applying.park_applied(failed, after, self._received)
            return True
        return bool(own or other) or last is not head

    async def _take(self, own: Sequence[Entry], terms: Terms, last: Entry | Head) -> None:
        """Take a page of the game's own entries, up to the last one, and save it."""
        held = self._held
        spoken = [entry for entry in own if not is_definition(entry)]
        for entry in spoken:
            if entry.type == RETRIED and entry.subject:
                self._retry(int(entry.subject))
        if not spoken:
            held.state.applied = replace(held.terms, locks=terms.locks, jokers=terms.jokers)
            held.row.position, held.row.hash = last.position, last.hash
            return  # saved with what comes next: until then it is read again
        page, before = await self._page(spoken)
        flagged = len(held.state.flagged)
        for entry in spoken:
            versions = before.get(entry.record, ())
            page.take(entry, [one for one in versions if one.position < entry.position])
        terms = await self._terms()  # contests may have been given slots, locks taken back
        if not relocks(held.terms, terms, held.row.position):  # else a run comes next
            held.state.applied = replace(held.terms, locks=terms.locks, jokers=terms.jokers)
        taken = page.end(terms, self._applying.applied())
        joined = held.row.users != page.next_key - first_key(held.row.game)
        held.row.users = page.next_key - first_key(held.row.game)
        chunks = await self._moved(taken)
        news = joined or bool(chunks) or len(held.state.flagged) != flagged
        held.state.unpublished = held.state.unpublished or news
        held.row.position, held.row.hash = last.position, last.hash
        await held.save(users=taken.users, chunks=chunks, joined=taken.joined, left=taken.left)
        self._report("taken", competition=self.slug, entries=len(own), guesses=taken.guesses)

    async def _page(self, spoken: Sequence[Entry]) -> tuple[Page, dict[str, list[Entry]]]:
        """What a page of entries is taken with: its users, leagues and earlier versions."""
        held = self._held
        corrected = {entry.record for entry in spoken if entry.version > 1}
        before = await self._ledger.versions(self.slug, corrected) if corrected else {}
        firsts = {record: versions[0] for record, versions in before.items()}
        named = named_in(spoken, firsts)
        game = held.row.game
        page = Page(
            held.state,
            self._following.announced,
            await self._store.users(game, named.users),
            {one: await self._store.members(game, one, LEAGUE_USERS_MAX) for one in named.leagues},
            first_key(game) + held.row.users,
            named.said,
        )
        return page, before

    async def _moved(self, taken: Taken) -> list[Chunk]:
        """The rows of points of users whose points moved outside a run."""
        by_chunk: dict[int, list[tuple[int, int]]] = {}
        for key, by in taken.moved.items():
            number, place = chunk_of(key)
            by_chunk.setdefault(number, []).append((place, by))
        known = await self._store.chunks(by_chunk) if by_chunk else {}
        chunks = []
        for number, moves in by_chunk.items():
            chunk = known.get(number) or Chunk(number, self._held.next_run, b"", b"")
            points = points_in(chunk.now)
            points.extend([0] * (1 + max(place for place, _ in moves) - len(points)))
            for place, by in moves:
                points[place] += by
            chunk.change(self._held.next_run, points)
            chunks.append(chunk)
        return chunks

    def _retry(self, position: int) -> None:
        """An official lets a contest be tried again."""
        parked = self._held.state.parked
        for slot in [slot for slot, park in parked.items() if park.position == position]:
            parked[slot] = replace(parked[slot], outcome=None, position=position)

    # terms --------------------------------------------------------------------------------------

    async def _terms(self) -> Terms:
        """What decides about points as of what has been taken of the other competition."""
        state = self._held.state
        by_clock = self._params.lock == "planned"
        as_of = (
            *(self._following.changes, self._definitions.position, len(state.slots)),
            *(tuple(state.locked.items()), self._received if by_clock else 0),
        )
        if self._known is None or self._known[0] != as_of:
            self._known = (as_of, await self._terms_now())
        return self._known[1]

    async def _terms_now(self) -> Terms:
        slots = self._held.state.slots
        seen = await self._following.seen(slots)
        locks, outcomes = {}, {}
        for id_, slot in slots.items():
            if id_ not in seen:
                continue
            lock = await self._lock(id_, seen[id_])
            if lock is not None:
                locks[slot] = lock
            score = seen[id_].score
            if score is not None:
                times = self._params.times(seen[id_].contest)
                outcomes[slot] = Outcome(*score, times, seen[id_].position)
        return Terms(
            scheme=self._params.scheme,
            joker_factor=self._params.joker_factor,
            jokers=self._params.jokers,
            outcomes=outcomes,
            locks=locks,
        )

    async def _lock(self, id_: str, seen: Seen) -> int | None:
        """The position from which on guesses of a contest are late; None if none are yet."""
        locks = [
            position for contest, position in self._held.state.locked.values() if contest == id_
        ]
        began = [] if seen.began is None else [seen.began]
        if self._params.lock == "start":
            return min(locks + began, default=None)
        planned = []
        start_us = planned_us(seen.contest)
        if start_us is not None and start_us <= self._received:
            planned = [await self._ledger.position_at(start_us - 1) + 1]
        if seen.score is not None and not any(lock <= seen.position for lock in planned):
            planned += began  # played before its time, or nobody has said a time
        return min(locks + planned, default=None)

    async def _relock(self, taken: int) -> bool:
        """Begin a run that finds guesses in force again, if locks have moved over some of them."""
        terms = await self._terms()
        if not relocks(self._held.terms, terms, taken):
            return False
        terms = replace(terms, outcomes=self._held.terms.outcomes)
        await self._applying.begin(terms, taken, self._received, relock=True)
        return True

    async def _settle(self) -> bool:
        """Begin a run towards what is final, once that has been still for a moment."""
        if await self._relock(self._held.row.position):
            return True
        terms = self._applying.due(await self._terms())
        now_s = time.monotonic()
        if terms is None:
            self._due = None
            return False
        if self._due is None:
            self._due = (terms, now_s, now_s)
        elif self._due[0].outcomes != terms.outcomes:
            self._due = (terms, now_s, self._due[2])
        _terms, moved_s, first_s = self._due
        if now_s < min(moved_s + self._settle_s, first_s + SETTLE_MOST * self._settle_s):
            return False
        self._due = None
        position = max((one.position for one in terms.outcomes.values()), default=0)
        await self._applying.begin(terms, position or self._held.row.position, self._received)
        return True
