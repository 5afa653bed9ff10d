"""What is kept and looks wrong, listed for officials: facts, and words about the competition."""

from heapq import nsmallest
from itertools import islice

from scoreboard.facts.document import Content
from scoreboard.facts.result import too_early
from scoreboard.projections.advancement import is_over
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import FLAGS_MAX, OUTSIDE

NOT_OVER = "not-over"  # an approval of a contest that is still in play
SHADOW_DIFFERENCE = "shadow-difference"  # the live fold is not what the ledger comes to


def flags(fold: CompetitionFold) -> Content:
    """Records that are kept and look wrong, and contests that were folded wrong, for officials."""
    rows: Content = {
        doubt_row(id_): {"flags": [SHADOW_DIFFERENCE], "contest": id_}
        for id_ in sorted(fold.doubted)
    }
    for id_, contest in sorted(fold.contests.items()):
        for record in nsmallest(FLAGS_MAX, contest.flags):
            words = contest.flags[record]
            rows[record] = {"flags": sorted(words)} | ({"contest": id_} if id_ != OUTSIDE else {})
    rows |= defining_flags(fold)
    made: Content = {"title": "Kept, and to be looked at", "rows": rows}
    if overturned := fold.advancement.overturned:
        made["needs_ruling"] = {
            id_: {
                "played": list(fold.advancement.premises[id_].entrants),
                "goes_on": goes_on,
            }
            for id_, goes_on in sorted(overturned.items())
        }
    return made


def defining_flags(fold: CompetitionFold) -> Content:
    """Records of the definition that look wrong: about nothing known, approvals given too early."""
    definition = fold.definition
    assert definition is not None
    rows: Content = {
        record: {"flags": sorted(words)} | ({"contest": contest} if contest else {})
        for record, (words, contest) in islice(fold.definitions.flags.items(), FLAGS_MAX)
    }
    for id_, statements in definition.statements.items():
        contest, folded = definition.contests.get(id_), fold.contests.get(id_)
        if contest is None or is_over(fold, contest):
            continue
        for said in too_early(statements, folded.position if folded else 0)[:FLAGS_MAX]:
            words = rows.get(said.record, {}).get("flags", [])
            rows[said.record] = {"flags": sorted([*words, NOT_OVER]), "contest": id_}
    return rows


def doubt_row(contest: str) -> str:
    """The key of the row that says that a contest was folded wrong."""
    return f"{SHADOW_DIFFERENCE}/{contest}"
