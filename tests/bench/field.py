"""What one fact costs in fields of a thousand and of a million entrants.

    python tests/bench/field.py [--quick]

A contest of points on SQLite is filled to each size, one fact of each entrant, and folded by the
program's own projection; then facts come in one at a time: of anybody, and of those among the first
whom the board shows. A time runs from asking the ledger to append the fact until the boards show
it, in one process without HTTP; the part of folding, ranking and making boards is told beside it.
It should not grow with the field. Each turn the board is checked against the points given.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence

import msgspec
import uvloop
from correction import fold_on
from figures import Figures, arguments, at, progress
from ranks import resident_mb
from rebuild import append

from scoreboard.app import App
from scoreboard.facts.entry import Draft
from scoreboard.settings import Settings

SIZES = {False: (1_000, 100_000, 1_000_000), True: (1_000, 20_000)}
SCORES = 10_000
FILL = 4_000
FACTS = 300
SLUG, CONTEST = "quiz", "c0"


def definition() -> Draft:
    """A quiz in which whoever scores takes part."""
    told = {
        "slug": SLUG,
        "name": "Quiz",
        "sport": "points",
        "params": {"open_entry": True},
        "contests": [{"id": CONTEST, "name": "Round"}],
    }
    return Draft(
        competition=SLUG,
        source="bench",
        id="definition",
        type="competition.defined",
        actor="admin:bench",
        record="competition",
        data=msgspec.json.encode(told),
    )


def scored(number: int, entrant: str, points: int) -> Draft:
    """An entrant's points."""
    return Draft(
        competition=SLUG,
        contest=CONTEST,
        source="pad",
        id=f"{number}",
        type="points.scored",
        actor="device:pad",
        record=f"pad/{number}",
        data=msgspec.json.encode({"entrant": entrant, "points": points}),
    )


class Quiz:
    """The program, and the points that it was given."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.points: dict[str, int] = {}
        self._chance = random.Random(3)
        self._number = 0

    def _next(self, entrant: str, points: int) -> Draft:
        self._number += 1
        self.points[entrant] = self.points.get(entrant, 0) + points
        return scored(self._number, entrant, points)

    async def grow(self, size: int) -> None:
        """Entrants up to a size, each with a score."""
        while (known := len(self.points)) < size:
            new = (f"user-{n:07d}" for n in range(known, min(size, known + FILL)))
            points = self._chance.randrange
            await append(self.app.ledger, [self._next(name, points(SCORES)) for name in new])
            await fold_on(self.app)
        self.app.projection.render_pending(everything=True)

    async def facts(self, among: Sequence[str]) -> tuple[list[float], list[float]]:
        """Seconds of each fact until it is shown, and those without the ledger's."""
        whole_s, boards_s = [], []
        for _ in range(FACTS):
            draft = self._next(self._chance.choice(among), self._chance.randint(1, 9))
            started_s = time.perf_counter()
            await append(self.app.ledger, [draft])
            appended_s = time.perf_counter()
            await fold_on(self.app)
            self.app.projection.render_pending(everything=True)
            shown_s = time.perf_counter()
            whole_s.append(shown_s - started_s)
            boards_s.append(shown_s - appended_s)
        self._check()
        return whole_s, boards_s

    def first(self) -> list[str]:
        """Whom the board shows."""
        document = self.app.projection.shelf.get(SLUG, "standings")
        assert document is not None
        return list(document.content["rows"])

    def _check(self) -> None:
        document = self.app.projection.shelf.get(SLUG, "standings")
        assert document is not None
        rows = document.content["rows"]
        best = sorted(self.points, key=lambda name: (-self.points[name], name))[: len(rows)]
        shown = {name: row["figures"]["points"] for name, row in rows.items()}
        if shown != {name: self.points[name] for name in best}:
            raise SystemExit("the board does not show the first of the field")
        for name in (best[0], best[len(best) // 2], best[-1]):
            better = sum(points > self.points[name] for points in self.points.values())
            if rows[name]["rank"] != better + 1:
                raise SystemExit(f"{name} has a wrong rank")


async def main() -> None:
    chosen = arguments(__doc__).parse_args()
    figures = Figures("field")
    lines = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = await App.open(Settings(data=folder))
        await append(app.ledger, [definition()])
        quiz = Quiz(app)
        for size in SIZES[chosen.quick]:
            progress(f"{size:,} entrants")
            await quiz.grow(size)
            for whom, among in (("anybody", list(quiz.points)), ("shown", quiz.first())):
                whole_s, boards_s = await quiz.facts(among)
                times = [at(share, of) for of in (whole_s, boards_s) for share in (0.5, 0.99)]
                lines.append((f"{size:,}", whom, *(f"{time_ms:.2f}" for time_ms in times)))
                figures.keep(f"at_{size}_{whom}_p50_ms", times[0])
                figures.keep(f"at_{size}_{whom}_boards_p50_ms", times[2])
            figures.keep(f"at_{size}_process_mb", resident_mb())
        await app.close()
    headings = ("entrants", "whose fact", "p50 ms", "p99 ms", "fold and boards p50", "p99")
    figures.table("a fact until the boards show it", headings, lines)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
