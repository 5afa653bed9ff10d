"""What is kept of a game: its row and state, its users, their points by the thousand, its board."""

from array import array

import msgspec
from msgspec import Struct

from scoreboard.predictions.settling import Outcome, Terms
from scoreboard.predictions.tables import CHUNK_USERS


class Park(Struct, frozen=True, kw_only=True):
    """A contest whose result could not be applied: which, why, and how often that was tried."""

    contest: str
    position: int
    error: str
    attempts: int
    since_us: int
    outcome: Outcome | None


class Run(Struct, frozen=True, kw_only=True):
    """A run under way: towards which terms, how, and how often it began again since it last moved.

    `anew`: points are summed up from nothing; else they move by difference. `relock`: guesses in
    force are found again from histories. `careful`: one contest alone, because runs over all
    that changed ended the process; `wanted`: those terms, of which the others come next.
    `position`, `as_of`: of the newest entry behind it.
    """

    terms: Terms
    position: int
    as_of: int
    anew: bool = False
    relock: bool = False
    careful: str = ""
    wanted: Terms | None = None
    attempts: int = 0


class State(Struct, kw_only=True):
    """What is kept of a game beside its columns.

    `begun`: the ledger's head when the game was begun, before anything was read; what was erased up
    to there was never seen. `slots`: by contest. `locked`: officials' locks in force by record, the
    contest and the position. `applied`: the terms that all points are by, but for a run under way.
    `flagged`: records that an official should look at. `unpublished`: points or users changed
    since the board was published.
    """

    over: str
    begun: int = 0
    slots: dict[str, int] = {}
    locked: dict[str, tuple[str, int]] = {}
    applied: Terms = Terms()
    run: Run | None = None
    parked: dict[int, Park] = {}
    flagged: dict[str, list[str]] = {}
    flagged_left_out: int = 0
    unpublished: bool = True


class GameRow(Struct, kw_only=True):
    """A game as the store has it: `run` is the last published one.

    `settled`: the last position of which it is known that all up to there is published.
    """

    game: int
    competition: str
    format: str
    ledger: str
    position: int
    hash: bytes
    users: int
    run: int
    cursor: int
    settled: int
    owner: str
    state: bytes


class User(Struct):
    """A user: `slots` are the guesses in force; `history` is loaded where it is needed."""

    key: int
    name: str
    slots: bytes
    history: bytes


class Chunk(Struct):
    """Points of CHUNK_USERS users, in order of keys; those beyond its length have none.

    `run`: which run changed it last; readers of an earlier one see `before`.
    """

    number: int
    run: int
    before: bytes
    now: bytes

    def at(self, run: int) -> bytes:
        """The points as a published run left them."""
        return self.now if self.run <= run else self.before

    def change(self, run: int, points: "array[int]") -> None:
        """Take new points by a run."""
        if self.run != run:
            self.run, self.before = run, self.now
        self.now = points.tobytes()


def points_in(packed: bytes) -> "array[int]":
    """Points as numbers."""
    found = array("q")
    found.frombytes(packed)
    return found


class Published(Struct, frozen=True, kw_only=True):
    """What a published run shows: users in all, the top by rank, and when it changed last.

    `top`: name, points and rank, best first. `contests`: how many have results that count.
    `flagged`: records that an official should look at.
    """

    run: int
    position: int
    as_of: int
    users: int
    contests: int
    top: list[tuple[str, int, int]]
    flagged: dict[str, list[str]] = {}
    flagged_left_out: int = 0


encode = msgspec.msgpack.Encoder().encode
decode_state = msgspec.msgpack.Decoder(State).decode
decode_published = msgspec.msgpack.Decoder(Published).decode
decode_names = msgspec.msgpack.Decoder(list[str]).decode


def chunk_of(key: int) -> tuple[int, int]:
    """The row of points of a user, and the place in it."""
    return divmod(key, CHUNK_USERS)
