"""What holds for every sport, whatever is said: order of arrival, corrections, checkpoints, ranks.

Each module in `scenarios/` is one sport: `PARAMS` (parameter sets), `definition(params)` (a small
competition) and `facts()`, a strategy of lists of (contest, type, payload, place in time), hostile
ones among them. The entrant `nobody` is never defined. Boards are made by the real folds; sports
that are folded apart have properties of their own.
"""

import importlib
import os
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from declared import declared_sports
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.document import encode_content
from scoreboard.facts.entry import Entry
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import (
    ForgottenTooMuch,
    decode_state,
    encode_state,
    fact_of,
)
from scoreboard.sports.sport import FieldSport

SPORTS = declared_sports()
SCENARIOS = {
    path.stem: importlib.import_module(f"scenarios.{path.stem}")
    for path in sorted((Path(__file__).parent / "scenarios").glob("*.py"))
}
# Made once: a strategy that is made anew for each example takes longer than all that it is for.
PARAMS = {name: st.sampled_from(scenario.PARAMS) for name, scenario in SCENARIOS.items()}
FACTS = {name: scenario.facts() for name, scenario in SCENARIOS.items()}
ROWS_MAX = 1_000
FEW = 25  # always the same ones; set SCOREBOARD_EXAMPLES to look for more, at random
EXAMPLES = int(os.environ.get("SCOREBOARD_EXAMPLES", FEW))
UNKNOWN = "nobody"


def sport_property(*strategies):
    """A test of every sport, on its parameter sets and facts; `told` are entries in their order."""

    def decorate(test):
        @pytest.mark.parametrize("name", SCENARIOS)
        @settings(max_examples=EXAMPLES, database=None, derandomize=EXAMPLES == FEW)
        @given(data=st.data())
        def run(name, data):
            definition = SCENARIOS[name].definition(data.draw(PARAMS[name]))
            told = [
                entry(number, type_, payload, contest=contest, time=place * 1_000_000)
                for number, (contest, type_, payload, place) in enumerate(data.draw(FACTS[name]), 2)
            ]
            test(definition, told, *(data.draw(strategy) for strategy in strategies))

        run.__name__ = test.__name__
        return run

    return decorate


def entry(position, type_, payload, *, contest=None, time=None, of=None, **more):
    """An entry that begins a record, or (`of`) another version of it."""
    id_ = f"e{position:04}"
    return Entry(
        position=position,
        competition="any",
        contest=contest or None,
        source="pad",
        id=id_,
        type=type_,
        schema=1,
        action=more.get("action", "record"),
        record=of.record if of else f"pad/{id_}",
        version=more.get("version", 1),
        actor="official:ola" if of else "device:pad",
        received=position,
        time=time,
        sent=None,
        subject=None,
        place=None,
        reason=None,
        flags=None,
        extensions=None,
        data=None if payload is None else msgspec.json.encode(payload),
        salt=None,
        digest=b"",
        hash=b"",
    )


def competition(definition):
    """A fold of the competition without any facts."""
    fold = CompetitionFold("any", DefinitionFold(), SPORTS)
    fold.define([entry(1, "competition.defined", definition)])
    return fold


def feed(fold, entries):
    """Entries in order of arrival, each a batch of its own."""
    for one in entries:
        contest = one.contest or ""
        if contest not in fold.contests:
            fold.contests[contest] = fold.new_contest(contest)
        fold.contests[contest].feed([one])
    return fold


def folded(definition, entries):
    return feed(competition(definition), entries)


def boards(fold):
    """The content of every board."""
    fold.rank_anew()
    return {
        name: render.content(fold, name, ROWS_MAX)
        for name in render.board_names(fold.definition, fold)
    }


def in_the_sports_order(fold, told):
    """Entries as the sport orders them."""

    def key(one):
        fact = fact_of(one, one, fold.kinds[one.type])
        return (fold.sport.fold_key(fact), fold.sport.sort_key(fact))

    by_contest = defaultdict(list)
    for one in told:
        by_contest[one.contest].append(one)
    return [one for some in by_contest.values() for one in sorted(some, key=key)]


