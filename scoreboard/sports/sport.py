"""The contract of a sport: pure functions and payload structs, nothing else.

How the program uses a sport. The ledger's entries of a contest are resolved to *facts* (the version
of each record that is in force). Facts are told apart by `fold_key`: each key of a contest has a
state of its own ("" when the whole contest is one), made by `start` and changed by `apply`, in the
order of `sort_key`, whatever the order of arrival. A fact that arrives late, or is amended or
voided, makes its key fold again from the start, unless the sport is `commutative`: then `retract`
takes the old fact back and `apply` puts the new one in.

    facts ──apply──▶ states by contest and key ──┬─ line       a contest's row on the schedule
                                                 ├─ box        one contest in full
                                                 ├─ timeline   what happened, in order
                                                 ├─ feats      what may be a record
                                                 ├─ summary ─▶ milestones: what is worth saying
                                                 └─ standings  the competition's ranking

All of these are functions of their arguments. None reads a clock, a file or chance, and none raises
for a well-formed fact: what makes no sense (a goal after the whistle) is kept, and `apply` returns
flags for it, which officials see. An exception parks the contest until an official has looked.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from msgspec import Struct

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.fact import Fact as Fact  # noqa: PLC0414 - of the contract's words
from scoreboard.sports.fact import States as States  # noqa: PLC0414
from scoreboard.sports.feats import Feat as Feat  # noqa: PLC0414
from scoreboard.sports.feats import Measure as Measure  # noqa: PLC0414
from scoreboard.sports.feats import Milestone as Milestone  # noqa: PLC0414
from scoreboard.sports.joining import Join
from scoreboard.sports.simulating import Chance, Saying

S = TypeVar("S", bound=Struct)
Flags = tuple[str, ...]
OK: Flags = ()
WHOLE_FIELD = ""
# What ranks an entrant, smaller first: numbers, or tuples of them; never both in one sport.
Merit = float | tuple[float, ...]


class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a competition's `params` may say about the sport. Subclass it; give every default."""


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entrant in a ranking.

    `rank` is shared by equals (1, 2, 2, 4). `decided` names the tie-break that parted the entrant
    from its equals on the criterion before, "" if none was needed. `tied` says that nothing could.
    `figures` are the columns, without nulls. `group_rank`: the rank in the group where `rank` is
    that in the whole field; 0 where ranks are the group's own. `unplaced`: the entrant has no place
    (it withdrew, was disqualified, has no result); `rank` only says that it comes after all others.
    """

    entrant: str
    rank: int
    figures: dict[str, Any]
    group: str = ""
    group_rank: int = 0
    decided: str = ""
    tied: bool = False
    unplaced: bool = False


class Column(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a figure is headed: `key` in the row, `label` in the table, `title` in full.

    `main`: the one that ranks. `brief`: told beside it where there is little room. `signed`:
    written with a plus where it is above zero.
    """

    key: str
    label: str
    title: str
    main: bool = False
    brief: bool = False
    signed: bool = False


class Own(Struct, frozen=True, kw_only=True):
    """What users may say of themselves, by one type of event.

    `user`: the payload's member that names the user, who can be nobody but whoever says it.
    `amount`: the member that counts, if any; from `least` to `most` (None: no bound).
    """

    user: str
    amount: str = ""
    least: int | None = None
    most: int | None = None


