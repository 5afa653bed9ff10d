"""What users may say of themselves, decided by the one gate whatever the door."""

from typing import Any

import msgspec
import pytest

from scoreboard.errors import BadInput, Conflict, Forbidden, ScoreboardError
from scoreboard.facts.competition import Competition, Contest, Definition
from scoreboard.facts.entry import Draft
from scoreboard.facts.event import Event
from scoreboard.facts.roles import Principal
from scoreboard.ingest.batch import Batch
from scoreboard.sports.registry import Sports

ADA = Principal(key="ada", name="ada", role="player")
SPORTS = Sports.installed()


def said_by_ada(sport: str, params: dict[str, Any], **event: Any) -> Draft | ScoreboardError:
    """What becomes of an event that the user ada sends."""
    contests = [Contest(id="m1"), Contest(id="m2", status="finished")]
    competition = Competition(
        slug="open",
        name="Open",
        sport=sport,
        params={"open_entry": True} | params,
        contests=contests,
    )
    data = msgspec.Raw(msgspec.json.encode(event.pop("data", {})))
    batch = Batch(ADA, "open", Definition(competition), SPORTS, "player:ada")
    (checked,) = batch.check([Event(id="1", data=data, **event)])
    return checked


def guess(user: str) -> dict[str, Any]:
    return {"user": user, "contest": "m1", "home": 2, "away": 1}


@pytest.mark.parametrize(
    ("sport", "type_", "data"),
    [
        ("points", "points.scored", {"entrant": "ada", "points": 5}),
        ("predictions", "guess.made", guess("ada")),
        (
            "predictions",
            "guesses.made",
            {"user": "ada", "guesses": [{"contest": "m1", "home": 0, "away": 0}]},
        ),
        ("predictions", "league.joined", {"league": "office", "user": "ada"}),
    ],
)
def test_a_user_speaks_of_itself_without_having_been_entered(
    sport: str, type_: str, data: dict[str, Any]
) -> None:
    draft = said_by_ada(sport, {}, type=type_, data=data)
    assert isinstance(draft, Draft)
    assert (draft.actor, draft.flags, draft.own_only) == ("player:ada", None, True)
    others = {name: "bel" if value == "ada" else value for name, value in data.items()}
    assert isinstance(said_by_ada(sport, {}, type=type_, data=others), Forbidden)
    closed = said_by_ada(sport, {"open_entry": False}, type=type_, data=data)
    assert isinstance(closed, Forbidden)


@pytest.mark.parametrize("type_", ["guesses.locked", "competition.entered", "points.scored"])
def test_what_the_sport_does_not_open_to_users_is_for_others(type_: str) -> None:
    refused = said_by_ada("predictions", {}, type=type_, data={"contest": "m1"})
    assert isinstance(refused, Forbidden)


def test_users_correct_nothing_and_make_no_contests() -> None:
    scored = {"type": "points.scored", "data": {"entrant": "ada", "points": 5}}
    assert isinstance(said_by_ada("points", {}, **scored, contest="m1"), Draft)
    assert isinstance(said_by_ada("points", {}, **scored, contest="new"), BadInput)
    assert isinstance(said_by_ada("points", {}, **scored, contest="m2"), Conflict)
    assert isinstance(said_by_ada("points", {}, **scored, record="player:ada/0"), Forbidden)
    voids = said_by_ada("points", {}, type="points.scored", action="void", record="player:ada/0")
    assert isinstance(voids, Forbidden)


@pytest.mark.parametrize(("points", "within"), [(1, True), (0, False), (10, True), (11, False)])
def test_a_competitions_bounds_hold_for_what_users_add(points: int, within: bool) -> None:
    bounds = {"increment_min": 1, "increment_max": 10}
    data = {"entrant": "ada", "points": points}
    draft = said_by_ada("points", bounds, type="points.scored", data=data)
    assert isinstance(draft, Draft if within else BadInput)
