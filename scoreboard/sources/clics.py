"""A CLICS event feed (ICPC's Contest API) turned into events; pure, no connection of its own.

The feed is NDJSON: each line is an object as it is now (`type`, `id`, `data`, `token`), null when
it was deleted. Contest, problems, teams and verdicts make the competition's definition;
submissions, judgements and the contest's state become events:

    submissions  problems.submitted
    judgements   problems.judging when one begins, problems.judged with its verdict
    state        problems.started, .ended, .finalized; competition.frozen, .thawed

An object that changes amends its record, one that is deleted voids it; a line that changes nothing
that counts is passed over. What was said is remembered (`Seen`), so that a feed can be taken up
again after its last token. Spec: Contest API 2023-06 and 2022-07; 2020-03's `op` is understood too.
"""

import hashlib
import re
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput, TooLarge

SUBMISSIONS_MAX = 200_000
LINE_BYTES_MAX = 4_194_304
MINUTE_MS = 60_000

RELTIME = re.compile(r"^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,3}))?$")
MILESTONES = {
    "started": "problems.started",
    "frozen": "competition.frozen",
    "ended": "problems.ended",
    "thawed": "competition.thawed",
    "finalized": "problems.finalized",
}
DEFINING = ("problems", "teams", "groups", "organizations", "judgement-types")


class Handed(Struct, frozen=True, array_like=True, gc=False):
    """A submission: whose, for which problem, when in milliseconds of contest time."""

    team: str
    problem: str
    at_ms: int


class Seen(Struct):
    """What of a feed was taken: its last token, objects by kind and id, what records said last.

    Encoded as JSON it is what a reader needs to go on after a restart.
    """

    token: str = ""
    lines: int = 0
    ended: bool = False
    contest: dict[str, Any] = {}
    objects: dict[str, dict[str, dict[str, Any]]] = {}
    submissions: dict[str, Handed] = {}
    said: dict[str, str] = {}


