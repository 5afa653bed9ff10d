"""What devices may not say, by the sport's own word, decided by the one gate."""

from typing import Any

import msgspec
import pytest
from declared import declared_sports

from scoreboard.errors import Forbidden, ScoreboardError
from scoreboard.facts.competition import Competition, Definition
from scoreboard.facts.entry import Draft
from scoreboard.facts.event import Event
from scoreboard.facts.roles import KeyRole, Principal
from scoreboard.ingest.batch import Batch

SPORTS = declared_sports()
JURY = {"entrant": "ada", "lift": "squat", "attempt": 1, "good": True}
LIGHT = {"entrant": "ada", "lift": "squat", "attempt": 1, "referee": "left", "good": True}
SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "lifting.jury": ("lifting", JURY),
    "season.adjusted": ("season", {"entrant": "ada", "points": -5}),
    "guesses.locked": ("predictions", {"contest": "m1"}),
}


def said(role: KeyRole, sport: str, type_: str, data: Any, **more: Any) -> Draft | ScoreboardError:
    """What becomes of an event that a key of this role sends."""
    definition = Definition(Competition(slug="open", name="Open", sport=sport))
    key = Principal(key="k", name="k", role=role)
    batch = Batch(key, "open", definition, SPORTS, "pad-1")
    event = Event(id="1", type=type_, data=msgspec.Raw(msgspec.json.encode(data)), **more)
    (checked,) = batch.check([event])
    return checked


def test_what_is_kept_for_officials_are_types_of_the_sport() -> None:
    kept = {name: sport.officials_only for name, sport in SPORTS.classes.items()}
    for name, types in kept.items():
        assert types <= set(SPORTS.kinds(name))
    assert frozenset().union(*kept.values()) == set(SAID)


@pytest.mark.parametrize("type_", SAID)
def test_devices_do_not_say_it_and_officials_do(type_: str) -> None:
    sport, data = SAID[type_]
    refused = said("device", sport, type_, data)
    assert isinstance(refused, Forbidden)
    assert (type_ in refused.message, refused.pointer) == (True, "/type")
    void = {"action": "void", "record": "pad-1/9", "reason": "?"}
    assert isinstance(said("device", sport, type_, {}, **void), Forbidden)
    for role in ("official", "admin"):
        assert isinstance(said(role, sport, type_, data), Draft)  # type: ignore[arg-type]


def test_the_referees_lights_are_their_devices_to_say() -> None:
    assert isinstance(said("device", "lifting", "lifting.light", LIGHT), Draft)
