"""Whether a definition makes sense: its sport is installed, ids are unique, references known."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput, ScoreboardError
from scoreboard.facts.advancing import cycle, is_reference, reference
from scoreboard.facts.competition import Competition, Contest, Entrant, Group, Scheduled
from scoreboard.facts.feats import RecordToBeat
from scoreboard.facts.instant import after_leap_seconds
from scoreboard.facts.payload import Payload
from scoreboard.http.problem import escape
from scoreboard.ingest.mistakes import lenient, problems_of
from scoreboard.sports.registry import Sports

RECORD = "competition"
"""The record that all versions of a competition's definition share."""


PARTS: dict[str, type[Struct]] = {
    "entrants": Entrant,
    "groups": Group,
    "contests": Contest,
    "records_to_beat": RecordToBeat,
}
"""The lists of a definition, whose items are read one by one to find all that is wrong."""


def check_definition(competition: Competition, slug: str, sports: Sports) -> None:
    """BadInput with a pointer to the first thing in a definition that cannot be right."""
    if competition.slug != slug:
        raise BadInput(f"the slug is not {slug}", pointer="/slug")
    for problem in senseless(competition, sports):
        raise problem


def check_later(competition: Competition, later: Iterable[Contest], sports: Sports) -> None:
    """BadInput if contests that were scheduled later have parameters that it does not go with."""
    for contest in later:
        merged = {**competition.params, **contest.params}
        for problem in _misconfigured(competition.sport, merged, sports, ""):
            raise BadInput(
                f"{contest.id}, scheduled since, has parameters of its own: {problem.message}",
                pointer="/params",
                hint=f"schedule {contest.id} anew first",
            ) from problem


def check_rules(competition: Competition, sports: Sports) -> None:
    """BadInput unless the sport is installed and takes the parameters, each contest's too."""
    for problem in _misruled(competition, sports):
        raise problem


def problems_in(written: Any, sports: Sports) -> list[BadInput]:
    """All that is wrong with a definition as it was parsed: its form, and the sense of the rest."""
    if not isinstance(written, dict):
        return [BadInput("a definition is a table of fields", pointer="")]
    written = after_leap_seconds(written)
    found = problems_of(written, Competition, "")
    if not found:
        return list(senseless(msgspec.convert(written, Competition), sports))
    misformed = {problem.pointer for problem in found}
    sense = senseless(_right_parts(written), sports)
    return found + [one for one in sense if not misformed & _resting_on(one.pointer or "")]


def _right_parts(written: dict[str, Any]) -> Competition:
    """As much of a definition as has its form, so that the sense of it can be looked at."""
    read: Competition = lenient(written, Competition, "")
    parts: dict[str, Any] = {}
    for name, type_ in PARTS.items():
        items = written.get(name)
        items = items if isinstance(items, list) else []
        parts[name] = [lenient(item, type_, f"?{at}") for at, item in enumerate(items)]
    return msgspec.structs.replace(read, **parts)


def _resting_on(pointer: str) -> set[str]:
    """What must have its form for something to make sense: what is around it, what it speaks of."""
    spoken_of = {f"/{name}" for name in ("entrants", "groups") if f"/{name[:-1]}" in pointer}
    return _around(pointer) | spoken_of


def _around(pointer: str) -> set[str]:
    """A pointer and those of everything that it is in, but for the whole."""
    steps = pointer.split("/")
    return {"/".join(steps[:count]) for count in range(2, len(steps) + 1)}


def senseless(competition: Competition, sports: Sports) -> Iterator[BadInput]:
    """What in a well-formed definition cannot be right, each with a pointer."""
    yield from _misruled(competition, sports)
    yield from _repeated("entrants", [entrant.id for entrant in competition.entrants])
    yield from _repeated("groups", [group.id for group in competition.groups])
    yield from _repeated("contests", [contest.id for contest in competition.contests])
    entrants = {entrant.id for entrant in competition.entrants}
    groups = {group.id for group in competition.groups}
    for index, entrant in enumerate(competition.entrants):
        if entrant.replaced_by is not None and entrant.replaced_by not in entrants:
            yield _unknown("entrant", entrant.replaced_by, f"/entrants/{index}/replaced_by")
    for index, group in enumerate(competition.groups):
        yield from _strangers(group.entrants, entrants, f"/groups/{index}/entrants")
    for index, contest in enumerate(competition.contests):
        yield from _strangers(contest.entrants, entrants, f"/contests/{index}/entrants")
        if contest.group is not None and contest.group not in groups:
            yield _unknown("group", contest.group, f"/contests/{index}/group")
    yield from _misreferred(competition)
    yield from _unbeatable(competition, sports)


