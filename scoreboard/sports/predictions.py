"""Predictions: users guess the scores of another competition's contests.

What can be said, and what a guess is worth. Fields of a million users are not folded with the other
boards but by a worker of their own, into tables of their own (`scoreboard.predictions`): the sport
is `apart`, and as a fold it knows nothing.

    guess.made      one guess of one user, the newest in time counts
    guesses.made    a card of many guesses of one user
    guesses.locked  an official closes a contest to further guesses
    league.joined, league.left   friends who are ranked among themselves as well
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from scoreboard.facts.competition import Contest, Definition
from scoreboard.facts.names import Id, Slug
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.sport import OK, Column, Fact, Flags, Own, Params, Row, Sport, States

SCORE_MAX = 999
CARD_GUESSES_MAX = 500
POINTS_MAX = 1_000
FACTOR_MAX = 100
Goals = Annotated[int, Meta(ge=0, le=SCORE_MAX)]
Worth = Annotated[int, Meta(ge=0, le=POINTS_MAX)]
Factor = Annotated[int, Meta(ge=1, le=FACTOR_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Guess(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A guessed score; `home` and `away` in the order of the contest's entrants."""

    contest: Id
    home: Goals
    away: Goals
    joker: bool = False


class GuessMade(Payload, frozen=True, kw_only=True):
    """One guess; in force until the user's next one of the same contest that is in time."""

    user: Id
    contest: Id
    home: Goals
    away: Goals
    joker: bool = False


class GuessesMade(Payload, frozen=True, kw_only=True):
    """A card: guesses of one user, as if they came one after the other."""

    user: Id
    guesses: Annotated[list[Guess], Meta(min_length=1, max_length=CARD_GUESSES_MAX)]


class GuessesLocked(Payload, frozen=True, kw_only=True):
    """From this entry on guesses of a contest are too late; for officials to say."""

    contest: Id


class LeagueJoined(Payload, frozen=True, kw_only=True):
    """A user is ranked in a league of friends as well."""

    league: Id
    user: Id


class LeagueLeft(Payload, frozen=True, kw_only=True):
    """A user is not in a league any more."""

    league: Id
    user: Id


GUESS = Kind("guess.made", GuessMade)
CARD = Kind("guesses.made", GuessesMade)
LOCKED = Kind("guesses.locked", GuessesLocked)
JOINED = Kind("league.joined", LeagueJoined)
LEFT = Kind("league.left", LeagueLeft)


class Scheme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a guess is worth: the `exact` score, the right `difference`, the right `tendency`.

    `draws`: what a draw that was guessed with another score counts as.
    """

    exact: Worth = 4
    difference: Worth = 3
    tendency: Worth = 2
    draws: Literal["difference", "tendency"] = "difference"


class PredictionsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which competition is guessed, and what guesses are worth.

    `over`: the slug of the competition whose contests are guessed. `scheme`: points by what was
    right. `multipliers`: how many times a contest counts, by its round or else its group, 1 where
    neither is named. `jokers`: how many a user may have in force at once; one more does not count.
    `joker_factor`: how many times a guess with a joker counts. `lock`: guesses are too late from
    the contest's first fact on (`start`) or from its planned start by the server's clock
    (`planned`; from the first fact on if it is over before); an official's word may come before
    either. `open_entry`: users guess for themselves by the players' listener.
    """

    over: Slug = ""
    scheme: Scheme = Scheme()
    multipliers: dict[str, Factor] = {}
    jokers: Annotated[int, Meta(ge=0, le=1_000)] = 0
    joker_factor: Factor = 2
    lock: Literal["start", "planned"] = "start"
    open_entry: bool = False

    def times(self, contest: Contest) -> int:
        """How many times a contest counts."""
        by_group = self.multipliers.get(contest.group or "", 1)
        return self.multipliers.get(contest.round, by_group)


def worth(scheme: Scheme, result: tuple[int, int], guess: tuple[int, int]) -> int:
    """The points of a guess before any factor; pairs are home, away."""
    if guess == result:
        return scheme.exact
    was, said = result[0] - result[1], guess[0] - guess[1]
    if was == said:
        return scheme.tendency if was == 0 and scheme.draws == "tendency" else scheme.difference
    return scheme.tendency if (was > 0) == (said > 0) and was and said else 0


class Nothing(Struct):
    """The state of a sport whose facts are folded elsewhere."""


class Predictions(Sport[Nothing]):
    """Predictions of another competition's scores."""

    name = "predictions"
    officials_only = frozenset({"guesses.locked"})
    title = "Predictions"
    rulebook = "House rules: points by `scheme`, times the contest's multiplier and a joker's."
    Params = PredictionsParams
    State = Nothing
    fact_kinds = (GUESS, CARD, LOCKED, JOINED, LEFT)
    commutative = True
    apart = True
    takes_users = True
    columns = (Column(key="points", label="Pts", title="Points", main=True),)
    params: PredictionsParams

    def __init__(self, params: PredictionsParams) -> None:
        super().__init__(params)
        if params.open_entry:
            self.own = {kind.type: Own(user="user") for kind in (GUESS, CARD, JOINED, LEFT)}

    def start(self, contest: Contest) -> Nothing:
        """Nothing."""
        return Nothing()

    def apply(self, state: Nothing, fact: Fact) -> Flags:
        """Leave it to the worker."""
        return OK

    def retract(self, state: Nothing, fact: Fact) -> bool:
        """Nothing was taken."""
        return True

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Nobody: the leaderboard is made by the worker."""
        return []


__all__ = ["CARD", "GUESS", "JOINED", "LEFT", "LOCKED", "Predictions", "PredictionsParams"]
