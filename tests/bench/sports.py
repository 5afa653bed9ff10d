"""How fast each sport folds its facts, and folds a contest of 5,000 facts again.

    python tests/bench/sports.py [--quick]

Facts are those of the real competitions of the acceptance tests (of a made-up field for races, of a
long made-up match for tennis, of made-up increments for points). `facts/s` is the sport alone, its
facts in its own order; beside it stands the limit, the same facts read from their JSON and put in
order, which any fold must do. `refold` is a contest whose facts are repeated (under other ids)
until there are 5,000, folded again as after a correction by the program's own fold. Must: 50 ms.
All in processor time, so that a busy machine does not count.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "acceptance"), str(TESTS / "unit")]

import basketball  # noqa: E402
import disc_golf  # noqa: E402
import field_race  # noqa: E402
import formula_one  # noqa: E402
import icpc  # noqa: E402
import powerlifting  # noqa: E402
import robotics  # noqa: E402
import skating  # noqa: E402
import worldcup  # noqa: E402
from declared import declared_sports  # noqa: E402
from figures import Figures, arguments, progress  # noqa: E402
from folding import entry, folded  # noqa: E402

from scoreboard.projections.competition import CompetitionFold  # noqa: E402
from scoreboard.projections.contest import fact_of  # noqa: E402
from scoreboard.sports.sport import Fact  # noqa: E402

Told = tuple[dict[str, Any], list[dict[str, Any]]]
REFOLDED = {False: 5_000, True: 1_000}
REPEATS = {False: 5, True: 2}


def quiz() -> Told:
    """Increments of a thousand entrants."""
    chance = random.Random(1)
    told = [
        {
            "id": f"{n}",
            "source": "pad",
            "type": "points.scored",
            "contest": "q",
            "data": {"entrant": f"n{chance.randrange(1_000)}", "points": chance.randrange(9)},
        }
        for n in range(20_000)
    ]
    return {"slug": "q", "name": "Q", "sport": "points", "contests": [{"id": "q"}]}, told


def long_match() -> Told:
    """A match whose only set is won by 200 games."""
    chance = random.Random(2)
    told = [
        {
            "id": f"{n}",
            "source": "umpire",
            "type": "tennis.point",
            "contest": "m",
            "data": {"number": n, "winner": chance.choice(("ada", "bel"))},
        }
        for n in range(1, 2_001)
    ]
    contest = {"id": "m", "entrants": ["ada", "bel"]}
    params = {"sets": 1, "set": {"to": 200}}
    made = {"slug": "m", "name": "M", "sport": "tennis", "params": params, "contests": [contest]}
    return made, told


SOURCES: dict[str, Callable[[], Told]] = {
    "football": lambda: (worldcup.competition(), worldcup.events()),
    "golf": lambda: (disc_golf.competition(), disc_golf.events()),
    "judged": lambda: (skating.competition(), skating.events()),
    "lifting": lambda: (powerlifting.competition(), powerlifting.events()),
    "periods": lambda: (basketball.competition(), basketball.events()),
    "points": quiz,
    "problems": lambda: (icpc.competition(icpc.WF47), icpc.events(icpc.WF47)),
    "race": lambda: (field_race.competition(), field_race.events()),
    "rounds": lambda: (robotics.competition("2015arfa"), robotics.events("2015arfa")),
    "season": lambda: (formula_one.competition(2021), formula_one.events(2021)),
    "tennis": long_match,
}


def of_the_sport(made: Told, sport: str) -> Told:
    """Without what the program itself says of a competition, such as a freeze."""
    kinds = {kind.type for kind in SPORTS[sport].fact_kinds}
    return made[0], [event for event in made[1] if event["type"] in kinds]


def facts_of(fold: CompetitionFold, events: list[dict[str, Any]]) -> list[Fact]:
    """Events read as facts."""
    entries = [entry(position, event) for position, event in enumerate(events, 2)]
    return [fact_of(one, one, fold.kinds[one.type]) for one in entries]


def folded_s(fold: CompetitionFold, facts: list[Fact]) -> float:
    """Seconds for the sport alone to fold facts in its own order."""
    sport = fold.sport
    assert sport is not None
    ordered = sorted(facts, key=sport.sort_key)
    states: dict[tuple[str, str], Any] = {}
    started_s = time.process_time()
    for fact in ordered:
        key = (fact.contest, sport.fold_key(fact))
        state = states.get(key)
        if state is None:
            state = states[key] = sport.start(fold.contest_defined(fact.contest))
        sport.apply(state, fact)
    return time.process_time() - started_s


def bare_s(fold: CompetitionFold, events: list[dict[str, Any]]) -> float:
    """Seconds to read the same facts from JSON and put them in order."""
    assert fold.sport is not None
    entries = [entry(position, event) for position, event in enumerate(events, 2)]
    started_s = time.process_time()
    sorted((fact_of(e, e, fold.kinds[e.type]) for e in entries), key=fold.sport.sort_key)
    return time.process_time() - started_s


def refolded_s(made: Told, sport: str, size: int) -> float:
    """Seconds to fold the fullest contest again, once its facts are repeated to a size."""
    competition, events = made
    counts: dict[str, int] = {}
    for event in events:
        counts[event.get("contest", "")] = counts.get(event.get("contest", ""), 0) + 1
    fullest = max(counts, key=counts.__getitem__)
    own = [event for event in events if event.get("contest", "") == fullest]
    repeated = [own[n % len(own)] | {"id": f"{n:06}"} for n in range(size)]
    contest = folded(SPORTS[sport], competition, repeated).contests[fullest]
    started_s = time.process_time()
    contest.refold_all(contest.contest)
    return time.process_time() - started_s


SPORTS = {  # what a worker folds is measured in predictions.py
    name: sport for name, sport in declared_sports().classes.items() if not sport.apart
}


def main() -> None:
    """Measure every sport and print the table."""
    quick = arguments(__doc__).parse_args().quick
    figures = Figures("sports")
    rows = []
    for name in sorted(SPORTS):
        progress(name)
        made = of_the_sport(SOURCES[name](), name)
        fold = folded(SPORTS[name], *made)
        facts = facts_of(fold, made[1])
        alone_s = min(folded_s(fold, facts) for _ in range(REPEATS[quick]))
        limit_s = min(bare_s(fold, made[1]) for _ in range(REPEATS[quick]))
        commutative = SPORTS[name].commutative
        again_s = 0.0 if commutative else refolded_s(made, name, REFOLDED[quick])
        rows.append(
            (
                name,
                f"{len(facts):,}",
                f"{len(facts) / alone_s:,.0f}",
                f"{len(facts) / limit_s:,.0f}",
                "takes back" if commutative else f"{again_s * 1000:.1f}",
            )
        )
        figures.keep(f"{name}_facts_per_s", len(facts) / alone_s)
        if not commutative:
            figures.keep(f"{name}_refold_ms", again_s * 1000)
    size = f"{REFOLDED[quick]:,}"
    figures.table(
        "Folding by sport",
        ("sport", "facts", "facts/s", "read and ordered/s", f"refold {size}, ms"),
        rows,
    )
    figures.end()


if __name__ == "__main__":
    main()