def _misreferred(competition: Competition) -> Iterator[BadInput]:
    """Entrants who come from something that there is not, and contests that feed themselves."""
    contests = {contest.id: contest.entrants for contest in competition.contests}
    groups: dict[str, list[str]] = {group.id: [] for group in competition.groups}
    for index, contest in enumerate(competition.contests):
        if contest.group in groups:
            groups[contest.group].append(contest.id)
        for number, entrant in enumerate(contest.entrants):
            if is_reference(entrant):
                ref = reference(entrant)
                if ref.of not in contests and not ref.group(groups):
                    pointer = f"/contests/{index}/entrants/{number}"
                    yield _unknown("contest or group", ref.of, pointer)
    if (looped := cycle(contests, groups)) is not None:
        index = list(contests).index(looped)
        yield BadInput(
            f"{looped} depends on its own outcome", pointer=f"/contests/{index}/entrants"
        )


def _unbeatable(competition: Competition, sports: Sports) -> Iterator[BadInput]:
    """Records to beat that nothing in this competition can be measured by."""
    try:
        sport = sports.configured(competition.sport, competition.params)
    except ScoreboardError:
        return  # which is told by itself
    units = {measure.key: measure.unit for measure in sport.measures}
    known = ", ".join(f"{key} ({unit})" for key, unit in units.items()) or "nothing"
    contests = {contest.id for contest in competition.contests}
    groups = {group.id for group in competition.groups}
    groups |= {
        str(e.attributes["division"]) for e in competition.entrants if "division" in e.attributes
    }
    for index, record in enumerate(competition.records_to_beat):
        under = f"/records_to_beat/{index}"
        if record.figure not in units:
            yield BadInput(
                f"{competition.sport} does not measure {record.figure}",
                pointer=f"{under}/figure",
                hint=f"here it measures: {known}",
            )
        elif record.unit != units[record.figure]:
            unit = units[record.figure]
            yield BadInput(
                f"{record.figure} is in {unit}, not in {record.unit}",
                pointer=f"{under}/unit",
                hint=f"give the value in {unit}",
            )
        if record.contest is not None and record.contest not in contests:
            yield _unknown("contest", record.contest, f"{under}/contest")
        if record.group is not None and record.group not in groups:
            yield _unknown("group or division", record.group, f"{under}/group")


def _misruled(competition: Competition, sports: Sports) -> Iterator[BadInput]:
    wrong = list(_misconfigured(competition.sport, competition.params, sports, ""))
    yield from wrong
    for index, contest in enumerate(competition.contests):
        if contest.params:
            under = f"/contests/{index}"
            own = {f"{under}/params/{escape(name)}" for name in contest.params}
            merged = {**competition.params, **contest.params}
            for problem in _misconfigured(competition.sport, merged, sports, under):
                if not wrong or own & _around(problem.pointer or ""):  # else the same again
                    yield problem


def check_scheduled(
    payload: Payload, sport: str, params: dict[str, object], sports: Sports
) -> None:
    """BadInput if a contest that is added or moved brings parameters that the sport refuses."""
    contest: Contest | None = payload.contest if isinstance(payload, Scheduled) else None
    if contest is not None and contest.params:
        for problem in _misconfigured(sport, {**params, **contest.params}, sports, "/contest"):
            raise problem


def _misconfigured(
    sport: str, params: dict[str, object], sports: Sports, under: str
) -> Iterator[BadInput]:
    try:
        sports.configured(sport, params)
    except ScoreboardError as error:
        under += error.pointer or ""
        if isinstance(error.__cause__, msgspec.ValidationError):
            for found in problems_of(params, sports.classes[sport].Params, under):
                message = f"params of {sport}: {found.message}"
                yield BadInput(message, pointer=found.pointer, hint=found.hint)
        else:
            yield BadInput(error.message, pointer=under, hint=error.hint)


def _repeated(where: str, ids: Sequence[str]) -> Iterator[BadInput]:
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ in seen:
            yield BadInput(f"the id {id_} stands twice", pointer=f"/{where}/{index}/id")
        seen.add(id_)


def _strangers(ids: Iterable[str], entrants: set[str], pointer: str) -> Iterator[BadInput]:
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ not in entrants and not is_reference(id_):
            yield _unknown("entrant", id_, f"{pointer}/{index}")
        elif id_ in seen:
            yield BadInput(f"the entrant {id_} stands twice", pointer=f"{pointer}/{index}")
        seen.add(id_)


def _unknown(what: str, id_: str, pointer: str) -> BadInput:
    steps = "/".join(escape(step) for step in pointer.split("/"))
    return BadInput(f"there is no {what} {id_}", pointer=steps, hint=f"define the {what} first")
