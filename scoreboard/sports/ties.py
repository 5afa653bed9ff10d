"""Rankings by a named chain of tie-breaks: who is where, which criterion said so, who stays equal.

A chain is applied block by block. The first criterion parts all entrants; each block that it leaves
equal goes to the next, and so on. A criterion may look at the block that it is to part (results
among the tied alone) and may ask to be applied again to the smaller blocks that it makes, as
head-to-head rules do. What no criterion parts shares a rank: 1, 2, 2, 4.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

Values = Callable[[Sequence[str]], Mapping[str, Any]]


class Criterion(Struct, frozen=True):
    """One link of a chain: `values` gives each entrant of a block what it is ordered by.

    Smaller is better; values of one block must be comparable with one another. `again`: blocks that
    it made and that still have equals are put to the same criterion once more.
    """

    name: str
    values: Values
    again: bool = False


class Placing(Struct, frozen=True):
    """Where an entrant stands.

    `decided` names the criterion that last parted it from others, "" for the chain's first.
    `tied`: the chain came to its end and others share its rank.
    """

    entrant: str
    rank: int
    decided: str = ""
    tied: bool = False


def by_entrant(name: str, key: Callable[[str], Any]) -> Criterion:
    """A criterion that does not care whom the entrant is tied with; smaller keys are better."""
    return Criterion(name, lambda block: {entrant: key(entrant) for entrant in block})


def place(entrants: Iterable[str], chain: Sequence[Criterion]) -> list[Placing]:
    """The entrants ranked by the chain, best first; equals in order of their id."""
    placings: list[Placing] = []
    block = sorted(set(entrants))
    if block:
        _resolve(block, chain, 0, "", placings)
    return placings


def _resolve(
    block: list[str], chain: Sequence[Criterion], link: int, decided: str, out: list[Placing]
) -> None:
    """Append the block's placings to `out`, whose length says how many stand ahead of it."""
    if len(block) == 1 or link == len(chain):
        rank = len(out) + 1
        out.extend(Placing(entrant, rank, decided, len(block) > 1) for entrant in block)
        return
    criterion = chain[link]
    parts = _part(block, criterion)
    if len(parts) == 1:
        _resolve(block, chain, link + 1, decided, out)
        return
    name = criterion.name if link else ""
    for part in parts:
        _resolve(part, chain, link if criterion.again else link + 1, name, out)


def _part(block: list[str], criterion: Criterion) -> list[list[str]]:
    """The block in runs of equal value, best first."""
    value = criterion.values(block).__getitem__
    return [list(equals) for _, equals in groupby(sorted(block, key=value), value)]
