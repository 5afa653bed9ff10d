"""Boards that nobody asks for are let go once they are saved, and come back whole."""

from pathlib import Path
from typing import Any

import msgspec
from made_anew import contents, made_anew

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Draft
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.store import ReadStore
from scoreboard.settings import Limits, Projection, Settings
from scoreboard.sports.registry import Sports

QUIZZES = [f"quiz-{n}" for n in range(8)]
BOARDS = 5  # of each: standings, contests, flags and two boxes


def draft(slug: str, id_: str, type_: str, data: dict[str, Any], **more: Any) -> Draft:
    said = {"source": "pad", "actor": "admin:pad"} | more
    return Draft(competition=slug, id=id_, type=type_, data=msgspec.json.encode(data), **said)


async def define(ledger: Ledger, slug: str) -> None:
    quiz = {"slug": slug, "name": slug, "sport": "points", "contests": [{"id": "a"}, {"id": "b"}]}
    await ledger.append([draft(slug, "d", DEFINED.type, quiz, record="competition")])


async def score(ledger: Ledger, slug: str, id_: str, points: int) -> None:
    data = {"entrant": "ada", "points": points}
    await ledger.append([draft(slug, id_, "points.scored", data, contest="a")])


async def test_boards_are_let_go_and_come_back_with_their_patches(
    ledger: Ledger, settings: Settings, tmp_path: Path
) -> None:
    small = msgspec.structs.replace(
        settings,
        limits=Limits(shelved_boards_max=2 * BOARDS),
        projection=Projection(save_every_s=1e-6),
    )
    projection = BoardsProjection(small, ledger, Sports.installed(), ReadStore(small))
    await projection.open()

    async def catch_up() -> None:
        while entries := await ledger.read(projection.position, limit=100):
            await projection.handle(entries)
            projection.render_pending(everything=True)
            await projection.saving.finish()

    for slug in QUIZZES:
        await define(ledger, slug)
        await score(ledger, slug, "1", 3)
        await catch_up()
    await projection.idle()
    assert len(projection.shelf) <= 3 * BOARDS  # what was made last waits to be saved
    assert projection.shelving.known() == set(QUIZZES)
    assert projection.shelf.get("quiz-0", "standings") is None

    await projection.shelving.bring("quiz-0")
    before = projection.shelf.get("quiz-0", "standings")
    assert before is not None
    assert before.content["rows"]["ada"]["figures"]["points"] == 3

    await score(ledger, "quiz-1", "2", 4)  # of one that was let go
    heard = []
    projection.shelf.on_change.append(heard.append)
    await catch_up()
    (patch,) = [one for one in heard if one.after.board == "standings"]
    assert patch.before
    assert patch.merge["rows"] == {"ada": {"figures": {"points": 7, "facts": 2}}}

    live = await contents(projection)
    await projection.close()
    assert live == await made_anew(ledger, tmp_path / "anew")


async def test_asking_for_what_there_is_not_keeps_nothing(
    ledger: Ledger, settings: Settings
) -> None:
    projection = BoardsProjection(settings, ledger, Sports.installed(), ReadStore(settings))
    await projection.open()
    await projection.shelving.bring("nobody")
    assert projection.shelving.known() == set()
    await projection.close()


async def test_the_contest_that_moves_stays_loaded_however_large(
    ledger: Ledger, settings: Settings
) -> None:
    small = msgspec.structs.replace(
        settings, limits=Limits(loaded_facts_max=5), projection=Projection(save_every_s=1e-6)
    )
    projection = BoardsProjection(small, ledger, Sports.installed(), ReadStore(small))
    await projection.open()
    cup = {
        "slug": "cup",
        "name": "Cup",
        "sport": "football",
        "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
        "contests": [{"id": id_, "entrants": ["ada", "bel"]} for id_ in ("m1", "m2")],
    }
    await ledger.append([draft("cup", "d", DEFINED.type, cup, record="competition")])
    for contest in ("m1", "m2"):
        for minute in range(1, 11):
            goal = {"team": "ada", "minute": minute}
            id_ = f"{contest}-{minute}"
            await ledger.append([draft("cup", id_, "football.goal", goal, contest=contest)])
            await projection.handle(await ledger.read(projection.position))
            await projection.saving.finish()
            await projection.idle()
    contests = projection.folds.live["cup"].contests
    assert (contests["m1"].loaded, contests["m2"].loaded) == (False, True)
    await projection.close()
