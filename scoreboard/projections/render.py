"""States into the content of boards. Pure, and the same for live boards, history and previews.

Boards of every competition:

    standings        rows by entrant: rank, name, short, group, group_rank, figures, decided, tied,
                     unplaced; not_final, over all and by group: how many contests behind it are
                     not final
    contests         rows by contest: name, start, place, status, round, group, entrants, line,
                     result, awaiting, final
    bracket          rows by contest whose entrants come from elsewhere or go on: as in contests,
                     from (by slot), to (contest, slot, place), placings; if there are any
    milestones       rows by key: text, kind (record, best, milestone), entrant, contest, order; in
                     sports that measure anything
    flags            rows by record that an official should look at (not for the public);
                     needs_ruling: contests played by others than go on to them now
    box:CONTEST      the sport's box score
    timeline:CONTEST rows by record: text, clock, entrant, score, order
    combined:CONTEST rows by observation: entrant, at_ms, combined (the sport's record of it),
                     decided (by record: by, distance_ms, ruling), repeats; total
    reconciliation:CONTEST rows by observation or decision that waits for an official (not for the
                     public): side, why, type, said, entrant, at_ms, repeats, candidates (by record:
                     distance_ms, taken, entrant); total; left_out: facts too many to be
                     joined; dismissed: their rulings by record

The last two are there from the first observation or decision on, in sports that join them. Each
board of a rehearsal says that it is one: `rehearsal`.
"""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter

from scoreboard.facts.advancing import is_reference, label, reference
from scoreboard.facts.competition import Contest, Definition, cutoff_of
from scoreboard.facts.document import Content
from scoreboard.facts.instant import to_text, to_us
from scoreboard.facts.result import Result, result_of
from scoreboard.projections import feats
from scoreboard.projections.advancement import contest_status, is_over, placings
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import ContestFold
from scoreboard.projections.flagging import flags
from scoreboard.projections.rows import column_list, field, groups_of, row_content
from scoreboard.sports.sport import FieldSport

RENDER_VERSION = 10  # rises when the same states come to be shown otherwise
STANDINGS, CONTESTS, BRACKET, FLAGS = "standings", "contests", "bracket", "flags"
MILESTONES = "milestones"
BOX, TIMELINE = "box:", "timeline:"
COMBINED, RECONCILIATION = "combined:", "reconciliation:"


def is_for_officials(name: str) -> bool:
    """Whether a board is for nobody else."""
    return name == FLAGS or name.startswith(RECONCILIATION)


def board_names(definition: Definition, fold: CompetitionFold) -> list[str]:
    """The boards that a competition can have; those of a sport `apart` are made elsewhere."""
    if fold.sport is not None and fold.sport.apart:
        return []
    names = whole_boards(fold)
    for contest in definition.contests.values():
        names += contest_boards(fold, contest.id)
        if fold.sport is not None and fold.sport.join(contest) is not None:
            names += [COMBINED + contest.id, RECONCILIATION + contest.id]
    return names


def contest_boards(fold: CompetitionFold, id_: str) -> list[str]:
    """The boards that every contest has from the beginning."""
    if isinstance(fold.sport, FieldSport):
        return [BOX + id_]
    return [BOX + id_, TIMELINE + id_]


def joined_boards(fold: CompetitionFold, id_: str) -> list[str]:
    """The boards of what is observed and decided in a contest, once anything is."""
    contest = fold.contests.get(id_)
    reconciliation = contest.reconciliation if contest else None
    if reconciliation is None or not reconciliation.used:
        return []
    return [COMBINED + id_, RECONCILIATION + id_]


def whole_boards(fold: CompetitionFold) -> list[str]:
    """The boards of the competition as a whole; a bracket if anybody goes on in it."""
    bracket = [BRACKET] if fold.advancement.slots else []
    told = [MILESTONES] if fold.sport is not None and fold.sport.measures else []
    return [STANDINGS, CONTESTS, *bracket, *told, FLAGS]


def needs_facts(name: str) -> bool:
    """Whether a board is made from facts, so that its contest must be loaded."""
    return name.startswith((TIMELINE, COMBINED, RECONCILIATION))


def changed_boards(fold: CompetitionFold) -> list[str]:
    """The boards that must be made anew."""
    definition = fold.definition
    if definition is None or (fold.sport is not None and fold.sport.apart):
        return []
    changed = definition.contests if fold.redefined else sorted(fold.dirty | fold.moved)
    if not changed and not fold.redefined:
        return [FLAGS] if fold.doubts_changed else []
    names = whole_boards(fold)
    for id_ in changed:
        if id_ in definition.contests:
            names += [*contest_boards(fold, id_), *joined_boards(fold, id_)]
    return names


def content(fold: CompetitionFold, name: str, rows_max: int) -> Content:
    """The content of a board."""
    definition = fold.definition
    assert definition is not None
    made = board(fold, definition, name, rows_max)
    return made | {"rehearsal": True} if definition.rehearsal else made


