"""Contests that wait: an entry of theirs could not be folded.

The entry parks its contest; later entries of the contest wait behind it and everything else goes
on. The contest is folded again when one of its records is corrected, when an official retries or
skips the entry (each an entry of the ledger, so that a rebuild repeats it), and a few times by
itself. So many contests wait at most; one more stops the projection at the entry that would park
it: then the program is wrong rather than the entries. Boards stay as they are, readiness says why,
and the projection goes on by itself once the program or the bound is another.
"""

from collections.abc import Sequence

from scoreboard import telemetry
from scoreboard.errors import Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.projections.loading import ADMINISTRATIVE, RETRIED, SKIPPED
from scoreboard.projections.store import Parked

ContestId = tuple[str, str]


class Parking:
    """The contests that wait, by competition and contest."""

    def __init__(self, retry_s: Sequence[float], contests_max: int) -> None:
        self._retry_s = retry_s
        self._contests_max = contests_max
        self.waiting: dict[ContestId, Parked] = {}
        self.changed: set[ContestId] = set()

    def put_back(self, parked: Sequence[Parked]) -> None:
        """Fill from the read store."""
        self.waiting = {(p.competition, p.contest): p for p in parked}
        self._count()

    def park(self, id_: ContestId, position: int, error: Exception, now_us: int) -> Parked:
        """Let a contest wait, or say that it failed again; Unavailable if too many wait."""
        before = self.waiting.get(id_)
        if before is None and len(self.waiting) >= self._contests_max:
            raise Unavailable(
                f"entry {position} would park one contest more than "
                f"limits.parked_contests_max ({self._contests_max})",
                hint="mend what is wrong with those that wait, or raise the bound",
            )
        attempts = before.attempts + 1 if before and before.position == position else 1
        pause_s = self._retry_s[attempts - 1] if attempts <= len(self._retry_s) else None
        parked = Parked(
            competition=id_[0],
            contest=id_[1],
            position=position,
            error=f"{type(error).__name__}: {error}"[:500],
            attempts=attempts,
            since_us=before.since_us if before else now_us,
            retry_us=None if pause_s is None else now_us + int(pause_s * 1e6),
        )
        self.waiting[id_] = parked
        self.changed.add(id_)
        self._count()
        telemetry.log.error(
            "contest parked",
            competition=id_[0],
            contest=id_[1],
            position=position,
            error=parked.error,
            attempts=attempts,
        )
        return parked

    def release(self, id_: ContestId) -> None:
        """The contest was folded again."""
        if self.waiting.pop(id_, None) is not None:
            self.changed.add(id_)
            self._count()
            telemetry.log.info("contest released", competition=id_[0], contest=id_[1])

    def at(self, competition: str, position: int) -> Parked | None:
        """The contest that waits at an entry."""
        for parked in self.waiting.values():
            if (parked.competition, parked.position) == (competition, position):
                return parked
        return None

    def due(self, now_us: int) -> list[ContestId]:
        """Contests that are to be tried again by themselves."""
        return [
            id_
            for id_, parked in self.waiting.items()
            if parked.retry_us is not None and parked.retry_us <= now_us
        ]

    def _count(self) -> None:
        telemetry.PARKED.set(len(self.waiting))


def releases(entry: Entry) -> bool:
    """Whether an entry lets a parked contest try again."""
    return entry.version > 1 or entry.type in ADMINISTRATIVE


__all__ = ["RETRIED", "SKIPPED", "ContestId", "Parking", "releases"]
