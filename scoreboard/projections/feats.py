"""The board of milestones: what an announcer says of records, bests and round numbers.

All of it is a function of what the audience's fold holds, so that a correction takes back what it
makes untrue, and what is frozen is not told. A row's key stays while it speaks of the same:

    record.N             the definition's N-th record to beat is beaten or equalled
    best.MEASURE         who has the best of the competition
    own.MEASURE.ENTRANT  who did better in the newest contest than in all before
    others               the sport's own milestones
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scoreboard.facts.competition import Definition
from scoreboard.facts.document import Content
from scoreboard.facts.feats import RecordToBeat
from scoreboard.projections.competition import CompetitionFold
from scoreboard.sports.feats import Feat, Measure, Milestone
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
    told = [*_records(fold, definition), *_bests(fold, definition), *_of_sport(fold, definition)]
    rows: Content = {}
    for order, (kind, one) in enumerate(told[:ROWS_MAX]):
        rows[one.key] = {"order": order, "kind": kind, "text": one.text}
        if one.entrant:
            rows[one.key]["entrant"] = one.entrant
        if one.contest:
            rows[one.key]["contest"] = one.contest
    return {"title": definition.name, "rows": rows}


# records and bests -----------------------------------------------------------------------------


def _records(fold: CompetitionFold, definition: Definition) -> Iterator[tuple[str, Milestone]]:
    """The records to beat that are beaten or equalled."""
    assert fold.sport is not None
    measures = {measure.key: measure for measure in fold.sport.measures}
    feats = _feats(fold) if definition.records_to_beat else ()
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


def _bests(fold: CompetitionFold, definition: Definition) -> Iterator[tuple[str, Milestone]]:
    """The best of the competition by each measure, and who bettered its own best."""
    assert fold.sport is not None
    by_measure: defaultdict[str, list[tuple[str, Feat]]] = defaultdict(list)
    for contest, feat in _feats(fold):
        by_measure[feat.measure].append((contest, feat))
    compared: defaultdict[str, list[tuple[str, Feat]]] = defaultdict(list)
    for contest, feat in _compared(fold):
        compared[feat.measure].append((contest, feat))
    for measure in fold.sport.measures:
        feats = by_measure[measure.key]
        if not isinstance(fold.sport, FieldSport) or len({contest for contest, _ in feats}) > 1:
            yield from _best(definition, measure, feats)
        yield from _own(definition, measure, compared[measure.key])


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
    return sorted(fold.contests.keys() & fold.places.keys(), key=fold.places.__getitem__)


def _feats(fold: CompetitionFold) -> list[tuple[str, Feat]]:
    """All feats; of a field those of the first, by contest and over all."""
    made = [(id_, feat) for id_ in _order(fold) for feat in _feats_in(fold, id_)]
    sport = fold.sport
    if isinstance(sport, FieldSport):
        for row in _first(fold, OVERALL):
            made += [(OVERALL, feat) for feat in sport.feats_of(row, OVERALL)]
    return made


def _feats_in(fold: CompetitionFold, id_: str) -> list[Feat]:
    """The feats of one contest, looked for again only if its fold has moved."""
    folded = fold.contests[id_]
    kept = fold.feats_shown.get(id_)
    if kept is None or kept[0] != (folded, folded.position):
        sport = fold.sport
        assert sport is not None
        if isinstance(sport, FieldSport):
            feats = [feat for row in _first(fold, id_) for feat in sport.feats_of(row, id_)]
        else:
            feats = list(sport.feats(folded.contest, folded.states))
        kept = fold.feats_shown[id_] = ((folded, folded.position), feats)
    return kept[1]


def _first(fold: CompetitionFold, id_: str) -> list[Row]:
    """The first rows of a field, in a contest or over all, and the first of each division."""
    contest = id_ or None
    ranked = dict(fold.ranking(contest).top(FIRST))
    for division in fold.divisions(contest)[:DIVISIONS_MAX]:
        for entrant, _ in fold.ranking(contest, division).top(1):
            ranked.setdefault(entrant, fold.ranking(contest).rank(entrant))
    return list(fold.field_rows(ranked.items(), contest))


def _compared(fold: CompetitionFold) -> Feats:
    """Feats to be compared with those of the same entrants before."""
    sport, order = fold.sport, _order(fold)
    if not isinstance(sport, FieldSport):
        return [(id_, feat) for id_ in order for feat in _feats_in(fold, id_)]
    if not 1 < len(order) <= COMPARED_MAX:
        return ()
    newest = [entrant for entrant, _ in fold.ranking(order[-1]).top(FIRST)]
    made = []
    for id_ in order:
        known = [(e, 0) for e in newest if e in fold.ranking(id_)]
        rows = fold.field_rows(known, id_)
        made += [(id_, feat) for row in rows for feat in sport.feats_of(row, id_)]
    return made


def _of_sport(fold: CompetitionFold, definition: Definition) -> Iterator[tuple[str, Milestone]]:
    """The sport's own milestones."""
    sport = fold.sport
    assert sport is not None
    if isinstance(sport, FieldSport):
        for id_ in (*_order(fold), OVERALL):
            for one in sport.milestones_of(definition, _first(fold, id_), id_):
                yield "milestone", one
    else:
        states = {id_: fold.contests[id_].states for id_ in _order(fold)}
        for one in sport.milestones(definition, states):
            yield "milestone", one
