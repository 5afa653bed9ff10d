"""Golf and disc golf: stroke play over rounds, match play by holes.

    facts.py    what can be said of a round or match
    rules.py    how a competition is played and counted
    state.py    cards by entrant: the fold's state
    cards.py    facts into cards, and what is flagged
    match.py    how a match stands
    strokes.py  simulators' shots joined with scorers' strokes
    tables.py   leaderboards, and tables over matches
    simulated.py  a round or match that is made up

Rules: The Rules of Golf (R&A and USGA, 2023) 3.2, 3.3, 22, 23 and Committee Procedures 5A(6); the
Official Rules of Disc Golf (PDGA) 808 for cards. A raise of a hole's worth is the organiser's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.golf import cards, match, simulated, strokes, tables
from scoreboard.sports.golf.facts import (
    KINDS,
    Carded,
    Conceded,
    Declined,
    Holed,
    Penalty,
    PlayOff,
    Raised,
    Shot,
    Status,
    Stroke,
    place_in_play,
)
from scoreboard.sports.golf.rules import Course, GolfParams
from scoreboard.sports.golf.state import Card, Play
from scoreboard.sports.joining import Join
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States

WHOLE = ""
OUTSIDE = "outside"  # the contest of facts that belong to none
STROKE_COLUMNS = (
    Column(key="thru", label="Thru", title="Holes played in the last round", brief=True),
    Column(key="status", label="Status", title="State of play"),
    Column(key="total", label="Total", title="Strokes", brief=True),
    Column(key="to_par", label="Par", title="Strokes to par", main=True, signed=True),
)
MATCH_COLUMNS = (
    Column(key="played", label="P", title="Matches that are over", brief=True),
    Column(key="won", label="W", title="Won", brief=True),
    Column(key="halved", label="H", title="Halved", brief=True),
    Column(key="lost", label="L", title="Lost", brief=True),
    Column(key="points", label="Pts", title="Points", main=True),
)


class Golf(Sport[Play]):
    """Golf. Facts are ordered by hole; a contest is a round of the field, or a match."""

    name = "golf"
    version = 4
    title = "Golf"
    rulebook = "The Rules of Golf (R&A and USGA, 2023); Official Rules of Disc Golf (PDGA)"
    Params = GolfParams
    State = Play
    fact_kinds = KINDS
    reasons = (
        "Card checked",
        "Wrong hole",
        "Wrong player",
        "Penalty",
        "Typing mistake",
    )
    params: GolfParams

    def __init__(self, params: GolfParams) -> None:
        super().__init__(params)
        self.columns = STROKE_COLUMNS if params.play == "stroke" else MATCH_COLUMNS
        self._courses: dict[str, Course] = {}
        self._withdrawn: frozenset[str] = frozenset()

    def enrol(self, competition: Definition) -> frozenset[str]:
        """Who takes no further part: no round waits for their cards."""
        self._withdrawn = competition.withdrawn
        return self._withdrawn

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """By hole, then device time, then identity."""
        return place_in_play(fact)

    def fold_key(self, fact: Fact) -> str:
        """The entrant in stroke play; a match, and what is outside of rounds, is one."""
        if self.params.play == "match" or isinstance(fact.payload, PlayOff):
            return WHOLE
        entrant: str = fact.payload.entrant
        return entrant

    def start(self, contest: Contest) -> Play:
        """Nothing played."""
        self._course(contest)
        return Play()

    def apply(self, state: Play, fact: Fact) -> Flags:
        """Put a fact into the round or match; nonsense is kept and flagged."""
        return cards.apply(state, fact, self._course_of(fact.contest))

    def join(self, contest: Contest) -> Join:
        """Simulators' shots with scorers' strokes."""
        return strokes.join(self._course(contest))

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A round hole by hole, or a match as far as it goes."""
        course = Course(contest, self.params_in(contest))
        if self.params.play == "stroke":
            return simulated.round_of(starters(competition, contest), course, chance)
        return simulated.match(course, chance) if len(course.sides) == 2 else iter(())

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live with the first hole; a match ends by itself, a round when all its cards are full."""
        if contest.status in ("delayed", "abandoned", "finished") or not states:
            return contest.status
        course = self._course(contest)
        if self.params.play == "match":
            return "finished" if match.standing(_whole(states), course).over else "live"
        cards_in = _cards(states)
        awaited = {*contest.entrants, *cards_in} - self._withdrawn
        whole = contest.entrants and all(_is_done(cards_in.get(e), course) for e in awaited)
        return "finished" if whole else "live" if cards_in else contest.status

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The winner and the loser of a match that is over."""
        course = self._course(contest)
        if self.params.play == "stroke" or len(course.sides) < 2:
            return ()
        winner = match.standing(_whole(states), course).winner
        return sorted(course.sides, key=lambda side: side != winner) if winner else ()

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """A match's status; of a round the best score to par, and by whom."""
        course = self._course(contest)
        if self.params.play == "match":
            return match.line(_whole(states), course)
        scored = {e: c.to_par(course) for e, c in _cards(states).items() if not c.out}
        best = min(scored.values(), default=None)
        if best is None:
            return {"cards": 0}
        leaders = sorted(e for e, to_par in scored.items() if to_par == best)
        return {"cards": len(scored), "best": best, "leaders": leaders}

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """A match hole by hole; a round's cards by entrant."""
        course = self._course(contest)
        if self.params.play == "match":
            return match.box(_whole(states), course)
        rows = {e: _card(card, course) for e, card in sorted(_cards(states).items())}
        return self.line(contest, states) | {"pars": self.params_in(contest).pars, "rows": rows}

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """A match hole by hole, with its status; rounds have cards instead."""
        if self.params.play == "stroke":
            return []
        course, play = self._course(contest), Play()
        happenings = []
        for fact in sorted(facts, key=self.sort_key):
            flags = cards.apply(play, fact, course)
            hole = getattr(fact.payload, "hole", None)
            happenings.append(
                Happening(
                    record=fact.record,
                    type=fact.type,
                    text=_text(fact.payload),
                    clock=f"hole {hole}" if hole else "",
                    entrant=getattr(fact.payload, "entrant", ""),
                    score=match.standing(play, course).text,
                    flags=list(flags),
                )
            )
        return happenings

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """The leaderboard over rounds, or the table over matches."""
        defined = [c for id_, c in competition.contests.items() if contests.get(id_)]
        courses = [(self._course(contest), contests[contest.id]) for contest in defined]
        if self.params.play == "match":
            matches = [(course, _whole(states)) for course, states in courses]
            return tables.match_table(self.params, competition, matches)
        rounds: dict[str, tables.Rounds] = {e: [] for e in competition.entrants}
        for course, states in courses:
            for entrant, card in _cards(states).items():
                rounds.setdefault(entrant, []).append((course, card))
        for entrant in competition.withdrawn & rounds.keys():
            if rounds[entrant] and self._misses(competition, contests, entrant):
                course, card = rounds[entrant][-1]
                rounds[entrant][-1] = (course, replace(card, out=card.out or "wd"))
        play_offs = list(_whole(contests.get("", {})).play_offs.values())
        return tables.leaderboard(self.params, competition, rounds, play_offs)

    def _misses(
        self, competition: Definition, contests: Mapping[str, States], entrant: str
    ) -> bool:
        """Whether there is a round that an entrant was to play and has no whole card of."""
        return any(
            contest.status != "abandoned"
            and entrant in (contest.entrants or [entrant])
            and not _is_done(
                _cards(contests.get(contest.id, {})).get(entrant), self._course(contest)
            )
            for contest in competition.contests.values()
        )

    def _course(self, contest: Contest) -> Course:
        kept = self._courses.get(contest.id)
        if kept is None or kept.contest is not contest:
            kept = self._courses[contest.id] = Course(contest, self.params_in(contest))
        return kept

    def _course_of(self, contest: str) -> Course:
        id_ = contest or OUTSIDE
        return self._courses.get(id_) or self._course(Contest(id=id_))


