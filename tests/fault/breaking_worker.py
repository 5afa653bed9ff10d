"""A worker whose rule ends its process for one result: by asking for more memory than there is.

    python breaking_worker.py

It is started in place of the program's own, with the same settings on its standard input.
"""

import asyncio
import sys

from scoreboard.predictions.settling import Terms, points_of
from scoreboard.worker import settings_from_parent, work

DEADLY = 3  # goals of the home side


def greedy(terms: Terms, slot: int, guess: int) -> int:
    """The points of a guess, but for a result that takes all memory."""
    if terms.outcomes[slot].home == DEADLY:
        kept = []
        while True:
            kept.append(bytes(1 << 24))  # zeros: asked for, and never touched
    return points_of(terms, slot, guess)


if __name__ == "__main__":
    sys.exit(asyncio.run(work(settings_from_parent(), supervised=True, rule=greedy)))
