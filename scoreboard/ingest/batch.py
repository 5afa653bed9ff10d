"""The checks of one batch: events become drafts or errors; no I/O and no await per event.

A batch is checked against what is known of the competition and what the batch itself has defined so
far, so that a late entry and its first result may come together.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from scoreboard.errors import BadInput, Forbidden, ScoreboardError
from scoreboard.facts import competition as defining
from scoreboard.facts.competition import Definition
from scoreboard.facts.entry import UNKNOWN_CONTEST, UNKNOWN_ENTRANT, Draft
from scoreboard.facts.event import Event
from scoreboard.facts.instant import EPOCH, MICROSECOND, from_text
from scoreboard.facts.names import SYSTEM, is_id
from scoreboard.facts.payload import Kind
from scoreboard.facts.reconciling import RULINGS
from scoreboard.facts.roles import Principal, reaches
from scoreboard.http.problem import UNREADABLE, from_validation
from scoreboard.ingest.definitions import RECORD, check_definition, check_later, check_scheduled
from scoreboard.ingest.own import ensure_own, own_of, refuse_others
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import Own

# Clocks outside this span are broken, and their times could not be shown or computed with.
EARLIEST_US = from_text("1900-01-01T00:00:00Z")
LATEST_US = from_text("2200-01-01T00:00:00Z")
ABOUT_A_CONTEST = frozenset(
    kind.type for kind in (defining.STATUS, defining.RESULT, defining.FROZEN, defining.THAWED)
)
MISSPELT = "this is no id"
SPELLING = "letters, digits, dots, underscores and hyphens, at most 64"
Checked = Draft | ScoreboardError


class Batch:
    """The checks of one batch by one principal in one competition.

    `doubtful` is set if anything was refused or flagged for lack of a definition, so that it is
    worth looking at the ledger's head and checking again. `defines`: it changes the definition.
    `other_sport`: it defines the competition as one of another sport, which only its first words
    may; `basis` is for the position as of which nobody had said anything.
    """

    def __init__(
        self,
        principal: Principal,
        slug: str,
        definition: Definition | None,
        sports: Sports,
        source: str | None = None,
    ) -> None:
        self.doubtful = definition is None
        self.defines = False
        self.other_sport = False
        self.basis: int | None = None
        self._principal = principal
        self._slug = slug
        self._sports = sports
        self._source = source
        self._actor = principal.actor
        self._own_only = not reaches(principal, "official")
        self._user = principal.name if principal.role == "player" else None
        self._added: set[str] = set()  # entrants and contests that this batch itself defines
        self._take(definition)

    def check(self, events: Sequence[Event | ScoreboardError]) -> list[Checked]:
        """A draft or an error for each event, in order; errors pass through."""
        checked: list[Checked] = []
        for event in events:
            if not isinstance(event, Event):
                checked.append(event)
                continue
            try:
                checked.append(self._draft(event))
            except ScoreboardError as error:
                checked.append(error)
        return checked

    def _take(self, definition: Definition | None) -> None:
        known = definition is not None
        self._sport = definition.sport if definition else ""
        self._params = definition.params if definition else {}
        self._entrants: Mapping[str, Any] = definition.entrants if definition else {}
        self._contests: Mapping[str, Any] = definition.contests if definition else {}
        later = definition.scheduled if definition else ()
        self._scheduled = [self._contests[id_] for id_ in later if self._contests[id_].params]
        installed = self._sport in self._sports.classes
        self._kinds = self._sports.kinds(self._sport) if known and installed else {}
        self._joins = installed and self._sports.joins(self._sport)
        sport = self._sports.classes.get(self._sport)
        self._officials_only = sport.officials_only if sport else frozenset()
        self._own: Mapping[str, Own] | None = None

    @property
    def own(self) -> Mapping[str, Own]:
        """What users may say of themselves in this competition, by type of event."""
        if self._own is None:
            self._own = own_of(self._sports, self._sport, self._params)
        return self._own

    def _draft(self, event: Event) -> Draft:
        if self._user is not None:
            self._refuse_all_but_own(event)
        if self._own_only and event.type in self._officials_only:
            raise for_officials(event.type)
        kind = self._kinds.get(event.type) or self._ruling_kind(event)
        definition = kind is None
        if kind is None:
            kind = self._defining_kind(event)
        source = event.source
        if source is UNSET:
            source = self._default_source()
        if event.competition is not None and event.competition != self._slug:
            raise BadInput(f"this address is for {self._slug}", pointer="/competition")
        if event.datacontenttype is not None and not is_json(event.datacontenttype):
            raise BadInput("data can only be JSON", pointer="/datacontenttype")
        if "\0" in event.id or "\0" in source or source == SYSTEM:
            _refuse_names(event.id, source)
        contest = event.contest
        if contest is not None and contest not in self._contests and not is_id(contest):
            raise BadInput(MISSPELT, pointer="/contest", hint=SPELLING)
        flags, data = None, bytes(event.data)
        if event.action in ("record", "amend"):
            flags = self._payload(event, kind, data, definition)
        elif data != b"{}":
            raise BadInput(f"a {event.action} carries no data", pointer="/data")
        if event.action != "record" and event.record is None:
            raise BadInput(f"{event.action} what?", pointer="/record", hint="name the record")
        if event.subject or event.place or event.reason or event.record:
            _refuse_zeros(event)
        return Draft(  # in order: to name so many fields costs more than all the checks
            self._slug,
            source,
            event.id,
            event.type,
            self._actor,
            data,
            contest,
            event.record,
            event.action,
            event.seenversion,
            self._own_only,
            event.dataversion,
            None if event.time is None else _microseconds(event.time, "/time"),
            None if event.senttime is None else _microseconds(event.senttime, "/senttime"),
            event.subject,
            event.place,
            event.reason,
            flags,
            _extensions(event) if event.extensions else None,
        )

    def _payload(self, event: Event, kind: Kind, data: bytes, definition: bool) -> str | None:
        """Check the payload and return the flags of what names nothing known."""
        try:
            payload = kind.read(data, event.dataversion)
        except UNREADABLE as error:
            raise from_validation(error, under="/data") from error
        if definition:
            self._define(event, payload)
        if self._user is not None:
            ensure_own(payload, self.own[event.type], self._user)
        flags, unknown_entrant = [], False
        contest = payload.contest if event.type in ABOUT_A_CONTEST else event.contest
        if contest is not None and contest not in self._contests and contest not in self._added:
            flags.append(UNKNOWN_CONTEST)
        for entrant in kind.entrants(payload):
            if entrant not in self._entrants and entrant not in self._added:
                if not is_id(entrant):
                    raise BadInput(MISSPELT, pointer=_pointer(payload, entrant), hint=SPELLING)
                unknown_entrant = True
        if unknown_entrant and event.type not in self.own:
            flags.append(UNKNOWN_ENTRANT)
        if not flags:
            return None
        self.doubtful = True
        return " ".join(flags)

    def _refuse_all_but_own(self, event: Event) -> None:
        """Forbidden or Conflict unless a user may say this now; what it says of whom comes later.

        A device's word about an unknown contest is kept and flagged; a user's is refused, or users
        could make as many contests as they like.
        """
        contest = None if event.contest is None else self._contests.get(event.contest)
        try:
            refuse_others(event, self.own, contest)
        except ScoreboardError:
            self.doubtful = True
            raise

    def _ruling_kind(self, event: Event) -> Kind | None:
        """The kind of an official's ruling about observations and decisions; None if it is none."""
        kind = RULINGS.get(event.type)
        if kind is None or not self._joins:
            return None
        if self._own_only:
            raise for_officials(event.type)
        if event.contest is None:
            raise BadInput(f"{event.type} is about a contest", pointer="/contest")
        return kind

    def _defining_kind(self, event: Event) -> Kind:
        kind = defining.KINDS.get(event.type)
        if kind is None:
            self.doubtful = True
            known = ", ".join(sorted(self._kinds)) or "none: the sport is not installed"
            raise BadInput(
                f"{event.type} is no type of event of {self._sport or self._slug}",
                pointer="/type",
                hint=f"known types: {known}",
            )
        role = "admin" if kind is defining.DEFINED else "official"
        if not reaches(self._principal, role):
            raise Forbidden(
                f"{event.type} changes the competition's definition",
                hint=f"use a key of the role {role}",
            )
        if event.contest is not None:
            raise BadInput(f"{event.type} stands outside contests", pointer="/contest")
        if (kind is defining.DEFINED) != (event.record == RECORD):
            raise BadInput(
                f"{defining.DEFINED.type} and the record {RECORD} belong together",
                pointer="/record",
            )
        self.defines = True
        return kind

    def _define(self, event: Event, payload: Any) -> None:
        """Let what this event defines be known to the events after it."""
        try:
            if isinstance(payload, defining.Competition):
                check_definition(payload, self._slug, self._sports)
                check_later(payload, self._scheduled, self._sports)
                self.other_sport |= self._sport not in ("", payload.sport)
                self._take(Definition(payload))
            else:
                check_scheduled(payload, self._sport, self._params, self._sports)
        except BadInput as error:
            raise BadInput(
                error.message, pointer=f"/data{error.pointer or ''}", hint=error.hint
            ) from error
        if isinstance(payload, defining.Entered | defining.Substituted):
            self._added.add(payload.entrant.id)
        elif isinstance(payload, defining.Scheduled):
            self._added.add(payload.contest.id)

    def _default_source(self) -> str:
        if self._source is None:
            raise BadInput("a CloudEvent names its source", pointer="/source", hint="add `source`")
        return self._source


