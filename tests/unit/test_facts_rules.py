"""Versions of the rules, counted apart from those of the definition."""

import msgspec
from declared import declared_sports
from msgspec.structs import replace

from scoreboard.admin.rules import changed
from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.entry import GENESIS, Draft, Entry, Head
from scoreboard.facts.rules import Rules
from scoreboard.ledger.chain import entry_of, link
from scoreboard.ledger.kinds import ERASED
from scoreboard.projections.competition import CompetitionFold

CUP = {"slug": "cup", "name": "Cup", "sport": "football"}


def entry(position: int, type_: str, data: object, version: int = 1, action: str = "amend"):
    draft = Draft(
        competition="cup",
        source="office",
        id=f"{position}",
        type=type_,
        actor="admin:ada",
        data=msgspec.json.encode(data),
    )
    record = "competition" if type_ == "competition.defined" else f"office/{position}"
    planned = [(draft, "record" if version == 1 else action, record, version)]
    return entry_of(link(Head("l", position - 1, GENESIS, 1, 0), planned, 0)[0][0])


def defined(position: int, version: int, action: str = "amend", **said: object) -> Entry:
    data = {} if action in ("void", "restore") else CUP | said
    return entry(position, "competition.defined", data, version, action)


def folded(*entries: Entry) -> DefinitionFold:
    fold = DefinitionFold()
    fold.feed(entries)
    return fold


def counted(fold: DefinitionFold) -> list[tuple[int, int, dict[str, object]]]:
    return [(one.version, one.position, one.params) for one in fold.rules]


def test_only_other_rules_make_a_version() -> None:
    fold = folded(
        defined(1, 1),
        defined(4, 2, name="The Cup"),
        defined(5, 3, params={"win": 2}),
        defined(8, 4, params={"win": 2}, place="Here"),
        defined(9, 5),
    )
    assert counted(fold) == [(1, 1, {}), (2, 5, {"win": 2}), (3, 9, {})]


def test_while_nothing_is_defined_the_rules_stay() -> None:
    fold = folded(defined(1, 1, params={"win": 2}), defined(2, 2, "void"), defined(3, 3, "restore"))
    assert counted(fold) == [(1, 1, {"win": 2})]
    fold.feed([defined(4, 4, "void"), defined(5, 5)])
    assert counted(fold) == [(1, 1, {"win": 2}), (2, 5, {})]


def test_what_is_erased_is_not_counted() -> None:
    fold = folded(
        defined(1, 1, params={"win": 2}),
        defined(2, 2, params={"win": 4}),
        defined(3, 3, params={"win": 2}),
    )
    assert [one.version for one in fold.rules] == [1, 2, 3]
    fold.feed([entry(4, ERASED, {"position": 2, "reason": "a name in it"})])
    assert counted(fold) == [(1, 1, {"win": 2})]


def test_a_fold_that_is_made_by_pieces_has_the_same_rules_as_one_made_at_once() -> None:
    entries = [defined(n, n, params={"win": n % 3}) for n in range(1, 9)]
    fold = DefinitionFold()
    for one in entries:
        fold.feed([one])
    assert fold.rules == folded(*entries).rules


def test_the_public_knows_the_rules_up_to_a_freeze() -> None:
    frozen = entry(2, "competition.frozen", {})
    fold = folded(defined(1, 1), frozen, defined(3, 2, params={"win": 2}))
    assert [one.version for one in fold.rules] == [1, 2]
    assert [one.version for one in fold.seen().rules] == [1]


def test_a_competition_by_other_rules_is_another_fold() -> None:
    fold = CompetitionFold("cup", DefinitionFold(), declared_sports())
    fold.define([defined(1, 1), defined(2, 2, params={"win": 2})])
    first, second = fold.definitions.rules
    other = fold.under(first)
    assert (other.rules_version, fold.rules_version) == (1, 2)
    assert other.definition is not None
    assert fold.definition is not None
    assert (other.definition.params, fold.definition.params) == ({}, {"win": 2})
    assert fold.definitions.rules == [first, second]


def rules(sport: str = "football", **params: object) -> Rules:
    return Rules(version=1, position=1, received=0, actor="", reason="", sport=sport, params=params)


def test_what_changed_is_named_by_pointers() -> None:
    assert changed(rules(win=2, draw=1), rules(win=3, draw=1)) == ["/params/win"]
    assert changed(rules(win=2), rules(draw=1)) == ["/params/win", "/params/draw"]
    assert changed(rules(ties=["goals", "points"]), rules(ties=["points"])) == ["/params/ties"]
    assert changed(rules("points"), rules()) == ["/sport"]
    deep = rules(stations={"a/b": {"at": 1}, "c": {"at": 2}})
    deeper = replace(deep, params={"stations": {"a/b": {"at": 9}, "c": {"at": 2}}})
    assert changed(deep, deeper) == ["/params/stations/a~1b/at"]
    assert changed(deep, deep) == []
