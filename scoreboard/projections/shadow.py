"""Live folds checked against the ledger, in the background: the fold from the ledger is the truth.

One contest at a time is folded again from its first entry, beside the live fold and mostly at rest,
until both have taken the same entries; only then the live fold is held for a moment and compared.
A difference alarms: in the metrics, in the log, and on the officials' list of flags, each time with
the name of the contest. Nothing is mended by itself: a rebuild makes the boards from the ledger.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any, Literal

from scoreboard import telemetry
from scoreboard.errors import Unavailable
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import ContestFold
from scoreboard.projections.loading import SETTLED_AT_ONCE
from scoreboard.projections.parking import ContestId
from scoreboard.projections.projection import BoardsProjection
from scoreboard.sports.sport import WHOLE_FIELD, FieldSport

Verdict = Literal["same", "different", "moved"]
"""`moved`: the contest changed too fast, waits for an official, or is not in memory any more."""

REST = 19  # after each page so many times as long as it took: a twentieth of one core
CATCH_UP_MAX = 20  # attempts to come as far as the live fold
NAMED_MAX = 5  # keys of states that the log names


class Shadow:
    """The shadow of one projection. `different`: the contests that differed when last looked at."""

    def __init__(self, projection: BoardsProjection) -> None:
        self.different: set[ContestId] = set()
        self._projection = projection
        self._every_s = projection.settings.projection.shadow_every_s
        self._last: ContestId = ("", "")

    async def run(self, stop: asyncio.Event) -> None:
        """Check one contest after the other, a pause between them, until `stop` is set."""
        while self._every_s and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every_s)
                return
            try:
                await self._check_next(stop)
            except Unavailable as error:
                telemetry.log.info("shadow waits", reason=error.message)
            except Exception as error:
                telemetry.log.warning("shadow failed", error=repr(error))

    async def _check_next(self, stop: asyncio.Event) -> None:
        known = sorted(self.contests())
        if known:
            self._last = next((id_ for id_ in known if id_ > self._last), known[0])
            check = asyncio.create_task(self.check(self._last, rest=REST))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((check, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not check.done():
                check.cancel()
            await asyncio.gather(check, stopping, return_exceptions=True)
            if not check.cancelled():
                check.result()

    def contests(self) -> Iterator[ContestId]:
        """The contests of all competitions in memory."""
        for slug, fold in self._projection.folds.live.items():
            yield from ((slug, id_) for id_ in fold.contests)

    async def check(self, id_: ContestId, *, rest: float = 0) -> Verdict:
        """Fold a contest again and compare; `rest`: the pause after each page, in times its own.

        Raises Unavailable if the ledger cannot be read.
        """
        verdict = await self._verdict(id_, rest)
        telemetry.SHADOW_CHECKS.labels(verdict).inc()
        if verdict != "moved":
            await self._tell(id_, differs=verdict == "different")
        return verdict

    async def _verdict(self, id_: ContestId, rest: float) -> Verdict:
        projection, (slug, contest) = self._projection, id_
        erasures = projection.folds.erasures
        own = await projection.loading.competition(slug, projection.position)
        known = projection.folds.live.get(slug)
        met = known.contests.get(contest) if known else None
        if own.sport is None or met is None:
            return "moved"
        # Who goes on is no matter of one contest: it is folded with those who meet in it now.
        meeting = met.contest if contest in own.advancement.slots else None
        made = own.new_contest(contest, meeting)
        made.skipped = await projection.loading.skipped(slug, contest, projection.position)
        for _attempt in range(CATCH_UP_MAX):
            made = await self._follow(own, made, contest, rest)
            for _more in made.settling(SETTLED_AT_ONCE):
                await asyncio.sleep(0)
            async with projection.folding:
                live = projection.folds.live.get(slug)
                folded = live.contests.get(contest) if live else None
                if (
                    live is None
                    or folded is None
                    or id_ in projection.parking.waiting
                    or erasures != projection.folds.erasures
                    or folded.skipped != made.skipped
                    or (meeting is not None and folded.contest != meeting)
                    or live.definitions.position != own.definitions.position
                ):
                    return "moved"
                if folded.position == made.position:
                    differing = differences(own, folded, made)
                    break
        else:
            return "moved"
        if differing:
            telemetry.log.error(
                "live fold differs from the ledger",
                competition=slug,
                contest=contest,
                position=made.position,
                keys=differing[:NAMED_MAX],
            )
        return "different" if differing else "same"

    async def _follow(
        self, own: CompetitionFold, made: ContestFold, contest: str, rest: float
    ) -> ContestFold:
        """The fold with what the ledger has further of the contest."""
        loading, upto = self._projection.loading, self._projection.position
        started_s = time.monotonic()
        try:
            async for entries in loading.pages(own, contest, made.position, upto):
                made.feed(entries, await loading.prior(own, entries))
                await asyncio.sleep(rest * (time.monotonic() - started_s))
                started_s = time.monotonic()
        except Unavailable:
            raise
        except Exception:  # an entry that a later one mended: it takes the whole
            return await loading.contest(own, contest, upto, (), made.contest)
        return made

    async def _tell(self, id_: ContestId, *, differs: bool) -> None:
        """Put the contest on the officials' list, or take it off."""
        self.different = self.different | {id_} if differs else self.different - {id_}
        telemetry.SHADOW_DIFFERENCES.set(len(self.different))
        async with self._projection.folding:
            self._projection.doubt(id_, doubted=differs)


def differences(own: CompetitionFold, live: ContestFold, made: ContestFold) -> list[str]:
    """The keys of states and the records with flags, or joined, in which two folds differ.

    States of a commutative sport may remember different facts and mean the same: of these what they
    show is compared.
    """
    shown = shown_of if own.sport is not None and own.sport.commutative else states_of
    ours, theirs = shown(own, made), shown(own, live)
    keys = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    keys += joined_otherwise(live, made)
    if live.flags_left_out or made.flags_left_out:  # which are kept depends on what came first
        return sorted(keys)
    flags, live_flags = flags_of(made), flags_of(live)
    records = flags.keys() | live_flags.keys()
    return sorted(keys) + sorted(r for r in records if flags.get(r) != live_flags.get(r))


def joined_otherwise(live: ContestFold, made: ContestFold) -> list[str]:
    """Records that are joined otherwise in two folds of a contest, where both know their facts."""
    ours, theirs = made.settled(), live.settled() if live.loaded else None
    if ours is None or theirs is None:
        return []
    one, other = ours.outcome(), theirs.outcome()
    return [record for record in one.keys() | other.keys() if one.get(record) != other.get(record)]


def states_of(_own: CompetitionFold, contest: ContestFold) -> dict[str, Any]:
    """The states themselves, by key."""
    return dict(contest.states)


def shown_of(own: CompetitionFold, contest: ContestFold) -> dict[str, Any]:
    """What each state shows and how it ranks; nothing for one that ranks nobody."""
    sport = own.sport
    if not isinstance(sport, FieldSport):
        return states_of(own, contest)
    found: dict[str, Any] = {}
    for key in contest.states:
        one = None if key == WHOLE_FIELD else sport.resolve(contest.contest, key, contest.states)
        if one is not None and (merit := sport.merit([one])) is not None:
            found[key] = (merit, sport.figures([one]))
    return found


def flags_of(contest: ContestFold) -> dict[str, set[str]]:
    """Flags by record, in whatever order they were raised."""
    return {record: set(words) for record, words in contest.flags.items() if words}
