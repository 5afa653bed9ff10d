"""What doors ask of the worker's store: a user, a league, the published leaderboard.

Readers see the published run: the points of a user as that run left them, however far the next one
has come. All of one answer is read in one moment of the store.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoreboard.predictions.guesses import (
    JOKER,
    REFUSED,
    WITHDRAWN,
    is_late,
    score_of,
    unpack_history,
    unpack_slots,
)
from scoreboard.predictions.intake import LEAGUE_USERS_MAX
from scoreboard.predictions.settling import points_of
from scoreboard.predictions.store import (
    Chunk,
    Park,
    PredictionsStore,
    Published,
    State,
    chunk_of,
    decode_names,
    decode_published,
    decode_state,
    points_in,
)
from scoreboard.projections.store import Parked
from scoreboard.settings import Settings

NEIGHBOURS = 3  # rows shown on each side of a user
CONNECTIONS = 2
LATE, JOKER_TOO_MANY = "late", "joker-too-many"


class Ranked(Struct, frozen=True, kw_only=True):
    """A user on a leaderboard; `rank` is shared by equals (1, 2, 2, 4)."""

    user: str
    points: int
    rank: int


class GuessShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A guess; `points` once the contest's result is final. `flags`: why it does not count, or not
    as it was meant.
    """

    contest: str
    home: int
    away: int
    joker: bool = False
    points: int | None = None
    flags: list[str] = []


class UserShown(Struct, frozen=True, kw_only=True):
    """A user's points and rank in the published run, among `users`; `sharing` have the same rank.

    `neighbours`: some users before and after, with those of the same rank, in order.
    `guesses`: in force; `left_out`: those that did not count, the newest last.
    """

    competition: str
    user: str
    points: int
    rank: int
    sharing: int
    users: int
    position: int
    neighbours: list[Ranked]
    guesses: list[GuessShown]
    left_out: list[GuessShown]


class LeagueShown(Struct, frozen=True, kw_only=True):
    """A league of friends, ranked among themselves; `rank` is that in the league."""

    competition: str
    league: str
    position: int
    rows: list[Ranked]


class GameSeen(Struct, frozen=True):
    """A game as a reader finds it: its row's fields, and the published run."""

    game: int
    run: int
    state: State
    published: Published


