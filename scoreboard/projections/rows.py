"""The rows of rankings: the first of a field, and what one row shows."""

from collections.abc import Iterable
from typing import Any

import msgspec

from scoreboard.facts.competition import Definition
from scoreboard.facts.document import Content
from scoreboard.projections.competition import CompetitionFold
from scoreboard.sports.sport import Column, Row


def field(
    fold: CompetitionFold,
    definition: Definition,
    ranked: Iterable[tuple[str, int]],
    contest: str | None = None,
) -> Content:
    """The first rows of a field; those that are as they were shown last are not made again."""
    before = fold.rows_shown.get(contest, {})
    stale = fold.rows_stale.get(contest, ())
    divided = fold.divided
    rows: Content = {}
    same = not stale
    for entrant, rank in ranked:
        kept = None if entrant in stale else before.get(entrant)
        group_rank = fold.division_rank(entrant, contest) if divided else 0
        if kept is None:
            (row,) = fold.field_rows([(entrant, rank)], contest)
            kept, same = row_content(definition, row), False
        elif kept["rank"] != rank or kept.get("group_rank", 0) != group_rank:
            kept, same = {**kept, "rank": rank}, False
            if group_rank:
                kept["group_rank"] = group_rank
        rows[entrant] = kept
    if same and len(rows) == len(before):
        rows = before  # itself, so that nothing in it is compared
    fold.rows_shown[contest], fold.rows_stale[contest] = rows, set()
    return rows


def column_list(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """How the figures are headed, in order."""
    made: list[dict[str, Any]] = msgspec.to_builtins(list(columns))
    return made


def row_content(definition: Definition, row: Row) -> Content:
    """One row of a ranking."""
    entrant = definition.entrants.get(row.entrant)
    made: Content = {
        "rank": row.rank,
        "name": entrant.name if entrant else row.entrant,
        "figures": row.figures,
    }
    if entrant and entrant.short:
        made["short"] = entrant.short
    if entrant and entrant.withdrawn:
        made["withdrawn"] = True
    if row.group:
        made["group"] = row.group
    if row.group_rank:
        made["group_rank"] = row.group_rank
    if row.decided:
        made["decided"] = row.decided
    if row.tied:
        made["tied"] = True
    if row.unplaced:
        made["unplaced"] = True
    return made


def groups_of(definition: Definition, rows: Content) -> dict[str, str]:
    """Names of the groups that are defined, and of those that rows alone speak of (divisions)."""
    named = {group.id: group.name for group in definition.groups.values()}
    others = {row["group"] for row in rows.values() if "group" in row} - named.keys()
    return named | {id_: id_ for id_ in sorted(others)}