def leaves(value):
    """All values of a JSON document that are not containers."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


# order, corrections, checkpoints ----------------------------------------------------------------


@sport_property(st.randoms())
def test_any_order_of_arrival_gives_the_same_boards(definition, told, random):
    shuffled = random.sample(told, len(told))
    assert boards(folded(definition, shuffled)) == boards(folded(definition, told))


@sport_property(st.integers(0, 99), st.integers(0, 99))
def test_an_amendment_and_its_reverse_leave_every_board_as_before(definition, told, which, other):
    if not told:
        return
    first = told[which % len(told)]
    alike = [one for one in told if one.type == first.type]
    corrections = [("amend", alike[other % len(alike)].data), ("amend", first.data)]
    if alike[other % len(alike)].data == first.data:
        corrections = [("void", None), ("restore", None)]
    fold = folded(definition, told)
    before = boards(fold)
    versions = [first]
    for version, (action, data) in enumerate(corrections, 2):
        number = len(told) + version
        payload = None if data is None else msgspec.Raw(data)
        correction = entry(
            number,
            first.type,
            payload,
            contest=first.contest,
            of=first,
            action=action,
            version=version,
        )
        correct(fold, told, versions, correction)
        boards(fold)
    assert boards(fold) == before


def correct(fold, told, versions, correction):
    """Feed a correction as the projection does: folding again what cannot be taken back."""
    contest = correction.contest or ""
    try:
        fold.contests[contest].feed([correction], {correction.record: list(versions)})
    except ForgottenTooMuch:
        fold.contests[contest] = fold.new_contest(contest)
        entries = [one for one in told if (one.contest or "") == contest]
        entries = [one for one in entries if one.record != correction.record]
        fold.contests[contest].feed([*entries, *versions, correction])
    versions.append(correction)


@sport_property(st.integers(0, 30), st.integers(0, 9))
def test_a_fold_goes_on_from_any_checkpoint_and_contests_keep_to_themselves(
    definition, told, cut, which
):
    fold = competition(definition)
    ordered = in_the_sports_order(fold, told)
    feed(fold, ordered[:cut])
    kind = fold.sport.State
    for contest in fold.contests.values():
        contest.states = {
            key: decode_state(encode_state(state), kind) for key, state in contest.states.items()
        }
    feed(fold, ordered[cut:])
    whole = boards(folded(definition, told))
    assert boards(fold) == whole
    contests = [contest["id"] for contest in definition["contests"]]
    silent = contests[which % len(contests)]
    rest = boards(folded(definition, [one for one in told if one.contest != silent]))
    for contest in contests:
        if contest != silent:
            assert rest[f"box:{contest}"] == whole[f"box:{contest}"]


# what is shown ------------------------------------------------------------------------------------


@sport_property()
def test_what_is_shown_is_a_valid_ranking_in_plain_json_and_names_only_what_was_told(
    definition, told
):
    fold = folded(definition, told)
    shown = boards(fold)
    ranks_are_shared_by_equals_and_skip_as_many(fold, shown["standings"]["rows"].values())
    boards_have_no_nulls_and_flat_figures(shown)
    timelines_name_records_that_were_told(shown, told)
    unknown_entrants_are_named_to_the_gate(fold, told)


@sport_property()
def test_what_is_kept_to_be_shown_again_is_what_would_be_made_anew(definition, told):
    fold = competition(definition)
    names = render.board_names(fold.definition, fold)
    kept = [render.content(fold, name, ROWS_MAX) for name in names]
    for one in told:
        feed(fold, [one])
        fold.dirty = {one.contest or ""}
        fold.rerank()
        fold.contests[one.contest or ""].dirty_keys = set()
        kept = [render.content(fold, name, ROWS_MAX) for name in names]
    assert dict(zip(names, kept, strict=True)) == boards(fold)


def ranks_are_shared_by_equals_and_skip_as_many(fold, rows):
    by_group = defaultdict(list)
    for row in rows:
        over_all = isinstance(fold.sport, FieldSport)
        by_group["" if over_all else row.get("group", "")].append(row)
    for some in by_group.values():
        ranks = [row["rank"] for row in some]
        assert ranks == sorted(ranks)
        assert all(rank == 1 + sum(other < rank for other in ranks) for rank in ranks)
        assert all(ranks.count(row["rank"]) > 1 for row in some if row.get("tied"))


def boards_have_no_nulls_and_flat_figures(shown):
    for name, content in shown.items():
        assert None not in list(leaves(content)), name
        assert msgspec.json.decode(encode_content(content)) == content, name
    for row in shown["standings"]["rows"].values():
        assert not any(isinstance(figure, dict | list) for figure in row["figures"].values())


def timelines_name_records_that_were_told(shown, told):
    records = {one.record for one in told}
    for name, content in shown.items():
        if name.startswith(render.TIMELINE):
            assert set(content["rows"]) <= records, name


def unknown_entrants_are_named_to_the_gate(fold, told):
    for one in told:
        if UNKNOWN in list(leaves(msgspec.json.decode(one.data))):
            kind = fold.kinds[one.type]
            assert UNKNOWN in list(kind.entrants(kind.read(one.data))), one.type


def test_every_sport_of_the_project_has_a_scenario():
    defined = {s.definition(s.PARAMS[0])["sport"] for s in SCENARIOS.values()}
    apart = {name for name, sport in SPORTS.classes.items() if sport.apart}
    assert defined == set(SPORTS.classes) - apart
