"""Whether a definition makes sense: its sport is installed, ids are unique, references known."""

from collections.abc import Iterable, Sequence

from scoreboard.errors import BadInput, ScoreboardError
from scoreboard.facts.competition import Competition, Contest, Scheduled
from scoreboard.facts.payload import Payload
from scoreboard.http.problem import escape
from scoreboard.sports.registry import Sports

RECORD = "competition"
"""The record that all versions of a competition's definition share."""


def check_definition(competition: Competition, slug: str, sports: Sports) -> None:
    """BadInput with a pointer to the first thing in a definition that cannot be right."""
    if competition.slug != slug:
        raise BadInput(f"the slug is not {slug}", pointer="/slug")
    check_rules(competition, sports)
    _unique("entrants", [entrant.id for entrant in competition.entrants])
    _unique("groups", [group.id for group in competition.groups])
    _unique("contests", [contest.id for contest in competition.contests])
    entrants = {entrant.id for entrant in competition.entrants}
    groups = {group.id for group in competition.groups}
    for index, entrant in enumerate(competition.entrants):
        if entrant.replaced_by is not None and entrant.replaced_by not in entrants:
            raise _unknown("entrant", entrant.replaced_by, f"/entrants/{index}/replaced_by")
    for index, group in enumerate(competition.groups):
        _known(group.entrants, entrants, f"/groups/{index}/entrants")
    for index, contest in enumerate(competition.contests):
        _known(contest.entrants, entrants, f"/contests/{index}/entrants")
        if contest.group is not None and contest.group not in groups:
            raise _unknown("group", contest.group, f"/contests/{index}/group")


def check_rules(competition: Competition, sports: Sports) -> None:
    """BadInput unless the sport is installed and takes the parameters, each contest's too."""
    _configured(competition.sport, competition.params, sports, "")
    for index, contest in enumerate(competition.contests):
        if contest.params:
            merged = {**competition.params, **contest.params}
            _configured(competition.sport, merged, sports, f"/contests/{index}")


def check_scheduled(
    payload: Payload, sport: str, params: dict[str, object], sports: Sports
) -> None:
    """BadInput if a contest that is added or moved brings parameters that the sport refuses."""
    contest: Contest | None = payload.contest if isinstance(payload, Scheduled) else None
    if contest is not None and contest.params:
        _configured(sport, {**params, **contest.params}, sports, "/contest")


def _configured(sport: str, params: dict[str, object], sports: Sports, under: str) -> None:
    try:
        sports.configured(sport, params)
    except ScoreboardError as error:
        raise BadInput(
            error.message, pointer=under + (error.pointer or ""), hint=error.hint
        ) from error


def _unique(where: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ in seen:
            raise BadInput(f"the id {id_} stands twice", pointer=f"/{where}/{index}/id")
        seen.add(id_)


def _known(ids: Iterable[str], entrants: set[str], pointer: str) -> None:
    for index, id_ in enumerate(ids):
        if id_ not in entrants:
            raise _unknown("entrant", id_, f"{pointer}/{index}")


def _unknown(what: str, id_: str, pointer: str) -> BadInput:
    steps = "/".join(escape(step) for step in pointer.split("/"))
    return BadInput(f"there is no {what} {id_}", pointer=steps, hint=f"define the {what} first")
