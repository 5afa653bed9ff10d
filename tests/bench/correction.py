"""What a correction costs in a contest of few facts and of a million.

    python tests/bench/correction.py [--quick]

A contest of points on SQLite is filled to each size and folded by the program's own projection;
then officials void and restore records spread over all of it, one at a time. A time runs from
asking the ledger to append the correction until the boards show it, in one process without HTTP.
It should not grow with the contest: the fold takes the old fact back and puts the new one in. What
folding the contest anew would cost is shown beside it.
"""

import asyncio
import tempfile
import time
from itertools import islice
from typing import Any

import msgspec
import uvloop
from events import drafts
from figures import Figures, arguments, at, progress
from rebuild import append, defining, fill

from scoreboard.app import App
from scoreboard.facts.entry import Draft
from scoreboard.settings import Settings

SIZES = {False: (1_000, 100_000, 1_000_000), True: (1_000, 20_000)}
CORRECTIONS = 60
FOLD = 1_000  # entries of one batch, as the subscription reads
SLUG, CONTEST = "quiz", "c0"


async def fold_on(app: App) -> None:
    """Let the projection come to the ledger's head, as its subscription does."""
    while entries := await app.ledger.read(app.projection.position, limit=FOLD):
        await app.projection.handle(entries)


def correction(record: str, number: int) -> Draft:
    """An official voids or restores a record."""
    return Draft(
        competition=SLUG,
        contest=CONTEST,
        source="officials",
        id=f"{number}",
        type="points.scored",
        actor="official:bench",
        record=record,
        action="void" if number % 2 == 0 else "restore",
        reason="bench",
        data=b"{}",
    )


async def corrected(app: App, size: int) -> list[float]:
    """Seconds of each correction."""
    numbers = [n * size // CORRECTIONS for n in range(CORRECTIONS // 2)]
    taken_s = []
    for place, number in enumerate(n for n in numbers for _ in range(2)):
        draft = correction(f"pad-{number % 8}/{number:08d}", place + size * 10)
        started_s = time.perf_counter()
        await append(app.ledger, [draft])
        await fold_on(app)
        app.projection.render_pending(everything=True)
        taken_s.append(time.perf_counter() - started_s)
    return taken_s


def total(app: App) -> int:
    """All points on the board."""
    document = app.projection.shelf.get(SLUG, "standings")
    assert document is not None
    rows: dict[str, Any] = document.content["rows"]
    return sum(row["figures"]["points"] for row in rows.values())


async def main() -> None:
    chosen = arguments(__doc__).parse_args()
    figures = Figures("correction")
    sizes = SIZES[chosen.quick]
    lines = []
    first_ms = 0.0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = await App.open(Settings(data=folder))
        await append(app.ledger, [defining("points", SLUG)])
        one_contest = (
            msgspec.structs.replace(draft, contest=CONTEST) for draft in drafts("points", sizes[-1])
        )
        more = iter(one_contest)
        filled = 0
        for size in sizes:
            progress(f"{size:,} facts")
            while filled < size:
                step = min(20_000, size - filled)
                await fill(app.ledger, "points", islice(more, step), step, {SLUG})
                await fold_on(app)
                filled += step
            app.projection.render_pending(everything=True)
            points = total(app)
            taken_s = await corrected(app, size)
            if total(app) != points:
                raise SystemExit("what was voided and restored does not add up")
            started_s = time.perf_counter()
            fold = await app.projection.folds.competition(SLUG)
            await app.projection.loading.contest(fold, CONTEST, app.projection.position)
            anew_s = time.perf_counter() - started_s
            p50_ms = at(0.5, taken_s)
            first_ms = first_ms or p50_ms
            lines.append(
                (
                    f"{size:,}",
                    f"{p50_ms:.1f}",
                    f"{at(0.99, taken_s):.1f}",
                    f"{p50_ms / first_ms:.2f}",
                    f"{anew_s * 1e3:,.0f}",
                )
            )
            figures.keep(f"at_{size}_p50_ms", p50_ms)
            figures.keep(f"at_{size}_times_first", p50_ms / first_ms)
            figures.keep(f"at_{size}_folding_anew_ms", anew_s * 1e3)
        await app.close()
    headings = ("facts", "p50 ms", "p99 ms", "times the first", "folding anew ms")
    figures.table("a correction until the boards show it", headings, lines)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
