"""The rules alone, on the 2018 World Cup: every score and every table, in any order of arrival."""

import random
from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
import pytest
import worldcup

from scoreboard.facts.competition import DEFINED, Contest, Definition
from scoreboard.facts.instant import to_us
from scoreboard.sports.football import Football, FootballParams
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Football.fact_kinds}


def facts(events: list[dict[str, Any]]) -> dict[str, list[Fact]]:
    """The events as facts, by contest; positions as they come."""
    by_contest = defaultdict(list)
    for position, event in enumerate(events, 1):
        contest = event.get("contest", "")
        fact = Fact(
            record=f"{event['source']}/{event['id']}",
            type=event["type"],
            payload=KINDS[event["type"]].read(msgspec.json.encode(event["data"])),
            contest=contest,
            position=position,
            time=to_us(datetime.fromisoformat(event["time"])),
            source=event["source"],
            id=event["id"],
        )
        by_contest[contest].append(fact)
    return by_contest


@pytest.fixture(scope="module", params=[1, 2018], ids=["shuffled", "shuffled otherwise"])
def played(request):
    """The definition, all contests' states and all flags, from events in a random order."""
    definition = Definition(DEFINED.read(msgspec.json.encode(worldcup.competition())))
    told = worldcup.events()
    random.Random(request.param).shuffle(told)
    football = Football(FootballParams())
    states, flags = {}, []
    for id_, some in facts(told).items():
        contest = definition.contests.get(id_) or Contest(id=id_)
        state = football.start(contest)
        for fact in sorted(some, key=football.sort_key):
            flags += football.apply(state, fact)
        states[id_] = {"": state}
    return football, definition, states, flags


def test_all_64_scores_are_the_official_ones(played):
    football, definition, states, _ = played
    official = worldcup.official_scores()
    assert len(official) == 64
    for id_, score in official.items():
        line = football.line(definition.contests[id_], states[id_])
        assert line["periods"] == score, (id_, line)
        assert line["score"] == score.get("extra_time", score["full_time"])


def test_all_8_tables_are_the_official_ones(played):
    football, definition, states, _ = played
    rows = football.standings(definition, states)
    assert len(rows) == 32
    for group, table in worldcup.official_tables().items():
        made = [
            {"entrant": r.entrant, "rank": r.rank, **r.figures} for r in rows if r.group == group
        ]
        assert made == table


def test_the_row_says_what_decided(played):
    football, definition, states, _ = played
    rows = {row.entrant: row for row in football.standings(definition, states)}
    assert {e: r.decided for e, r in rows.items() if r.decided} == {
        "ESP": "goals",
        "POR": "goals",
        "SWE": "goal_difference",
        "MEX": "goal_difference",
        "KOR": "goal_difference",
        "GER": "goal_difference",
        "JPN": "lots",
        "SEN": "lots",
    }
    assert not any(row.tied for row in rows.values())


def test_without_the_ruling_japan_and_senegal_share_a_rank(played):
    football, definition, states, _ = played
    states = {id_: state for id_, state in states.items() if id_}
    rows = {row.entrant: row for row in football.standings(definition, states)}
    assert [(rows[e].rank, rows[e].tied) for e in ("COL", "JPN", "SEN", "POL")] == [
        (1, False),
        (2, True),
        (2, True),
        (4, False),
    ]


def test_nothing_in_a_real_world_cup_is_surprising(played):
    assert played[3] == []


def test_knock_outs_have_the_winners_that_went_on(played):
    football, definition, states, _ = played
    knock_outs = [c for c in definition.contests.values() if c.group is None]
    winners = [football.line(c, states[c.id])["winner"] for c in knock_outs]
    assert len(winners) == 16
    assert winners[-1] == "FRA"
    assert {"RUS", "CRO", "ENG"} <= set(winners)
    assert all(football.status(c, states[c.id]) == "finished" for c in knock_outs)


def test_only_the_two_misprints_contradict_the_minutes_of_the_goals():
    contradicted = set()
    for _, match in worldcup._matches():
        early = [
            sum(m <= 45 for m, _, d in worldcup._goals(match) if d["team"] == team)
            for team in worldcup._teams(match)
        ]
        if early != match["score"]["ht"]:
            contradicted.add((match["team1"], match["team2"]))
    assert contradicted == set(worldcup.HALF_TIME_MISPRINTS)