class Predictions:
    """Reads of the worker's store."""

    def __init__(self, settings: Settings) -> None:
        self.store = PredictionsStore(settings, pool_size=CONNECTIONS, writes=False)
        self._tables = self.store.tables
        self._there = False

    async def close(self) -> None:
        """Let go of all connections."""
        await self.store.close()

    async def runs(self) -> dict[str, tuple[str, int]]:
        """The newest published run of every game: whose rows these are, and its number."""
        async with self.store.reading() as connection:
            if not await self._made(connection):
                return {}
            g = self._tables["games"].c
            rows = await connection.execute(select(g.competition, g.owner, g.run))
            return {row.competition: (row.owner, row.run) for row in rows}

    async def seen(self, competition: str) -> GameSeen | None:
        """A game as it is published; None if it is not yet."""
        async with self.store.reading() as connection:
            return await self._seen(connection, competition)

    async def parked(self) -> list[Parked]:
        """Contests whose results could not be applied; `competition` is the game's."""
        async with self.store.reading() as connection:
            if not await self._made(connection):
                return []
            g = self._tables["games"].c
            rows = (await connection.execute(select(g.competition, g.state))).all()
        return [
            _parked(row.competition, park)
            for row in rows
            for park in decode_state(row.state).parked.values()
        ]

    async def _made(self, connection: AsyncConnection) -> bool:
        if not self._there:
            table, schema = "games", self.store.schema
            self._there = await connection.run_sync(
                lambda sync: inspect(sync).has_table(table, schema=schema)
            )
        return self._there

    async def _seen(self, connection: AsyncConnection, competition: str) -> GameSeen | None:
        if not await self._made(connection):
            return None
        g, b = self._tables["games"].c, self._tables["leaderboards"].c
        query = (
            select(g.game, g.run, g.state, b.published)
            .join(self._tables["leaderboards"], (b.game == g.game) & (b.run == g.run))
            .where(g.competition == competition)
        )
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        return GameSeen(row.game, row.run, decode_state(row.state), decode_published(row.published))

    # users --------------------------------------------------------------------------------------

    async def user(self, competition: str, name: str, *, public: bool) -> UserShown | None:
        """A user with rank and neighbours; None if nobody of this name has guessed.

        The public is not shown guesses of contests that are not locked yet.
        """
        async with self.store.reading() as connection:
            game = await self._seen(connection, competition)
            if game is None:
                return None
            u, h = self._tables["users"].c, self._tables["histories"].c
            query = (
                select(u.key, u.slots, h.history)
                .join(self._tables["histories"], h.key == u.key)
                .where(u.game == game.game, u.name == name)
            )
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            points = (await self._points(connection, game.run, [row.key]))[row.key]
            rank, sharing, around = await self._around(connection, game, name, points)
        guesses, left_out = shown_guesses(game.state, row.slots, row.history, public=public)
        return UserShown(
            competition=competition,
            user=name,
            points=points,
            rank=rank,
            sharing=sharing,
            users=game.published.users,
            position=game.published.position,
            neighbours=around,
            guesses=guesses,
            left_out=left_out,
        )

    async def _points(
        self, connection: AsyncConnection, run: int, keys: Sequence[int]
    ) -> dict[int, int]:
        """Points of users by key, as a run left them."""
        table = self._tables["points"]
        numbers = sorted({chunk_of(key)[0] for key in keys})
        rows = await connection.execute(select(table).where(table.c.chunk.in_(numbers)))
        points = {row.chunk: points_in(Chunk(*row).at(run)) for row in rows}
        found = {}
        for key in keys:
            number, place = chunk_of(key)
            some: Sequence[int] = points.get(number, ())
            found[key] = some[place] if place < len(some) else 0
        return found

    async def _around(
        self, connection: AsyncConnection, game: GameSeen, name: str, points: int
    ) -> tuple[int, int, list[Ranked]]:
        """Rank, how many share it, and rows with neighbours."""
        table = self._tables["totals"]
        t = table.c
        mine = (t.game == game.game, t.run == game.run)
        above = select(func.coalesce(func.sum(t.count), 0)).where(*mine, t.total > points)
        rank = 1 + int((await connection.execute(above)).scalar_one())
        better = select(table).where(*mine, t.total > points).order_by(t.total).limit(NEIGHBOURS)
        worse = (select(table).where(*mine, t.total <= points).order_by(t.total.desc())).limit(
            NEIGHBOURS + 1
        )
        before = _rows((await connection.execute(better)).all())
        others = (await connection.execute(worse)).all()
        sharing = next((int(row._mapping["count"]) for row in others if row.total == points), 1)
        equals = [r for r in _rows(o for o in others if o.total == points) if r.user != name]
        after = _rows(o for o in others if o.total != points)
        me = Ranked(user=name, points=points, rank=rank)
        level = sorted([me, *equals[:NEIGHBOURS]], key=lambda one: one.user)
        before = sorted(before, key=lambda one: (-one.points, one.user))[-NEIGHBOURS:]
        return rank, sharing, [*before, *level, *after[:NEIGHBOURS]]

    async def league(self, competition: str, league: str) -> LeagueShown | None:
        """A league; None if nobody is in it."""
        async with self.store.reading() as connection:
            game = await self._seen(connection, competition)
            if game is None:
                return None
            m, u = self._tables["members"].c, self._tables["users"].c
            query = (
                select(m.user, u.key)
                .join(self._tables["users"], (u.game == m.game) & (u.name == m.user), isouter=True)
                .where(m.game == game.game, m.league == league)
                .order_by(m.user)
                .limit(LEAGUE_USERS_MAX)
            )
            members = (await connection.execute(query)).all()
            keys = [row.key for row in members if row.key is not None]
            points = await self._points(connection, game.run, keys)
        if not members:
            return None
        has = sorted((-points.get(row.key, 0), row.user) for row in members)
        rows, rank = [], 0
        for place, (minus, user) in enumerate(has):
            if place == 0 or minus != has[place - 1][0]:
                rank = place + 1
            rows.append(Ranked(user=user, points=-minus, rank=rank))
        return LeagueShown(
            competition=competition,
            league=league,
            position=game.published.position,
            rows=rows,
        )


def _parked(competition: str, park: Park) -> Parked:
    return Parked(
        competition=competition,
        contest=park.contest,
        position=park.position,
        error=park.error,
        attempts=park.attempts,
        since_us=park.since_us,
        retry_us=None,
    )


def _rows(totals: Any) -> list[Ranked]:
    """Some users of totals, in order of the totals and of names."""
    return [
        Ranked(user=user, points=row.total, rank=row.above + 1)
        for row in totals
        for user in decode_names(row.examples)
    ]


def shown_guesses(
    state: State, slots: bytes, history: bytes, *, public: bool
) -> tuple[list[GuessShown], list[GuessShown]]:
    """A user's guesses in force, and those that did not count."""
    contests = {slot: id_ for id_, slot in state.slots.items()}
    terms = state.applied
    force = []
    for slot, guess in enumerate(unpack_slots(slots)):
        if not guess or (public and slot not in terms.locks):
            continue
        home, away = score_of(guess)
        points = points_of(terms, slot, guess) if slot in terms.outcomes else None
        force.append(
            GuessShown(
                contest=contests[slot],
                home=home,
                away=away,
                joker=bool(guess & JOKER),
                points=points,
                flags=[JOKER_TOO_MANY] if guess & REFUSED else [],
            )
        )
    late = []
    for made in unpack_history(history):
        if is_late(made, terms.locks) and not made.guess & WITHDRAWN:
            home, away = score_of(made.guess)
            late.append(
                GuessShown(
                    contest=contests[made.slot],
                    home=home,
                    away=away,
                    joker=bool(made.guess & JOKER),
                    flags=[LATE],
                )
            )
    return force, late