def for_officials(type_: str) -> Forbidden:
    """What a device is told that says what is an official's word."""
    return Forbidden(
        f"{type_} is for officials to say", pointer="/type", hint="use a key of the role official"
    )


def is_json(media: str) -> bool:
    """Whether a media type is JSON (RFC 6839 has the suffix)."""
    plain = media.partition(";")[0].strip().lower()
    return plain in ("application/json", "text/json") or plain.endswith("+json")


def _microseconds(when: datetime, pointer: str) -> int:
    us = (when - EPOCH) // MICROSECOND
    if not EARLIEST_US <= us <= LATEST_US:
        raise BadInput("this clock is out of its mind", pointer=pointer, hint="1900 to 2200")
    return us


def _pointer(payload: Any, value: str) -> str:
    """Where in the payload a value stands."""
    names = (name for name in payload.__struct_fields__ if getattr(payload, name) == value)
    return "/data/" + next(names, "")


def _extensions(event: Event) -> str:
    return msgspec.json.encode(event.extensions).decode()


def _refuse_zeros(event: Event) -> None:
    """No database keeps a zero character in text as it was said."""
    for name in ("subject", "place", "reason", "record"):
        if "\0" in (getattr(event, name) or ""):
            raise BadInput("text contains a zero character", pointer=f"/{name}")


def _refuse_names(id_: str, source: str) -> None:
    if source == SYSTEM:
        raise BadInput(f"{SYSTEM} is the ledger itself", pointer="/source")
    pointer = "/id" if "\0" in id_ else "/source"
    raise BadInput("identifiers contain no zero character", pointer=pointer)
