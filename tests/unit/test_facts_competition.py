"""A competition's definition, as the events that change it make it."""

import pytest

from scoreboard.facts.competition import (
    Competition,
    Contest,
    Definition,
    Entered,
    Entrant,
    Group,
    Scheduled,
    StatusChanged,
    Substituted,
    Withdrawn,
)


@pytest.fixture
def definition() -> Definition:
    return Definition(
        Competition(
            slug="cup",
            name="Cup",
            sport="football",
            entrants=[Entrant(id="A", name="Anchor"), Entrant(id="B", name="Buoy")],
            groups=[Group(id="g", name="Group", entrants=["A", "B"])],
            contests=[
                Contest(id="m1", entrants=["A", "B"], group="g", status="finished"),
                Contest(id="m2", entrants=["B", "A"], group="g"),
            ],
        )
    )


def test_a_late_entry_joins_its_group_once(definition):
    late = Entered(entrant=Entrant(id="C", name="Capstan"), group="g")
    definition.apply(late, 1)
    definition.apply(late, 1)
    assert definition.entrants["C"].name == "Capstan"
    assert definition.groups["g"].entrants == ["A", "B", "C"]


def test_who_withdraws_stays_known_as_withdrawn(definition):
    definition.apply(Withdrawn(entrant="B"), 1)
    assert definition.entrants["B"].withdrawn
    assert definition.groups["g"].entrants == ["A", "B"]


def test_a_substitute_takes_over_what_is_still_to_be_played(definition):
    definition.apply(Substituted(out="A", entrant=Entrant(id="C", name="Capstan")), 1)
    assert definition.entrants["A"].replaced_by == "C"
    assert definition.contests["m1"].entrants == ["A", "B"]
    assert definition.contests["m2"].entrants == ["B", "C"]


def test_a_contest_is_added_or_moved(definition):
    definition.apply(Scheduled(contest=Contest(id="m2", place="Pitch 2", entrants=["B", "A"])), 1)
    definition.apply(Scheduled(contest=Contest(id="m3")), 1)
    assert definition.contests["m2"].place == "Pitch 2"
    assert list(definition.contests) == ["m1", "m2", "m3"]


def test_an_official_changes_a_contests_status(definition):
    definition.apply(StatusChanged(contest="m2", status="delayed", reason="storm"), 1)
    assert definition.contests["m2"].status == "delayed"


def test_what_names_nothing_known_changes_nothing(definition):
    before = definition.as_competition()
    definition.apply(Withdrawn(entrant="nobody"), 1)
    definition.apply(StatusChanged(contest="nowhere", status="live"), 1)
    assert definition.as_competition() == before


def test_a_definition_written_down_and_read_again_is_the_same(definition):
    written = definition.as_competition()
    assert Definition(written).as_competition() == written
