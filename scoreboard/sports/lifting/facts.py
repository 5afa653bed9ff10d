"""What can be said on a platform: weigh-ins, attempts, lights, the jury's word, exclusions.

Weights are integers of grams: 142.5 kg is 142500.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

WEIGHT_MAX_G = 1_000_000

Weight = Annotated[int, Meta(ge=1, le=WEIGHT_MAX_G)]
Number = Annotated[int, Meta(ge=1, le=9)]


class WeighIn(Payload, frozen=True, kw_only=True):
    """The lifter's body weight, in grams, and the lot drawn for the order of lifting."""

    entrant: Id
    body_weight_g: Weight
    lot: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class OfLift(Payload, frozen=True, kw_only=True):
    """Something about one attempt: `lift` as the competition names it, `attempt` from 1."""

    entrant: Id
    lift: Id
    attempt: Number


class Attempt(OfLift, frozen=True, kw_only=True):
    """The bar is loaded for an attempt, with so many grams."""

    weight_g: Weight


class Light(OfLift, frozen=True, kw_only=True):
    """A referee's decision: white (`good`) or red, and why. A referee's last light counts."""

    referee: Literal["left", "centre", "right"]
    good: bool
    reason: Line = ""


class Jury(OfLift, frozen=True, kw_only=True):
    """The jury's decision on an attempt; it stands above the lights."""

    good: bool
    reason: Line = ""


class Declined(OfLift, frozen=True, kw_only=True):
    """The lifter does not take the attempt."""


class Excluded(Payload, frozen=True, kw_only=True):
    """The lifter withdrew or was disqualified: there is no total."""

    entrant: Id
    kind: Literal["withdrawn", "disqualified"]
    reason: Line = ""


def _entrant(payload: Any) -> Iterable[str]:
    return (payload.entrant,)


KINDS = (
    Kind("lifting.weigh_in", WeighIn, entrants=_entrant),
    Kind("lifting.attempt", Attempt, entrants=_entrant),
    Kind("lifting.light", Light, entrants=_entrant),
    Kind("lifting.jury", Jury, entrants=_entrant),
    Kind("lifting.declined", Declined, entrants=_entrant),
    Kind("lifting.excluded", Excluded, entrants=_entrant),
)
