"""The board of milestones: what an announcer says of records, bests and round numbers.

All of it is a function of what the audience's fold holds, so that a correction takes back what it
makes untrue, and what is frozen is not told. A row's key stays while it speaks of the same:

    record.N             the definition's N-th record to beat is beaten or equalled
    best.MEASURE         who has the best of the competition
    own.MEASURE.ENTRANT  who did better in the newest contest than in all before
    others               the sport's own milestones

Every change of any contest makes the board anew, so that it is never behind the other boards (made
at a pace of its own it would be, for those who wait for their own write too). That costs little,
for most of what is to be said is said of one contest at a time: its feats and its summary are kept
until its fold moves, and only what is said of all of them is put together each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from scoreboard.facts.competition import Definition
from scoreboard.facts.document import Content
from scoreboard.facts.feats import RecordToBeat
from scoreboard.projections.competition import CompetitionFold
from scoreboard.sports.feats import Feat, Measure, Milestone, Told
from scoreboard.sports.sport import FieldSport, Row

ROWS_MAX = 200
FIRST = 10  # of each ranking of a field, whose feats are looked at
DIVISIONS_MAX = 50  # of a contest of a field, of whose first the feats are looked at
COMPARED_MAX = 50  # contests of a field; with more of them nobody's are compared
HOLDERS_MAX = 3  # equals; with more of them none is named

OVERALL = ""
Feats = Sequence[tuple[str, Feat]]
"""Feats with their contests (OVERALL: of all), in the contests' order."""


def milestones(fold: CompetitionFold, definition: Definition) -> Content:
    """The board's content: rows by key, each with its text, kind and order."""
    told = _told(fold, definition)
    feats = [(id_, feat) for id_, one in told.items() for feat in one.feats]
    lines = [
        *_records(fold, definition, feats),
        *_bests(fold, definition, feats),
        *(("milestone", one) for one in _of_sport(fold, definition, told)),
    ]
    rows: Content = {}
    for order, (kind, one) in enumerate(lines[:ROWS_MAX]):
        rows[one.key] = {"order": order, "kind": kind, "text": one.text}
        if one.entrant:
            rows[one.key]["entrant"] = one.entrant
        if one.contest:
            rows[one.key]["contest"] = one.contest
    return {"title": definition.name, "rows": rows}


# records and bests -----------------------------------------------------------------------------


def _records(
    fold: CompetitionFold, definition: Definition, feats: Feats
) -> Iterator[tuple[str, Milestone]]:
    """The records to beat that are beaten or equalled."""
    assert fold.sport is not None
    measures = {measure.key: measure for measure in fold.sport.measures}
    for number, record in enumerate(definition.records_to_beat):
        measure = measures.get(record.figure)
        counting = [one for one in feats if _counts(fold, definition, record, *one)]
        if measure is None or not counting:
            continue
        contest, best = _best_of(measure, counting)[0]
        if measure.beats(record.value, best.value):
            continue
        beaten = measure.beats(best.value, record.value)
        text = (
            f"{record.name} {'beaten' if beaten else 'equalled'}: {_who(definition, best)}, "
            f"{measure.said(best.value)}"
        )
        if beaten:
            held = ", ".join(filter(None, (record.holder, record.date)))
            text += f" (was {measure.shown(record.value)}{f', {held}' if held else ''})"
        key = f"record.{number}"
        yield "record", Milestone(key=key, text=text, entrant=best.entrant, contest=contest)


def _counts(
    fold: CompetitionFold, definition: Definition, record: RecordToBeat, contest: str, feat: Feat
) -> bool:
    """Whether a feat is one that a record is of."""
    if feat.measure != record.figure or record.contest not in (None, contest):
        return False
    if record.group is None:
        return True
    sport, group = fold.sport, definition.groups.get(record.group)
    if isinstance(sport, FieldSport) and sport.division(feat.entrant) == record.group:
        return True
    planned = definition.contests.get(contest)
    among = group is not None and feat.entrant in group.entrants
    return among or (planned is not None and planned.group == record.group)


def _bests(
    fold: CompetitionFold, definition: Definition, feats: Feats
) -> Iterator[tuple[str, Milestone]]:
    """The best of the competition by each measure, and who bettered its own best."""
    sport = fold.sport
    assert sport is not None
    known = _by_measure(feats)
    compared = _by_measure(_compared(fold)) if isinstance(sport, FieldSport) else known
    for measure in sport.measures:
        some = known[measure.key]
        if not isinstance(sport, FieldSport) or len({contest for contest, _ in some}) > 1:
            yield from _best(definition, measure, some)
        yield from _own(definition, measure, compared[measure.key])


def _by_measure(feats: Feats) -> Mapping[str, list[tuple[str, Feat]]]:
    by_measure: defaultdict[str, list[tuple[str, Feat]]] = defaultdict(list)
    for contest, feat in feats:
        by_measure[feat.measure].append((contest, feat))
    return by_measure


