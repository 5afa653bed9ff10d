"""The authors' guide followed word for word: its sport is installed, served and played."""

import re
import subprocess
import sys
import types
from pathlib import Path

import httpx2
import pytest
from test_serve import FREE, serving

import scoreboard
from scoreboard.facts.competition import Contest
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import Fact

GUIDE = Path(scoreboard.__file__).parent / "sports" / "README.md"
BLOCK = re.compile(r"`(?P<name>[\w-]+\.\w+)`[^`]*?\n\n```\w+\n(?P<text>.*?)```", re.DOTALL)
FILES = {block["name"]: block["text"] for block in BLOCK.finditer(GUIDE.read_text("utf-8"))}
API = "/api/v1/competitions"
LINES_MAX = 60


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where the guide's package is installed, and the folder with its files."""
    project, target = tmp_path_factory.mktemp("darts"), tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (project / name).write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Without an index: what it needs is installed with the tests.
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *options, str(project)], check=True)
    return target, project


@pytest.fixture
def with_darts(installed, monkeypatch):
    """Child processes find the guide's sport beside the program; the folder with its files."""
    target, project = installed
    monkeypatch.setenv("PYTHONPATH", f"{GUIDE.parents[2]}:{target}")
    return project


def said(*words):
    command = [sys.executable, "-m", "scoreboard", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_guide_has_a_whole_sport_of_few_lines():
    assert set(FILES) == {"scoreboard_darts.py", "pyproject.toml", "darts-night.toml"}
    assert len(FILES["scoreboard_darts.py"].splitlines()) < LINES_MAX


def test_the_commands_of_the_guide_know_the_sport(with_darts):
    shown = said("sport", "show", "darts")
    assert "event darts.visit" in shown
    assert "what a leg counts down from" in shown
    checked = said("competition", "check", str(with_darts / "darts-night.toml"))
    assert "nothing is wrong" in checked


async def test_the_sport_is_served_and_its_boards_move(with_darts, tmp_path):
    async with serving("--data", str(tmp_path), *FREE) as served:
        headers = {"Authorization": f"Bearer {served.key}"}
        [url] = served.urls("private")
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
            toml = {"Content-Type": "application/toml"}
            night = (with_darts / "darts-night.toml").read_bytes()
            made = await client.post(API, content=night, headers=toml)
            assert made.status_code == 201, made.text

            async def throw(number, player, score):
                event = {
                    "id": str(number),
                    "source": "oche-1",
                    "type": "darts.visit",
                    "contest": "leg1",
                    "data": {"player": player, "score": score, "number": number},
                }
                answer = await client.post(f"{API}/darts-night/events", json=event)
                assert answer.status_code == 201, answer.text
                return answer.json()["position"]

            async def board(name, after):
                path = f"{API}/darts-night/boards/{name}"
                return (await client.get(path, params={"after": after})).json()

            box = await board("box:leg1", await throw(1, "ada", 180))
            assert (box["status"], box["content"]["line"]["left"]) == (
                "live",
                {"ada": 121, "bel": 301},
            )
            await throw(2, "bel", 100)
            last = await throw(3, "ada", 121)
            table = (await board("standings", last))["content"]["rows"]
            assert [(e, row["rank"], row["figures"]["won"]) for e, row in table.items()] == [
                ("ada", 1, 1),
                ("bel", 2, 0),
            ]
            told = await client.get(f"{API}/darts-night/boards/standings/rows/ada/explain")
            [part] = told.json()["figures"]["won"]["parts"]
            assert (part["record"], part["change"]) == ("oche-1/3", 1)
            wrong = {"action": "amend", "reason": "120", "data": {
                "player": "ada", "score": 120, "number": 3}}  # fmt: skip
            url = f"{API}/darts-night/records/oche-1/3/corrections"
            corrected = await client.post(url, json=wrong)
            box = await board("box:leg1", corrected.json()["position"])
            assert (box["status"], box["content"]["line"]["left"]["ada"]) == ("live", 1)


def test_the_sport_flags_what_makes_no_sense():
    module = types.ModuleType("scoreboard_darts")
    exec(FILES["scoreboard_darts.py"], module.__dict__)  # the guide's own words
    sport = Sports({"darts": module.Darts}).configured("darts", {"start": 100})
    leg = sport.start(Contest(id="leg1", entrants=["ada", "bel"]))

    def flags(number, player, score):
        payload = module.Visit(player=player, score=score, number=number)
        fact = Fact(
            record=str(number), type="darts.visit", payload=payload, contest="leg1",
            position=number, time=None, source="oche-1", id=str(number),
        )  # fmt: skip
        return sport.apply(leg, fact)

    assert flags(1, "ada", 101) == ("bust",)
    assert flags(2, "bel", 100) == ()
    assert flags(3, "ada", 60) == ("after-the-end",)
    assert (leg.left, leg.winner) == ({"ada": 100, "bel": 0}, "bel")
