"""Made-up competitions for property tests: what is said of them, drawn by hypothesis."""

import itertools
import random
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import Struct

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Draft

RECORD = "_definition"
OUTSIDE = {"football.lots"}
"""Facts that belong to no contest."""
Content = dict[str, Any]


class Said(Struct, frozen=True, kw_only=True):
    """One word about a record: who says what. `data` None: void, or restore if `restore`."""

    record: int
    official: bool = False
    restore: bool = False
    contest: str | None = None
    type: str = ""
    data: Content | None = None
    time: int | None = None


class Sport(Struct, frozen=True):
    """A competition's definition, its rules and the facts that can be told of it."""

    definition: st.SearchStrategy[Content]
    params: st.SearchStrategy[Content]
    contest: st.SearchStrategy[str]
    facts: dict[str, st.SearchStrategy[Content]]

    def fact(self) -> st.SearchStrategy[tuple[str | None, str, Content]]:
        """Contest, type and payload of any fact."""
        by_type = [
            st.tuples(st.none() if type_ in OUTSIDE else self.contest, st.just(type_), data)
            for type_, data in self.facts.items()
        ]
        return st.one_of(by_type)


def _points() -> Sport:
    params = st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["sum", "best", "last", "count"]),
            "order": st.sampled_from(["descending", "ascending"]),
            "rounds": st.sampled_from(["sum", "best"]),
            "increment_max": st.sampled_from([3, 9]),
        }
    )
    definition = params.map(
        lambda params: {
            "sport": "points",
            "params": params,
            "entrants": [{"id": name, "name": name.title()} for name in ("ada", "bel", "cad")],
            "contests": [{"id": "r1"}, {"id": "r2"}],
        }
    )
    scored = st.fixed_dictionaries(
        {"entrant": st.sampled_from(["ada", "bel", "cad", "dot"]), "points": st.integers(-5, 5)}
    )
    contest = st.sampled_from(["r1", "r2", "r9"])
    return Sport(definition, params, contest, {"points.scored": scored})


def _football() -> Sport:
    pairs = list(itertools.combinations(["ada", "bel", "cad"], 2))
    definition = {
        "sport": "football",
        "entrants": [{"id": name, "name": name.title()} for name in ("ada", "bel", "cad")],
        "groups": [{"id": "a", "name": "A", "entrants": ["ada", "bel", "cad"]}],
        "contests": [
            {"id": f"m{n}", "entrants": list(pair), "group": "a"} for n, pair in enumerate(pairs)
        ],
    }
    team = st.sampled_from(["ada", "bel", "cad"])
    period = st.sampled_from(["first", "second", "extra_first"])
    minute = st.integers(1, 100)
    told: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "goal": {"team": team, "minute": minute, "kind": st.sampled_from(["open", "own"])},
        "card": {"team": team, "minute": minute, "colour": st.sampled_from(["yellow", "red"])},
        "kick_off": {"period": period},
        "period_end": {"period": period},
        "full_time": {},
        "shootout_kick": {"team": team, "scored": st.booleans()},
    }
    match = st.sampled_from(["m0", "m1", "m2"])
    order = st.permutations(["ada", "bel", "cad"])
    told["lots"] = {"group": st.just("a"), "order": order}
    facts = {f"football.{name}": st.fixed_dictionaries(fields) for name, fields in told.items()}
    chain = ["points", "goal_difference", "goals", "wins", "head_to_head", "fair_play", "lots"]
    params = st.fixed_dictionaries(
        {
            "win": st.integers(1, 3),
            "live_counts": st.booleans(),
            "ties": st.permutations(chain).map(lambda ties: ties[:4]),
        }
    )
    return Sport(st.just(definition), params, match, facts)


SPORTS = {"points": _points(), "football": _football()}


@st.composite
def stories(draw: st.DrawFn, sport: str) -> tuple[Content, list[Said]]:
    """A definition and what is said, in order: facts, and corrections of facts told before."""
    definition = draw(SPORTS[sport].definition)
    facts = draw(st.lists(SPORTS[sport].fact(), min_size=1, max_size=25))
    said: list[Said] = []
    for number, (contest, type_, data) in enumerate(facts):
        time = draw(st.one_of(st.none(), st.integers(0, 9)))
        said.append(Said(record=number, contest=contest, type=type_, data=data, time=time))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            said.append(correction(draw, draw(st.sampled_from(said)), said, sport))
    return definition, said


def correction(draw: st.DrawFn, of: Said, said: list[Said], sport: str) -> Said:
    """Another word about the record of an earlier one, of the same type and contest."""
    first = next(one for one in said if one.record == of.record)
    same = SPORTS[sport].facts[first.type]
    action = draw(st.sampled_from(["amend", "void", "restore"]))
    return msgspec.structs.replace(
        first,
        official=draw(st.booleans()),
        restore=action == "restore",
        data=draw(same) if action == "amend" else None,
        time=None,
    )


def interleaved(said: list[Said], chance: random.Random) -> list[Said]:
    """The same words in another order of arrival; words about one record keep theirs."""
    by_record: dict[int, list[Said]] = {}
    for one in said:
        by_record.setdefault(one.record, []).append(one)
    order = [one.record for one in said]
    chance.shuffle(order)
    return [by_record[record].pop(0) for record in order]


def drafts(slug: str, definition: Content, said: list[Said]) -> list[Draft]:
    """The definition and the words as the gate would hand them to the ledger."""
    defined = {"slug": slug, "name": "Made up", **definition}
    made = [
        Draft(
            competition=slug,
            source="office",
            id="definition",
            type=DEFINED.type,
            record=RECORD,
            actor="admin:office",
            data=msgspec.json.encode(defined),
        )
    ]
    begun: set[int] = set()
    for number, one in enumerate(said):
        first = one.record not in begun
        begun.add(one.record)
        action = "record" if first else "void" if one.data is None else "amend"
        if one.restore:
            action = "restore"
        made.append(
            Draft(
                competition=slug,
                source="pad" if first else "desk",
                id=f"f{one.record}" if first else f"c{number}",
                record=None if first else f"pad/f{one.record}",
                action=action,  # type: ignore[arg-type]
                type=one.type,
                contest=one.contest,
                actor="official:desk" if one.official else "device:pad",
                time=one.time,
                data=b"{}" if one.data is None else msgspec.json.encode(one.data),
            )
        )
    return made
