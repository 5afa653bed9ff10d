"""What a user may say: an event of a listed type about nobody but itself. Pure.

Users are many and nobody knows them, so the rules are tighter than for devices: what a device says
of something unknown is kept and flagged, what a user says of it is refused. Corrections are for
officials.
"""

from collections.abc import Mapping
from typing import Any

from scoreboard.errors import BadInput, Conflict, Forbidden
from scoreboard.facts.competition import Contest
from scoreboard.facts.event import Event
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import Own

OVER = ("finished", "abandoned")


def own_of(sports: Sports, sport: str, params: dict[str, Any]) -> Mapping[str, Own]:
    """What users may say by a sport's parameters; nothing if the sport cannot be had by them."""
    if sport not in sports.classes or not sports.classes[sport].takes_users:
        return {}
    try:
        return sports.configured(sport, params).own
    except BadInput:  # parameters from another version of the program
        return {}


def refuse_others(event: Event, own: Mapping[str, Own], contest: Contest | None) -> None:
    """Forbidden, BadInput or Conflict for an event that no user may send now.

    `own`: what users may say in the competition; `contest`: the one that the event names, if it is
    known.
    """
    if event.type not in own:
        raise Forbidden(
            f"{event.type} is not for users to say here",
            hint=f"users may say {', '.join(sorted(own))}" if own else "no user writes here",
        )
    if event.action != "record" or event.record is not None:
        raise Forbidden("users correct nothing", hint="ask an official")
    if event.contest is not None and contest is None:
        raise BadInput(
            f"there is no contest {event.contest}",
            pointer="/contest",
            hint="name one of the competition's contests, or none",
        )
    if contest is not None and contest.status in OVER:
        raise Conflict(f"{contest.id} is {contest.status}", pointer="/contest")


def ensure_own(payload: Any, own: Own, user: str) -> None:
    """Forbidden for a payload about anybody but the user, BadInput for one out of bounds."""
    if getattr(payload, own.user) != user:
        raise Forbidden(
            "users speak of themselves alone",
            pointer=f"/data/{own.user}",
            hint=f"leave `{own.user}` out, or give the id that your token has",
        )
    if own.amount:
        ensure_within(getattr(payload, own.amount), own.least, own.most, f"/data/{own.amount}")


def ensure_within(amount: int, least: int | None, most: int | None, pointer: str) -> None:
    """BadInput for a number that is not from `least` to `most` (None: no bound)."""
    if (least is not None and amount < least) or (most is not None and amount > most):
        low = "" if least is None else f" from {least}"
        high = "" if most is None else f" up to {most}"
        raise BadInput(f"{amount} is out of bounds", pointer=pointer, hint=f"give{low}{high}")