def _whole(states: States) -> Play:
    return states.get(WHOLE) or Play()


def _cards(states: States) -> dict[str, Card]:
    return {entrant: card for play in states.values() for entrant, card in play.cards.items()}


def _is_done(card: Card | None, course: Course) -> bool:
    return card is not None and (bool(card.out) or card.thru(course) == course.holes)


def _card(card: Card, course: Course) -> dict[str, Any]:
    """Strokes by hole, the total that counts, and what the holes add up to where that differs."""
    shown: dict[str, Any] = {
        "holes": {str(hole): card.at(hole) for hole in sorted(card.holes)},
        "total": card.total(course),
        "to_par": card.to_par(course),
        "thru": card.thru(course),
    }
    if card.penalty:
        shown["penalty"] = card.penalty
    if card.official is not None and card.holes and card.official != card.strokes(course):
        shown["ruled"] = {"official": card.official, "holes": card.strokes(course)}
    if card.out:
        shown["status"] = card.out
    return shown


def _text(payload: Any) -> str:
    match payload:
        case Holed(strokes=taken, player=player):
            return f"{taken} strokes" + (f" by {player}" if player else "")
        case Stroke(number=number):
            return f"Stroke {number}" + (", holed" if payload.holed else "")
        case Shot(club=club):
            return "Shot" + (f" with {club}" if club else "")
        case Carded(total=total):
            return f"Card: {total}"
        case Penalty(strokes=strokes):
            return f"Penalty: {strokes:+} strokes"
        case Conceded(hole=hole):
            return "Hole conceded" if hole else "Match conceded"
        case Raised():
            return "Raised"
        case Declined():
            return "Raise declined"
        case Status(status=status):
            return str(status).upper()
    return "Play-off"


__all__ = ["Card", "Golf", "GolfParams", "Play"]