def _best(
    definition: Definition, measure: Measure, feats: Feats
) -> Iterator[tuple[str, Milestone]]:
    """Who has the best, if there is anybody with less."""
    best = _best_of(measure, feats)
    holders = {(feat.entrant, feat.by): feat for _, feat in best}
    others = {(feat.entrant, feat.by) for _, feat in feats} - holders.keys()
    if not others or len(holders) > HOLDERS_MAX:
        return
    (contest, first), alone = best[0], len(best) == 1
    who = " and ".join(_who(definition, feat) for feat in holders.values())
    yield (
        "best",
        Milestone(
            key=f"best.{measure.key}",
            text=f"Best of the competition: {who}, {measure.said(first.value)}",
            entrant=first.entrant if alone else "",
            contest=contest if alone else "",
        ),
    )


def _own(definition: Definition, measure: Measure, feats: Feats) -> Iterator[tuple[str, Milestone]]:
    """Who did better in its newest contest than in all before."""
    by_whom: defaultdict[tuple[str, str], list[tuple[str, Feat]]] = defaultdict(list)
    for contest, feat in feats:
        by_whom[feat.entrant, feat.by].append((contest, feat))
    for (entrant, by), own in by_whom.items():
        (contest, newest), before = own[-1], _best_of(measure, own[:-1])
        if not before or not measure.beats(newest.value, before[0][1].value):
            continue
        now, then = measure.said(newest.value), measure.shown(before[0][1].value)
        text = f"Own best of the competition: {_who(definition, newest)}, {now} (before {then})"
        key = ".".join(filter(None, ("own", measure.key, entrant, by)))
        yield "best", Milestone(key=key, text=text, entrant=entrant, contest=contest)


def _best_of(measure: Measure, feats: Feats) -> Feats:
    """The best feats, equals in their order."""
    if not feats:
        return ()
    values = [feat.value for _, feat in feats]
    best = min(values) if measure.least else max(values)
    return [one for one in feats if one[1].value == best]


def _who(definition: Definition, feat: Feat) -> str:
    return ", ".join(filter(None, (feat.by, definition.called(feat.entrant))))


# feats and milestones of contests --------------------------------------------------------------


def _order(fold: CompetitionFold) -> list[str]:
    """The contests of which anything is known, as they are planned."""
    return [id_ for id_ in fold.places if id_ in fold.contests]


def _told(fold: CompetitionFold, definition: Definition) -> Mapping[str, Told]:
    """What there is to tell of each contest, in order, and of a field over all."""
    is_field = isinstance(fold.sport, FieldSport)
    tell = partial(_told_of_field if is_field else _told_of_contest, fold, definition)
    told = fold.told_shown.all(_order(fold), fold.contests, tell)
    return {**told, OVERALL: tell(OVERALL)} if is_field else told


def _told_of_contest(fold: CompetitionFold, definition: Definition, id_: str) -> Told:
    sport, folded = fold.sport, fold.contests[id_]
    assert sport is not None
    feats = list(sport.feats(folded.contest, folded.states))
    return Told(feats, sport.summary(definition, folded.contest, folded.states))


def _told_of_field(fold: CompetitionFold, definition: Definition, id_: str) -> Told:
    """What the first of a field say, in a contest or over all."""
    sport = fold.sport
    assert isinstance(sport, FieldSport)
    rows = _first(fold, id_)
    feats = [feat for row in rows for feat in sport.feats_of(row, id_)]
    return Told(feats, list(sport.milestones_of(definition, rows, id_)))


def _first(fold: CompetitionFold, id_: str) -> list[Row]:
    """The first rows of a field, in a contest or over all, and the first of each division."""
    contest = id_ or None
    ranked = dict(fold.ranking(contest).top(FIRST))
    for division in fold.divisions(contest)[:DIVISIONS_MAX]:
        for entrant, _ in fold.ranking(contest, division).top(1):
            ranked.setdefault(entrant, fold.ranking(contest).rank(entrant))
    return list(fold.field_rows(ranked.items(), contest))


def _compared(fold: CompetitionFold) -> Feats:
    """A field's feats to be compared with those of the same entrants before."""
    sport = fold.sport
    assert isinstance(sport, FieldSport)
    order = _order(fold)
    if not 1 < len(order) <= COMPARED_MAX:
        return ()
    newest = [entrant for entrant, _ in fold.ranking(order[-1]).top(FIRST)]
    made = []
    for id_ in order:
        known = [(e, 0) for e in newest if e in fold.ranking(id_)]
        rows = fold.field_rows(known, id_)
        made += [(id_, feat) for row in rows for feat in sport.feats_of(row, id_)]
    return made


def _of_sport(
    fold: CompetitionFold, definition: Definition, told: Mapping[str, Told]
) -> Iterable[Milestone]:
    """The sport's own milestones."""
    sport = fold.sport
    assert sport is not None
    summaries = {id_: one.summary for id_, one in told.items()}
    if isinstance(sport, FieldSport):
        return chain.from_iterable(summaries.values())
    return sport.milestones(definition, summaries)
