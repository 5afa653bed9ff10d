"""What it costs to join observations with decisions, beside folding the same facts.

    python tests/bench/reconciliation.py [--quick]

A made-up fitness race: every station ends at a mat, and a judge says two things there. `whole`
joins everything at once, as after a restart; `again` is what a batch of 20 entries of about as many
athletes costs while the race runs, with both boards made. Beside them stand the fold of the same
entries and the limit, the same facts told apart by athlete and put in order, which any joining must
do. All in processor time, so that a busy machine does not count.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "acceptance"), str(TESTS / "unit")]

from figures import Figures, arguments, progress  # noqa: E402
from folding import entry, folded  # noqa: E402

from scoreboard.facts.entry import Entry  # noqa: E402
from scoreboard.projections import render  # noqa: E402
from scoreboard.projections.competition import CompetitionFold  # noqa: E402
from scoreboard.projections.contest import fact_of  # noqa: E402
from scoreboard.sports.race import Race  # noqa: E402

ATHLETES = {False: 3_000, True: 200}
STATIONS = [f"s{n}" for n in range(8)]
BATCH, BATCHES = 20, 50
ROWS_MAX = 500


def competition(athletes: int) -> dict[str, Any]:
    """Eight runs, a station after each, two mats for all of them."""
    points: list[dict[str, Any]] = [{"id": "start", "take": "last"}]
    for station in STATIONS:
        points.append({"id": f"run-{station}", "readers": ["mat-in"]})
        points.append({"id": f"out-{station}", "readers": ["mat-out"]})
    return {
        "slug": "fit",
        "name": "Fit",
        "sport": "race",
        "params": {
            "points": points,
            "stations": [{"id": one, "no_rep": 5_000, "point": f"out-{one}"} for one in STATIONS],
        },
        "entrants": [
            {"id": f"a{n}", "name": f"A {n}", "attributes": {"chip": f"c{n}"}}
            for n in range(athletes)
        ],
        "contests": [{"id": "race"}],
    }


def events(athletes: int) -> list[dict[str, Any]]:
    """What mats and judges say, in order of time."""
    chance = random.Random(1)
    told: list[tuple[int, str, dict[str, Any]]] = []
    for n in range(athletes):
        at = chance.randrange(3_600_000)
        told.append((at, "read", {"reader": "start", "chip": f"c{n}", "at": at}))
        for station in STATIONS:
            at += chance.randrange(240_000, 420_000)
            told.append((at, "read", {"reader": "mat-in", "chip": f"c{n}", "at": at}))
            for _twice in range(2):
                said_at = at + chance.randrange(10_000, 170_000)
                said = {"entrant": f"a{n}", "station": station, "good": 10, "no_reps": 1}
                told.append((said_at, "reps", said | {"at": said_at}))
            at += chance.randrange(180_000, 300_000)
            told.append((at, "read", {"reader": "mat-out", "chip": f"c{n}", "at": at}))
    told.sort(key=lambda one: one[0])
    return [
        {"id": f"{n}", "source": "x", "type": f"race.{type_}", "contest": "race", "data": data}
        for n, (_, type_, data) in enumerate(told)
    ]


def seconds(what: Callable[[], object]) -> float:
    """The processor time of something."""
    started_s = time.process_time()
    what()
    return time.process_time() - started_s


def boards(fold: CompetitionFold) -> list[int]:
    """Make both boards; how many rows are in each."""
    names = (render.COMBINED, render.RECONCILIATION)
    return [render.content(fold, f"{name}race", ROWS_MAX)["total"] for name in names]


def in_order(fold: CompetitionFold, entries: list[Entry]) -> None:
    """The same facts by athlete and in order."""
    assert fold.sport is not None
    by_athlete: dict[str, list[Any]] = {}
    for one in entries:
        fact = fact_of(one, one, fold.kinds[one.type])
        by_athlete.setdefault(fold.sport.fold_key(fact), []).append(fact)
    for facts in by_athlete.values():
        facts.sort(key=fold.sport.sort_key)


def main() -> None:
    """Measure and print the table."""
    quick = arguments(__doc__).parse_args().quick
    figures = Figures("reconciliation")
    athletes = ATHLETES[quick]
    entries = [entry(position, event) for position, event in enumerate(events(athletes), 2)]
    live = len(entries) - BATCH * BATCHES
    fold = folded(Race, competition(athletes), [])
    contest = fold.contests["race"] = fold.new_contest("race")
    progress(f"{len(entries):,} entries of {athletes:,} athletes")
    fold_s = seconds(lambda: contest.feed(entries[:live]))
    whole_s = seconds(contest.settled)
    limit_s = seconds(lambda: in_order(fold, entries[:live]))
    fed_s = joined_s = 0.0
    for first in range(live, len(entries), BATCH):
        batch = entries[first : first + BATCH]
        fed_s += seconds(lambda batch=batch: contest.feed(batch))  # type: ignore[misc]
        joined_s += seconds(lambda: boards(fold))
    combined, waiting = boards(fold)
    figures.table(
        f"Joining {len(entries):,} facts of {athletes:,} athletes",
        ("", "joined", "folded", "read and ordered"),
        [
            ("whole, s", f"{whole_s:.2f}", f"{fold_s:.2f}", f"{limit_s:.2f}"),
            (
                f"again {BATCH}, ms",
                f"{joined_s / BATCHES * 1000:.2f}",
                f"{fed_s / BATCHES * 1000:.2f}",
                f"{limit_s / live * BATCH * 1000:.2f}",
            ),
        ],
    )
    figures.note(f"{combined:,} combined, {waiting:,} wait")
    figures.keep("whole_s", whole_s)
    figures.keep("again_ms", joined_s / BATCHES * 1000)
    figures.end()


if __name__ == "__main__":
    main()
