"""A sport that fails: at unlucky hits, until it is mended, and at hits that its rules forbid."""

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct

from scoreboard.facts.competition import Contest, Definition
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.sport import OK, Fact, Flags, Params, Row, Sport, States


class BrittleParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    most: int = 100


class Hit(Payload, frozen=True, kw_only=True):
    points: int
    unlucky: bool = False


class Total(Struct):
    points: int = 0


class Brittle(Sport[Total]):
    """Sums hits; raises at an unlucky one while not `mended`, and at one of more than `most`."""

    name = "brittle"
    title = "Brittle"
    rulebook = "none"
    Params = BrittleParams
    State = Total
    fact_kinds = (Kind("brittle.hit", Hit),)
    mended: ClassVar[bool] = False

    def start(self, contest: Contest) -> Total:
        return Total()

    def apply(self, state: Total, fact: Fact) -> Flags:
        if fact.payload.unlucky and not Brittle.mended:
            raise RuntimeError("unlucky")
        if fact.payload.points > self.params.most:
            raise RuntimeError("too many points")
        state.points += fact.payload.points
        return OK

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        return {"points": sum(state.points for state in states.values())}

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        return []