class ClicsFeed:
    """One contest's feed. `contest` is the id that it has here; `source` begins its records."""

    def __init__(self, source: str = "clics", contest: str = "main", seen: Seen | None = None):
        self.seen = seen or Seen()
        self._source = source
        self._contest = contest

    def take(self, line: bytes) -> list[dict[str, Any]]:
        """The events that a line makes: none for a keep-alive or what counts for nothing here.

        Raises BadInput with the line's number if it is no line of a feed, TooLarge past the bounds.
        """
        if not line.strip():
            return []
        self.seen.lines += 1
        if len(line) > LINE_BYTES_MAX:
            raise TooLarge(f"line {self.seen.lines} of the feed is above {LINE_BYTES_MAX} bytes")
        try:
            events = self._taken(msgspec.json.decode(line))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(
                f"line {self.seen.lines} is not a line of a CLICS feed: {error!r}",
                hint="a feed is NDJSON of objects with type, id, data and token",
            ) from error
        return events

    def definition(self, slug: str) -> dict[str, Any]:
        """The competition as the feed defines it so far; hidden teams and groups are left out."""
        contest = self.seen.contest
        name = contest.get("formal_name") or contest.get("name") or slug
        teams = [(team, self._groups_of(team)) for team in self._kept("teams").values()]
        entrants = [
            _entrant(team, self._kept("organizations"), groups)
            for team, groups in teams
            if groups is not None
        ]
        main: dict[str, Any] = {
            "id": self._contest,
            "name": name[:200],
            "entrants": [entrant["id"] for entrant in entrants],
        }
        start = {"start": contest["start_time"]} if contest.get("start_time") else {}
        return start | {
            "slug": slug,
            "name": name[:200],
            "sport": "problems",
            "params": self._params(),
            "entrants": entrants,
            "contests": [start | main],
        }

    # lines -------------------------------------------------------------------------------------

    def _taken(self, read: dict[str, Any]) -> list[dict[str, Any]]:
        kind, data = read["type"], read.get("data")
        token = str(read.get("token") or read["id"] if "op" in read else read.get("token", ""))
        self.seen.token = token or self.seen.token
        if isinstance(data, list):  # a whole collection at once
            return [event for one in data for event in self._object(kind, one["id"], one)]
        id_ = str((data or {}).get("id", "")) if "op" in read else str(read.get("id") or "")
        return self._object(kind, id_, None if read.get("op") == "delete" else data)

    def _object(self, kind: str, id_: str, data: dict[str, Any] | None) -> list[dict[str, Any]]:
        match kind:
            case "contest" | "contests":
                self.seen.contest = data or {}
            case "state":
                return self._state(data or {})
            case "submissions":
                return self._submission(id_, data)
            case "judgements":
                return self._judgement(id_, data)
            case _ if kind in DEFINING:
                objects = self.seen.objects.setdefault(kind, {})
                if data is None:
                    objects.pop(id_, None)
                else:
                    objects[id_] = data
        return []

    def _state(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        self.seen.ended = bool(state.get("end_of_updates"))
        events = []
        for name, type_ in MILESTONES.items():
            of_contest = type_.startswith("competition")
            data = {"contest": self._contest} if of_contest else {}
            time = state.get(name)
            events += self._say(f"state/{name}", type_, data if time else None, time)
        return events

    def _submission(self, id_: str, data: dict[str, Any] | None) -> list[dict[str, Any]]:
        record, type_ = f"submissions/{id_}", "problems.submitted"
        if data is None:
            self.seen.submissions.pop(id_, None)
            return self._say(record, type_, None)
        if len(self.seen.submissions) >= SUBMISSIONS_MAX and id_ not in self.seen.submissions:
            raise TooLarge(f"the feed has more than {SUBMISSIONS_MAX} submissions")
        handed = Handed(data["team_id"], data["problem_id"], milliseconds(data["contest_time"]))
        self.seen.submissions[id_] = handed
        return self._say(record, type_, _of_submission(id_, handed), data.get("time"))

    def _judgement(self, id_: str, data: dict[str, Any] | None) -> list[dict[str, Any]]:
        begun, judged = f"judging/{id_}", f"judgements/{id_}"
        if data is None:
            return [
                *self._say(begun, "problems.judging", None),
                *self._say(judged, "problems.judged", None),
            ]
        handed = self.seen.submissions.get(data["submission_id"])
        if handed is None:
            return []
        said = _of_submission(data["submission_id"], handed) | {
            "judgement": id_,
            "started_ms": milliseconds(data["start_contest_time"]),
        }
        verdict = data.get("judgement_type_id")
        if not verdict:
            return self._say(begun, "problems.judging", said, data.get("start_time"))
        time = data.get("end_time") or data.get("start_time")
        return self._say(judged, "problems.judged", said | {"verdict": verdict}, time)

    def _say(
        self, record: str, type_: str, data: dict[str, Any] | None, time: str | None = None
    ) -> list[dict[str, Any]]:
        """The event that makes the record say this (None: nothing any more), if it does not."""
        before = self.seen.said.get(record)
        now = _digest(data) if data is not None else None
        if now == before:
            return []
        event: dict[str, Any] = {
            "id": f"{record}/{self.seen.token or self.seen.lines}",
            "source": self._source,
            "type": type_,
            "record": f"{self._source}/{record}",
        }
        if not type_.startswith("competition"):
            event["contest"] = self._contest
        if time:
            event["time"] = time
        if now is None:
            del self.seen.said[record]
            return [event | {"action": "void", "reason": "it is no longer in the feed"}]
        self.seen.said[record] = now
        return [event | {"data": data}]

    # the definition ----------------------------------------------------------------------------

    def _kept(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.seen.objects.get(kind, {})

    def _groups_of(self, team: dict[str, Any]) -> list[str] | None:
        """The names of a team's groups; None for a hidden team."""
        groups = [self._kept("groups").get(id_, {}) for id_ in team.get("group_ids", ())]
        if team.get("hidden") or any(group.get("hidden") for group in groups):
            return None
        return [group["name"] for group in groups if "name" in group]

    def _params(self) -> dict[str, Any]:
        contest = self.seen.contest
        duration = minutes(contest.get("duration", "5:00:00"))
        made: dict[str, Any] = {
            "problems": [
                {
                    "id": id_,
                    "label": problem.get("label") or id_,
                    "name": str(problem.get("name", ""))[:200],
                    "color": str(problem.get("color") or "")[:200],
                }
                for id_, problem in sorted(
                    self._kept("problems").items(), key=lambda kept: kept[1].get("ordinal", 0)
                )
            ],
            "duration_min": duration,
            "penalty_min": minutes(contest.get("penalty_time", 20)),
        }
        frozen = contest.get("scoreboard_freeze_duration")
        made["freeze_min"] = duration - minutes(frozen) if frozen else None
        verdicts = {
            id_: {"solved": bool(v.get("solved")), "penalty": bool(v.get("penalty", False))}
            for id_, v in self._kept("judgement-types").items()
        }
        return made | ({"verdicts": verdicts} if verdicts else {})


def _of_submission(id_: str, handed: Handed) -> dict[str, Any]:
    return {
        "entrant": handed.team,
        "problem": handed.problem,
        "submission": id_,
        "submitted_ms": handed.at_ms,
    }


def _entrant(
    team: dict[str, Any], organizations: dict[str, dict[str, Any]], groups: list[str]
) -> dict[str, Any]:
    name = team.get("display_name") or team.get("name") or team["id"]
    made = {"id": team["id"], "name": name[:200], "short": str(team.get("label") or "")[:12]}
    attributes = {"group": groups[0]} if groups else {}
    organization = organizations.get(team.get("organization_id") or "", {})
    attributes |= {key: organization[key] for key in ("name", "country") if organization.get(key)}
    if "name" in attributes:
        attributes["organization"] = attributes.pop("name")
    return made | ({"attributes": attributes} if attributes else {})


def _digest(data: dict[str, Any]) -> str:
    return hashlib.blake2b(msgspec.json.encode(data), digest_size=12).hexdigest()


def milliseconds(reltime: str) -> int:
    """Milliseconds of a RELTIME such as `-1:03:38.749`; ValueError if it is none."""
    found = RELTIME.match(reltime)
    if found is None:
        raise ValueError(f"{reltime!r} is no time such as 3:59:00.123")
    sign, hours, mins, seconds, rest = found.groups()
    whole = (int(hours) * 60 + int(mins)) * 60 + int(seconds)
    total = whole * 1_000 + int(f"{rest or 0:0<3}")
    return -total if sign else total


def minutes(span: str | int) -> int:
    """Whole minutes of a RELTIME, or of a number that is minutes already (penalty_time)."""
    return span if isinstance(span, int) else milliseconds(span) // MINUTE_MS
