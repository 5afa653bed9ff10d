"""What the worker says of its jobs, as metrics and in the log.

    taken      a page of entries was taken
    wrote      how long transactions on its store took, in seconds
    run        results were applied to all users
    published  a leaderboard was ranked and published
    settled    everything up to a position is published
    retried    a run goes on that the end of a process had broken off
    parked     a contest's result could not be applied
    failed     a game, or the ledger, could not be read or written now; it is tried again
    anew       a game is made anew from the ledger

A line that is lost costs nothing: everything it tells is in the store.
"""

from collections.abc import Callable
from typing import Any

from scoreboard import telemetry


class Jobs:
    """Takes the worker's lines; `published` is called when there is something new to show."""

    def __init__(self, published: Callable[[], None], settled: Callable[[str, int], None]) -> None:
        self._published = published
        self._settled = settled

    def heard(self, line: dict[str, Any]) -> bool:
        """Take one line; whether it says that everything is done."""
        match line:
            case {"event": "wrote", "seconds": list(seconds)}:
                for one in seconds:
                    telemetry.STORE_WRITE_SECONDS.labels("predictions").observe(one)
            case {"event": "run" | "published" as job, "seconds": float(seconds)}:
                telemetry.JOB_SECONDS.labels(job).observe(seconds)
                telemetry.JOBS.labels(job, "done").inc()
                if job == "published":
                    self._published()
            case {"event": "settled", "competition": str(slug), "position": int(position)}:
                self._settled(slug, position)
            case {"event": "taken"}:
                telemetry.JOBS.labels("take", "done").inc()
            case {"event": "retried" as outcome}:
                telemetry.JOBS.labels("run", outcome).inc()
            case {"event": "parked" | "failed" as outcome}:
                telemetry.JOBS.labels("run", outcome).inc()
                telemetry.log.error(f"worker: {outcome}", **_told(line))
            case {"event": "anew"}:
                telemetry.log.warning("worker: a game is made anew", **_told(line))
        return line.get("event") == "settled"


def _told(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "event"}