def board(fold: CompetitionFold, definition: Definition, name: str, rows_max: int) -> Content:
    """What a board shows, for real or not."""
    if name == STANDINGS:
        return standings(fold, definition, rows_max)
    if name == CONTESTS:
        return contests(fold, definition)
    if name == BRACKET:
        return bracket(fold, definition)
    if name == MILESTONES:
        return feats.milestones(fold, definition)
    if name == FLAGS:
        return flags(fold)
    kind, _, contest = name.partition(":")
    if kind + ":" == BOX:
        return box(fold, definition, contest, rows_max)
    if kind + ":" == TIMELINE:
        return timeline(fold, definition, contest)
    return reconciled(fold, definition, name, rows_max)


def standings(fold: CompetitionFold, definition: Definition, rows_max: int) -> Content:
    """The competition's ranking."""
    sport = fold.sport
    assert sport is not None
    if isinstance(sport, FieldSport):
        ranking = fold.ranking()
        rows, total = field(fold, definition, ranking.top(rows_max)), len(ranking)
    else:
        ranked = sport.standings(definition, fold.states())
        rows = {row.entrant: row_content(definition, row) for row in ranked[:rows_max]}
        total = len(ranked)
    made: Content = {
        "title": definition.name,
        "columns": column_list(sport.columns),
        "rows": rows,
        "total": total,
    }
    not_final = not_final_by_group(fold, definition)
    made["not_final"] = sum(not_final.values())
    groups = groups_of(definition, rows)
    if groups:
        made["groups"] = {
            id_: {"name": name} | _left(not_final, id_) for id_, name in groups.items()
        }
    return made


def _left(not_final: Mapping[str, int], group: str) -> Content:
    """How many contests behind a group are not final; nothing is said of one that has none."""
    behind = [not_final[of] for of in (group, "") if of in not_final]
    return {"not_final": sum(behind)} if behind else {}


def not_final_by_group(fold: CompetitionFold, definition: Definition) -> dict[str, int]:
    """How many contests behind the standings are not final, by group; "": behind every group's.

    Knock-outs are behind none of them. Groups without contests are not named.
    """
    assert fold.sport is not None
    lines = contest_lines(fold, definition)
    behind = [
        contest
        for contest in definition.contests.values()
        if contest.group in definition.groups or not fold.sport.knock_outs
    ]
    if not behind:
        behind = list(definition.contests.values())
    left: dict[str, int] = {}
    for contest in behind:
        group = contest.group or ""
        left[group] = left.get(group, 0) + (not lines[contest.id]["final"])
    return left


def around(
    fold: CompetitionFold, name: str, entrant: str, each_side: int
) -> dict[str, Content] | None:
    """The rows of an entrant of a large field and its neighbours; None if the board has no field.

    Unlike the board's document, it reaches every entrant of the field.
    """
    contest = name.removeprefix(BOX) if name.startswith(BOX) else None
    if not isinstance(fold.sport, FieldSport) or (name != STANDINGS and contest is None):
        return None
    if contest is not None and contest not in fold.contests:
        return {}
    assert fold.definition is not None
    ranked = fold.ranking(contest).around(entrant, each_side)
    rows = fold.field_rows(ranked, contest)
    return {row.entrant: row_content(fold.definition, row) for row in rows}


def contests(fold: CompetitionFold, definition: Definition) -> Content:
    """The schedule, with the score of what is under way."""
    return {"title": definition.name, "rows": contest_lines(fold, definition)}


def contest_lines(fold: CompetitionFold, definition: Definition) -> Mapping[str, Content]:
    """The lines of all contests, in order, made again only of those whose folds have moved."""
    places, contests = fold.places, definition.contests

    def line(id_: str) -> Content:
        return contest_line(fold, definition, contests[id_]) | {"order": places[id_]}

    return fold.lines_shown.all(contests, fold.contests, line)


def contest_result(fold: CompetitionFold, definition: Definition, contest: Contest) -> Result:
    """The state of a contest's result, as far as the audience may know of it."""
    cutoff = cutoff_of(fold.cutoffs, contest.id)
    folded = fold.contests.get(contest.id)
    return result_of(
        (
            said
            for said in definition.statements.get(contest.id, ())
            if cutoff is None or said.position <= cutoff
        ),
        definition.result_rules,
        over=is_over(fold, contest),
        position=folded.position if folded else 0,
    )


def contest_line(fold: CompetitionFold, definition: Definition, contest: Contest) -> Content:
    """One contest of the schedule, but for its place in it."""
    folded = fold.contests.get(contest.id)
    assert fold.sport is not None
    made: Content = {
        "name": contest.name,
        "status": contest_status(fold, contest),
        "entrants": entrant_names(fold, definition, contest),
        "line": fold.sport.line(contest, folded.states if folded else {}),
    }
    if contest.start:
        made["start"] = to_text(to_us(contest.start))
    result = contest_result(fold, definition, contest)
    overturned = contest.id in fold.advancement.overturned
    made["final"] = result.final and not overturned
    if overturned:
        made["needs_ruling"] = True
    if result.state:
        made["result"] = result.state
    if result.awaiting:
        made["awaiting"] = result.awaiting
    for name in ("place", "round", "group"):
        if value := getattr(contest, name):
            made[name] = value
    return made


