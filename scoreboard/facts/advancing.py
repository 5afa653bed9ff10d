"""Who goes on: entrants of a contest that are named by what they come from.

    winner:m49      the first of contest m49
    loser:m49       the second of contest m49
    place:a:2       the second of group a, or of contest a where no group is called so

A reference is resolved as soon as what it speaks of is over. A contest that has begun keeps those
who were to meet when it began (its *premise*): what is corrected later changes who should have gone
on, not who played. Where the two differ, officials must rule: pin the entrants by
`competition.scheduled`, or void what was played and have it played by the others.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Annotated

from msgspec import Struct

from scoreboard.facts.names import ID_PATTERN, spelled

EntrantOrReference = Annotated[
    str,
    spelled(
        rf"({ID_PATTERN}|(winner|loser):{ID_PATTERN}|place:{ID_PATTERN}:[1-9][0-9]{{0,4}})",
        "an entrant's id, or who comes from elsewhere: `winner:m49`, `place:a:2`",
    ),
]
ORDINALS = {1: "st", 2: "nd", 3: "rd"}
UNKNOWN = ""
"""In place of an entrant: nobody yet."""

Places = Callable[[str, bool, Sequence[str]], Sequence[str]]
"""Who came out of a contest (or group, if True), best first: UNKNOWN where a place is shared,
nothing before it is over. It is given the contest's entrants as far as they are known."""


class Reference(Struct, frozen=True):
    """The entrant in a place (1 is the best) of a contest or group."""

    of: str
    place: int
    said: str

    def group(self, groups: Container[str]) -> bool:
        """Whether it speaks of a group rather than of a contest."""
        return self.said == "place" and self.of in groups


class Premise(Struct, frozen=True):
    """Who was to meet when a contest began, at the position `began`; UNKNOWN for nobody yet."""

    began: int
    entrants: tuple[str, ...]


def is_reference(entrant: str) -> bool:
    """Whether an entrant of a contest is named by what it comes from; ids have no colon."""
    return ":" in entrant


def reference(entrant: str) -> Reference:
    """What an entrant that is a reference refers to."""
    said, _, of = entrant.partition(":")
    if said == "place":
        of, _, place = of.partition(":")
        return Reference(of, int(place), said)
    return Reference(of, 1 if said == "winner" else 2, said)


def references(entrants: Iterable[str]) -> list[Reference]:
    """The references among entrants."""
    return [reference(entrant) for entrant in entrants if is_reference(entrant)]


def known(entrants: Iterable[str]) -> list[str]:
    """The entrants that are no references and not UNKNOWN."""
    return [entrant for entrant in entrants if entrant and not is_reference(entrant)]


def label(entrant: str, name_of: Callable[[str], str]) -> tuple[str, str]:
    """What stands in place of an entrant that is not known yet: in full, and short."""
    ref = reference(entrant)
    if ref.said == "place":
        ending = "th" if ref.place % 100 in (11, 12, 13) else ORDINALS.get(ref.place % 10, "th")
        return f"{ref.place}{ending} of {name_of(ref.of)}", f"{ref.place}{ref.of}"
    return f"{ref.said.title()} of {name_of(ref.of)}", f"{ref.said[0].upper()} {ref.of}"


def resolved(
    contests: Mapping[str, Sequence[str]],
    groups: Container[str],
    premises: Mapping[str, Premise],
    places: Places,
) -> dict[str, list[str]]:
    """Who goes on to each contest with references, as it is now; references that are open stay.

    `contests`: the entrants of all contests. `premises`: of those that have begun."""
    found: dict[str, list[str]] = {}
    came_out: dict[tuple[str, bool], Sequence[str]] = {}
    asked: set[str] = set()

    def entrants_of(contest: str) -> list[str]:
        if contest not in found and contest not in asked:
            asked.add(contest)
            found[contest] = [
                one if not is_reference(one) else taken(one) for one in contests[contest]
            ]
        return found.get(contest, [])

    def taken(entrant: str) -> str:
        ref = reference(entrant)
        key = (ref.of, ref.group(groups))
        if key not in came_out:
            meet = entrants_of(ref.of) if ref.of in contests else []
            came_out[key] = places(*key, known(shown(meet, premises.get(ref.of))))
        order = came_out[key]
        return (order[ref.place - 1] if ref.place <= len(order) else UNKNOWN) or entrant

    waiting = [id_ for id_, entrants in contests.items() if any(map(is_reference, entrants))]
    return {id_: entrants_of(id_) for id_ in waiting}


def shown(entrants: Sequence[str], premise: Premise | None) -> list[str]:
    """Who meets: those of the premise, where it knew them; else who goes on."""
    if premise is None:
        return list(entrants)
    were = [*premise.entrants, *[UNKNOWN] * len(entrants)]
    return [were[n] or entrant for n, entrant in enumerate(entrants)]


def is_overturned(entrants: Sequence[str], premise: Premise | None) -> bool:
    """Whether somebody else goes on than those who met."""
    if premise is None:
        return False
    return any(
        were and not is_reference(now) and were != now
        for now, were in zip(entrants, premise.entrants, strict=False)
    )


def cycle(contests: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]) -> str | None:
    """A contest that depends on its own outcome; None if there is none.

    `groups`: the contests of each group.
    """
    state: dict[str, bool] = {}  # True once it is known to be sound

    for start in contests:
        path = [(start, iter(_upstream(start, contests, groups)))]
        if state.get(start):
            continue
        state[start] = False
        while path:
            here, rest = path[-1]
            step = next(rest, None)
            if step is None:
                state[here] = True
                path.pop()
            elif step not in state:
                state[step] = False
                path.append((step, iter(_upstream(step, contests, groups))))
            elif not state[step]:
                return step
    return None


def _upstream(
    contest: str, contests: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]
) -> list[str]:
    found: list[str] = []
    for ref in references(contests[contest]):
        if ref.group(groups):
            found += groups[ref.of]
        elif ref.of in contests:
            found.append(ref.of)
    return found