class Happening(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a timeline: `text` for people, `clock` as the sport writes it (`90+4'`)."""

    record: str
    type: str
    text: str
    clock: str = ""
    entrant: str = ""
    score: str = ""
    flags: list[str] = []


class Sport(Generic[S]):
    """Base of all sports; `name`, `Params`, `State` and `kinds` are given by each.

    `version` rises when the same facts come to mean something else: boards are then rebuilt.
    `fact_kinds` are the events of the sport; their types begin with the sport's name.
    `knock_outs`: a contest of no group counts for no table where there are groups.
    Facts without a contest (such as drawn lots, a decision over the whole competition) are folded
    in the contest "".
    `apart`: the facts are too many to be folded with the other boards; a worker folds them, and
    boards of the sport are made there.
    `reasons`: why officials correct its facts, most often first; a competition may say others.
    `officials_only`: the types of its events that devices may not say, such as a jury's decision.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[str]
    rulebook: ClassVar[str]
    Params: ClassVar[type[Params]] = Params
    State: ClassVar[type[Struct]]
    fact_kinds: ClassVar[tuple[Kind, ...]]
    commutative: ClassVar[bool] = False
    apart: ClassVar[bool] = False
    knock_outs: ClassVar[bool] = False
    officials_only: ClassVar[frozenset[str]] = frozenset()
    reasons: ClassVar[tuple[str, ...]] = (
        "Typing mistake",
        "Wrong entrant",
        "Entered twice",
        "Seen on video",
        "Jury's decision",
    )
    columns: tuple[Column, ...] = ()  # a sport may make them from its parameters
    measures: tuple[Measure, ...] = ()  # of which there can be records; none: nothing is told
    takes_users: ClassVar[bool] = False  # whether any parameters let users write for themselves
    own: Mapping[str, Own] = {}
    """By type of event: what users may say of themselves by the competition's parameters.

    They come in by the players' listener with their tokens. Whom such events name need not have
    been entered before, and is not flagged.
    """

    def __init__(self, params: Any) -> None:
        self.params = params

    def params_in(self, contest: Contest) -> Any:
        """The parameters that hold in a contest: the competition's with the contest's own.

        Raises msgspec.ValidationError with the path if these are not the sport's.
        """
        if not contest.params:
            return self.params
        whole = msgspec.to_builtins(self.params) | contest.params
        return msgspec.convert(whole, type(self.params))

    def enrol(self, competition: Definition) -> Any:
        """Learn what the rules must know of the entrants beforehand, such as whose chip is whose.

        Called once, before any fact. Returns what was learnt: whenever the definition comes to say
        something else there, all is folded again.
        """
        return None

    # facts into states -------------------------------------------------------------------------

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """Where the fact stands among its contest's facts; ends in something unique."""
        return fact.in_time

    def fold_key(self, fact: Fact) -> str:
        """Which state of the contest the fact changes."""
        return ""

    def start(self, contest: Contest) -> S:
        """The state before the first fact."""
        raise NotImplementedError

    def apply(self, state: S, fact: Fact) -> Flags:
        """Put a fact into the state, in place; returns what is surprising about it."""
        raise NotImplementedError

    def retract(self, state: S, fact: Fact) -> bool:
        """Take a fact out again, in place (commutative sports only).

        False if the state does not remember enough: the key is then folded again from the ledger.
        """
        raise NotImplementedError

    def veiled(self, fact: Fact) -> bool:
        """Whether the public may not see a fact that came after a freeze; everything, mostly."""
        return True

    def next_revealed(
        self, hidden: Sequence[Fact], shown: Sequence[Row], contests: Mapping[str, States]
    ) -> Sequence[str]:
        """Which hidden records the public is shown next, step by step after a freeze.

        `hidden`: the facts that the public does not see, in the contest's order; `shown` and
        `contests`: the ranking and the states that it sees. Mostly one entrant at a time, the last
        of the ranking first.
        """
        own = {kind.type: kind.entrants for kind in self.fact_kinds}
        for row in reversed(shown):
            found = [f.record for f in hidden if row.entrant in own[f.type](f.payload)]
            if found:
                return found
        return [fact.record for fact in hidden[:1]]

    def simulate(
        self, competition: Definition, contest: Contest, chance: Chance
    ) -> Iterable[Saying]:
        """A contest as it might go, in order, from its beginning to its end: for rehearsals.

        `competition`: as it is written; `contest`: as it is played, with those who meet in it.
        Nothing of one that cannot be played.
        A sport need not have this.
        """
        raise NotImplementedError

    def join(self, contest: Contest) -> Join | None:
        """How what devices observe in a contest is joined with what officials decide.

        None where nothing is; commutative sports, whose facts are not kept, join nothing.
        """
        return None

    # states into what is shown -----------------------------------------------------------------

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The entrants of a finished contest, best first, for those who go on to the next.

        Empty while it is open; a draw that the sport leaves standing is no placing either.
        """
        return ()

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """How far the contest is; an official's word (delayed, abandoned) stands above the fold."""
        return contest.status

    def score(self, contest: Contest, states: States) -> tuple[int, int] | None:
        """What the two sides of a contest have, in the order of its entrants, to be guessed at.

        None where a contest is not between two, or nothing is known yet.
        """
        return None

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """The contest in one line (score, period, clock): JSON without nulls."""
        return {}

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The contest in full: JSON without nulls, rows in objects by key."""
        return self.line(contest, states)

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> Iterable[Happening]:
        """What happened, in order; nothing if the sport has no timeline."""
        return ()

    def feats(self, contest: Contest, states: States) -> Iterable[Feat]:
        """What was achieved in a contest by the sport's measures, all that may be a record."""
        return ()

    def summary(self, competition: Definition, contest: Contest, states: States) -> Any:
        """What `milestones` needs of one contest; asked again only once its states have changed."""
        return states

    def milestones(
        self, competition: Definition, contests: Mapping[str, Any]
    ) -> Iterable[Milestone]:
        """What else is worth saying, in order; records and bests of feats are told without it.

        `contests` are the summaries of those of which anything is known, in the order of the
        schedule. All of them are gone through whenever any changes: what takes long, and is about
        one alone, belongs in its summary.
        """
        return ()

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """The competition's ranking, group by group, from the states of its contests.

        A sport with a `Field` (see `FieldSport`) need not have this.
        """
        raise NotImplementedError


class FieldSport(Sport[S]):
    """A sport whose fold key is the entrant: every entrant has a state in every contest.

    Its fields may be large (a million entrants), so the ranking is kept, not made anew: for each
    entrant whose state changed, `merit` is asked again. Ranks follow merits (smaller is better),
    equal merits share a rank. Facts that concern a contest's whole field, such as a start gun, have
    the key WHOLE_FIELD; when its state changes, every entrant of the contest is ranked again.
    """

    def fold_key(self, fact: Fact) -> str:
        """The entrant that the fact speaks of, or WHOLE_FIELD."""
        raise NotImplementedError

    def resolve(self, contest: Contest, entrant: str, states: States) -> Any:
        """What an entrant's state in a contest means; None if it ranks nobody.

        Its own state as it is, unless the field's state or the contest's parameters bear on it.
        """
        return states[entrant]

    def division(self, entrant: str) -> str:
        """The part of the field in which the entrant is ranked as well, "" for none."""
        return ""

    def merit(self, resolved: Sequence[Any]) -> Merit | None:
        """What ranks an entrant, from what `resolve` gave in all contests; None: not ranked."""
        raise NotImplementedError

    def unplaced(self, resolved: Sequence[Any]) -> bool:
        """Whether an entrant that is ranked, last, has no place (see `Row`)."""
        return False

    def figures(self, resolved: Sequence[Any]) -> dict[str, Any]:
        """The entrant's columns, from what `resolve` gave in all contests."""
        raise NotImplementedError

    def feats_of(self, row: Row, contest: str) -> Iterable[Feat]:
        """What a row of a contest says by the sport's measures, of all contests ("") too.

        A field is too large for all its marks: only those of the first of each ranking are asked.
        """
        return ()

    def milestones_of(
        self, competition: Definition, rows: Sequence[Row], contest: str
    ) -> Iterable[Milestone]:
        """What is worth saying of the first rows of a contest, or of all contests ("")."""
        return ()


def params_of(sport: type[Sport[Any]], params: dict[str, Any]) -> Any:
    """The sport's parameters from a definition's; raises msgspec.ValidationError with the path."""
    return msgspec.convert(params, sport.Params)


__all__ = [
    "OK",
    "WHOLE_FIELD",
    "Column",
    "Fact",
    "Feat",
    "FieldSport",
    "Flags",
    "Happening",
    "Kind",
    "Measure",
    "Merit",
    "Milestone",
    "Own",
    "Params",
    "Payload",
    "Row",
    "Sport",
    "States",
    "params_of",
]