def entrant_names(
    fold: CompetitionFold, definition: Definition, contest: Contest
) -> list[dict[str, str]]:
    """Who meets whom, in the contest's order; who is not known yet, by where they come from."""
    meeting = fold.advancement.slots.get(contest.id, contest.entrants)
    return [entrant_name(definition, id_) for id_ in meeting]


def entrant_name(definition: Definition, id_: str) -> dict[str, str]:
    """An entrant's id and names, or those of what it comes from."""
    entrant = definition.entrants.get(id_)
    if entrant is not None:
        return {"id": id_, "name": entrant.name, "short": entrant.short or entrant.name}
    name, short = label(id_, partial(source_name, definition)) if is_reference(id_) else (id_, id_)
    return {"id": id_, "name": name, "short": short}


def source_name(definition: Definition, of: str) -> str:
    """The name of a group or contest that entrants come from."""
    found = definition.groups.get(of) or definition.contests.get(of)
    return (found.name if found else "") or of


def bracket(fold: CompetitionFold, definition: Definition) -> Content:
    """The contests whose entrants come from elsewhere, and those that they come from."""
    written = fold.definitions.definition
    assert written is not None
    lines = contest_lines(fold, definition)
    rows: Content = {}
    for id_ in fold.advancement.slots:
        for slot, entrant in enumerate(written.contests[id_].entrants):
            ref = reference(entrant) if is_reference(entrant) else None
            row = rows.setdefault(id_, {**lines[id_], "from": [], "to": []})
            row["from"].append(entrant)
            if ref is not None and not ref.group(definition.groups) and ref.of in lines:
                feeder = rows.setdefault(ref.of, {**lines[ref.of], "from": [], "to": []})
                feeder["to"].append({"contest": id_, "slot": slot, "place": ref.place})
    for id_, row in rows.items():
        if order := list(placings(fold, id_, definition.contests[id_].entrants)):
            row["placings"] = order
    return {"title": definition.name, "rows": rows}


def box(fold: CompetitionFold, definition: Definition, id_: str, rows_max: int) -> Content:
    """One contest in full."""
    contest = definition.contests[id_]
    folded = fold.contests.get(id_)
    sport = fold.sport
    assert sport is not None
    made = contest_line(fold, definition, contest)
    if isinstance(sport, FieldSport):
        ranking = fold.ranking(id_)
        made["columns"] = column_list(sport.columns)
        made["rows"] = field(fold, definition, ranking.top(rows_max), id_) if folded else {}
        made["total"] = len(ranking)
        if groups := groups_of(definition, made["rows"]):
            made["groups"] = {group: {"name": name} for group, name in groups.items()}
    else:
        made["box"] = sport.box(contest, folded.states if folded else {})
    return made


def timeline(fold: CompetitionFold, definition: Definition, id_: str) -> Content:
    """What happened in a contest, in order."""
    folded = fold.contests.get(id_)
    assert fold.sport is not None
    made: Content = {"title": definition.contests[id_].name, "rows": {}}
    if folded is None:
        return made
    happenings = fold.sport.timeline(definition.contests[id_], folded.facts())
    for order, happening in enumerate(happenings):
        row: Content = {"order": order, "type": happening.type, "text": happening.text}
        for name in ("clock", "entrant", "score"):
            if value := getattr(happening, name):
                row[name] = value
        made["rows"][happening.record] = row
    return made


def reconciled(fold: CompetitionFold, definition: Definition, name: str, rows_max: int) -> Content:
    """What is combined in a contest, or what of it waits for an official."""
    id_ = name.partition(":")[2]
    contest = fold.contests.get(id_)
    settled = contest.settled() if contest else None
    made: Content = {"title": definition.contests[id_].name, "rows": {}, "total": 0}
    if settled is None:
        return made
    if name.startswith(COMBINED):
        return made | settled.combined(rows_max)
    return made | settled.waiting(rows_max)


def competition_status(fold: CompetitionFold) -> str:
    """live if a contest is, finished if all are, else scheduled."""
    definition = fold.definition
    if definition is None:
        return "scheduled"
    seen = {line["status"] for line in contest_lines(fold, definition).values()}
    if "live" in seen:
        return "live"
    if not definition.contests:
        return "live" if any(c.position for c in fold.contests.values()) else "scheduled"
    return "finished" if seen <= {"finished", "abandoned"} else "scheduled"


def board_status(fold: CompetitionFold, name: str, whole: str) -> str:
    """The status that a board shows: its contest's, or that of the `whole` competition."""
    definition = fold.definition
    contest = definition.contests.get(contest_of(name)) if definition else None
    return contest_status(fold, contest) if contest else whole


def contest_of(name: str) -> str:
    """The contest that a board is of; "" if it is made from all of them."""
    return name.partition(":")[2]


def moved_last(fold: CompetitionFold) -> ContestFold | None:
    """The contest that took an entry last."""
    return max(fold.contests.values(), key=attrgetter("position"), default=None)
