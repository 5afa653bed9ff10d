"""Runs: what is final applied to all users, in batches that survive any end of the process.

A run's terms, and how far it has come, are in the store. Whoever comes after a crash goes on at the
cursor. Points move by difference from the terms that are applied; if the rule fails on a contest,
the contest is parked with the reason and all points are summed up anew without its news. A run
that ended the process several times without moving goes on contest by contest, so that the one
that does it is found and parked.
"""

import time
from collections.abc import Mapping

from msgspec.structs import replace

from scoreboard.predictions.holding import Held, now_us
from scoreboard.predictions.kept import Park, Published, Run
from scoreboard.predictions.ranking import ranking_of, top_of, totals_of
from scoreboard.predictions.running import run_batch
from scoreboard.predictions.settling import Failed, Rule, Settlement, Terms, moved, same, without
from scoreboard.predictions.tables import CHUNK_USERS
from scoreboard.settings import Settings

BREAKS_MAX = 2  # times that a run may end the process before contests are tried one by one
PUBLISH_SHARE = 3  # a board is published anew after so many times as long as the last time took


class Applying:
    """The runs of one game."""

    def __init__(self, held: Held, rule: Rule, settings: Settings) -> None:
        self._publish_s = settings.projection.worker_publish_s
        self._batch_rows = max(1, settings.limits.worker_batch_users_max // CHUNK_USERS)
        self._held = held
        self._rule = rule
        self._top_max = settings.limits.board_rows_max
        self._settlement: tuple[Terms, Settlement] | None = None
        self._run: tuple[Run, Settlement] | None = None
        self._began_s = time.perf_counter()
        self._publish_at_s = 0.0

    def applied(self) -> Settlement:
        """Points by the terms that are applied."""
        terms = self._held.terms
        if self._settlement is None or self._settlement[0] is not terms:
            self._settlement = (terms, Settlement(terms, None, self._rule))
        return self._settlement[1]

    def due(self, terms: Terms) -> Terms | None:
        """The terms to be applied next: with parked contests as they were; None if none are.

        A contest that waits is let go if its result is again what is applied.
        """
        state = self._held.state
        for slot, park in list(state.parked.items()):
            outcome = terms.outcomes.get(slot)
            if same(outcome, park.outcome):
                terms = without(terms, slot, state.applied)
            elif same(outcome, state.applied.outcomes.get(slot)):
                del state.parked[slot]
        return terms if moved(state.applied, terms) else None

    async def begin(self, terms: Terms, position: int, as_of: int, *, relock: bool = False) -> None:
        """Begin a run towards terms; it is in the store before anything of it is done."""
        held = self._held
        anew = relock or not held.terms.same_rule(terms)
        held.state.run = Run(terms=terms, position=position, as_of=as_of, anew=anew, relock=relock)
        held.row.cursor = 0
        held.state.unpublished = True
        self._began_s = time.perf_counter()
        await held.save()

    async def resume(self) -> None:
        """Take up a run after the process has ended: count that it did."""
        run = self._held.state.run
        if run is None:
            return
        self._held.report("retried", competition=self._held.row.competition)
        self._held.state.run = run = replace(run, attempts=run.attempts + 1)
        if run.attempts > BREAKS_MAX:
            await self._narrow(run)
        await self._held.save()

    async def go_on(self) -> None:
        """One batch of the run under way, or its end."""
        held = self._held
        run = held.state.run
        assert run is not None
        if held.row.cursor * CHUNK_USERS >= held.row.users:
            await self._end(run)
            return
        if self._run is None or self._run[0] is not run:
            before = None if run.anew else held.terms
            self._run = (run, Settlement(run.terms, before, self._rule))
        try:
            batch = await run_batch(
                held.store,
                held.row.game,
                held.row.users,
                held.row.cursor,
                self._batch_rows,
                held.next_run,
                run,
                self._run[1],
            )
        except Failed as failed:
            await self._park(run, failed)
            return
        held.row.cursor += self._batch_rows
        if run.attempts:
            held.state.run = replace(run, attempts=0)
            self._run = (held.state.run, self._run[1])
        await held.save(chunks=batch.chunks, forced=batch.forced)

    async def _end(self, run: Run) -> None:
        """All users are settled: rank them and show it."""
        held = self._held
        for slot in set(moved(held.terms, run.terms)) & held.state.parked.keys():
            del held.state.parked[slot]  # it went well this time
        held.state.applied = run.terms
        held.state.run, self._run = None, None
        held.row.cursor = 0
        if run.wanted is not None and moved(run.terms, run.wanted):
            held.state.run = self._one_of(replace(run, terms=run.wanted))
            await held.save()
            return
        await self.publish(run.position, run.as_of)
        took_s = time.perf_counter() - self._began_s
        held.report("run", competition=held.row.competition, seconds=took_s, users=held.row.users)

    # what goes wrong ----------------------------------------------------------------------------

    async def park_applied(self, failed: Failed, position: int, as_of: int) -> None:
        """The rule failed on a contest that is applied: sum all points up without it."""
        terms = self._held.terms
        await self._park(Run(terms=terms, position=position, as_of=as_of), failed)

    async def _park(self, run: Run, failed: Failed) -> None:
        """Let a contest wait as it was, and sum all points up without its news."""
        held, slot, error = self._held, failed.slot, str(failed)
        contest = next(id_ for id_, one in held.state.slots.items() if one == slot)
        outcome = run.terms.outcomes.get(slot)
        before = held.state.parked.get(slot)
        held.state.parked[slot] = Park(
            contest=contest,
            position=outcome.position if outcome else run.position,
            error=error[:500],
            attempts=before.attempts + 1 if before else 1,
            since_us=before.since_us if before else now_us(),
            outcome=outcome,
        )
        was = held.terms
        if not moved(_only(was, slot), _only(run.terms, slot)):
            was = Terms()  # what was applied fails as well
        terms = without(run.terms, slot, was)
        held.state.run = replace(run, terms=terms, wanted=None, anew=True, attempts=0, careful="")
        held.row.cursor = 0
        held.report("parked", competition=held.row.competition, contest=contest, error=error)
        await held.save()

    async def _narrow(self, run: Run) -> None:
        """The run ends the process: try one contest by itself, or park the one that was tried."""
        held = self._held
        if run.careful:
            slot = held.state.slots[run.careful]
            await self._park(run, Failed(slot, "the process ended while it was applied"))
        elif held.terms.same_rule(run.terms) and moved(held.terms, run.terms):
            held.state.run = self._one_of(run)
            held.row.cursor = 0

    def _one_of(self, run: Run) -> Run:
        """A run over the first alone of the contests that a run is about."""
        held = self._held
        slot = moved(held.terms, run.terms)[0]
        contest = next(id_ for id_, one in held.state.slots.items() if one == slot)
        return replace(
            run,
            terms=without(held.terms, slot, run.terms),
            wanted=run.terms,
            anew=True,
            attempts=0,
            careful=contest,
        )

    # showing ------------------------------------------------------------------------------------

    def publish_due(self) -> bool:
        """Whether what is shown is not what there is, and it is time to say so."""
        return self._held.state.unpublished and time.monotonic() >= self._publish_at_s

    async def publish(self, position: int, as_of: int) -> None:
        """Rank all users and show it."""
        held = self._held
        started_s = time.perf_counter()
        row, store = held.row, held.store
        ranking = await ranking_of(store, row.game, row.users)
        top = await top_of(store, row.game, row.users, ranking, self._top_max)
        totals = await totals_of(store, ranking)
        row.run += 1
        held.state.unpublished = False
        published = Published(
            run=row.run,
            position=position,
            as_of=as_of,
            users=row.users,
            contests=len(held.terms.outcomes),
            top=top,
            flagged=held.state.flagged,
            flagged_left_out=held.state.flagged_left_out,
        )
        await held.publish(published, totals)
        took_s = time.perf_counter() - started_s
        self._publish_at_s = time.monotonic() + max(self._publish_s, PUBLISH_SHARE * took_s)
        held.report(
            "published", competition=row.competition, run=row.run, position=position, seconds=took_s
        )


def _only(terms: Terms, slot: int) -> Terms:
    outcomes: Mapping[int, object] = terms.outcomes
    return replace(terms, outcomes={slot: terms.outcomes[slot]} if slot in outcomes else {})
