"""What doors ask of the worker's store: a user, a league, the published leaderboard.

Readers see the published run: the points of a user as that run left them, however far the next one
has come. All of one answer is read in one moment of the store.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, Select, bindparam, cast, func, inspect, select

from scoreboard.errors import Unavailable
from scoreboard.predictions.intake import LEAGUE_USERS_MAX
from scoreboard.predictions.kept import (
    Park,
    Published,
    decode_names,
    decode_published,
    decode_state,
    points_in,
)
from scoreboard.predictions.shown import (
    LeagueShown,
    Ranked,
    Total,
    Totals,
    UserShown,
    shown_guesses,
)
from scoreboard.predictions.store import PredictionsStore
from scoreboard.predictions.tables import CHUNK_USERS, POINT_BYTES
from scoreboard.projections.store import Parked
from scoreboard.settings import Settings

GAMES_MAX = 64  # whose totals are kept in memory; those unused for longest go first
ATTEMPTS_MAX = 3  # readings of a user while runs are published


class GameSeen(Struct, frozen=True):
    """A game as a reader finds it: its number, its published run, and what that shows."""

    game: int
    run: int
    published: Published


class Predictions:
    """Reads of the worker's store."""

    def __init__(self, settings: Settings) -> None:
        self.store = PredictionsStore(
            settings, pool_size=settings.leaderboard_connections, writes=False
        )
        self._tables = self.store.tables
        self._there = False
        self._totals: OrderedDict[str, Totals] = OrderedDict()
        self._loading = asyncio.Lock()
        self._one_user = self._user_query()

    async def close(self) -> None:
        """Let go of all connections."""
        await self.store.close()

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        """Rows of one query; none as long as the worker has made no tables."""
        async with self.store.reading() as connection:
            if not self._there:
                schema = self.store.schema
                self._there = await connection.run_sync(
                    lambda sync: inspect(sync).has_table("games", schema=schema)
                )
            if not self._there:
                return []
            rows: Sequence[Any] = (await connection.execute(query)).all()
            return rows

    async def runs(self) -> dict[str, tuple[str, int]]:
        """The newest published run of every game: whose rows these are, and its number."""
        g = self._tables["games"].c
        rows = await self._rows(select(g.competition, g.owner, g.run))
        return {row.competition: (row.owner, row.run) for row in rows}

    async def settled(self, competition: str) -> int:
        """Up to which position a game is known to be published."""
        g = self._tables["games"].c
        rows = await self._rows(select(g.settled).where(g.competition == competition))
        return int(rows[0][0]) if rows else 0

    async def seen(self, competition: str) -> GameSeen | None:
        """A game as it is published; None if it is not yet."""
        g, b = self._tables["games"].c, self._tables["leaderboards"].c
        query = (
            select(g.game, g.run, b.published)
            .join(self._tables["leaderboards"], (b.game == g.game) & (b.run == g.run))
            .where(g.competition == competition)
        )
        rows = await self._rows(query)
        if not rows:
            return None
        (row,) = rows
        return GameSeen(row.game, row.run, decode_published(row.published))

    async def parked(self) -> list[Parked]:
        """Contests whose results could not be applied; `competition` is the game's."""
        g = self._tables["games"].c
        rows = await self._rows(select(g.competition, g.state))
        return [
            _parked(row.competition, park)
            for row in rows
            for park in decode_state(row.state).parked.values()
        ]

    async def _totals_of(self, competition: str, owner: str, run: int) -> Totals | None:
        """The totals of a published run; None if it is not there any more."""
        kept = self._totals.get(competition)
        if kept is not None and kept.of == (owner, run):
            self._totals.move_to_end(competition)
            return kept
        async with self._loading:
            kept = self._totals.get(competition)
            if kept is not None and kept.of == (owner, run):
                return kept
            found = await self.seen(competition)
            if found is None or found.run != run:
                return None
            t = self._tables["totals"].c
            query = (
                select(t.total, t["count"], t.above, t.examples)
                .where(t.game == found.game, t.run == run)
                .order_by(t.total.desc())
            )
            rows = [
                Total(total, count, above, decode_names(examples))
                for total, count, above, examples in await self._rows(query)
            ]
            totals = Totals(owner, run, found.published, rows)
            self._totals[competition] = totals
            while len(self._totals) > GAMES_MAX:
                self._totals.popitem(last=False)
            return totals

    # users --------------------------------------------------------------------------------------

    async def user(self, competition: str, name: str, *, public: bool) -> UserShown | None:
        """A user with rank and neighbours; None if nobody of this name has guessed.

        The public is not shown guesses of contests that are not locked yet. Raises Unavailable if
        runs are published faster than they can be read.
        """
        query = self._one_user.params(competition=competition, name=name)
        for _attempt in range(ATTEMPTS_MAX):
            rows = await self._rows(query)
            if not rows:
                return None
            (row,) = rows
            points = _points(row)
            totals = await self._totals_of(competition, row.owner, row.run)
            if totals is None:
                continue
            rank, sharing, around = totals.ranked(name, points)
            guesses, left_out = shown_guesses(
                decode_state(row.state), row.slots, row.history, public=public
            )
            return UserShown(
                competition=competition,
                user=name,
                points=points,
                rank=rank,
                sharing=sharing,
                users=totals.users,
                position=totals.position,
                neighbours=around,
                guesses=guesses,
                left_out=left_out,
            )
        raise Unavailable("the leaderboard is being published", retry_after_s=1.0)

    def _points_columns(self) -> list[ColumnElement[Any]]:
        """What a user has of its row of points, now and before the newest run."""
        u, p = self._tables["users"].c, self._tables["points"].c
        place = cast(u.key.op("&")(CHUNK_USERS - 1) * POINT_BYTES + 1, Integer)
        return [
            p.run.label("moved"),
            func.substr(p.before, place, POINT_BYTES).label("before"),
            func.substr(p.now, place, POINT_BYTES).label("now"),
        ]

    def _user_query(self) -> Select[Any]:
        """Everything about one user in one query, which sees one moment."""
        g, u, h = (self._tables[name] for name in ("games", "users", "histories"))
        p = self._tables["points"]
        columns = (g.c.owner, g.c.run, g.c.state, u.c.slots, h.c.history)
        return (
            select(*columns, *self._points_columns())
            .select_from(
                g.join(u, u.c.game == g.c.game)
                .join(h, h.c.key == u.c.key)
                .join(p, p.c.chunk == u.c.key // CHUNK_USERS, isouter=True)
            )
            .where(
                g.c.competition == bindparam("competition"),
                u.c.name == bindparam("name"),
                g.c.run > 0,
            )
        )

    async def league(self, competition: str, league: str) -> LeagueShown | None:
        """A league; None if nobody is in it."""
        seen = await self.seen(competition)
        if seen is None:
            return None
        g, m, u = (self._tables[name] for name in ("games", "members", "users"))
        p = self._tables["points"]
        of_user = (u.c.game == m.c.game) & (u.c.name == m.c.user)
        query = (
            select(g.c.run, m.c.user, *self._points_columns())
            .select_from(
                m.join(g, g.c.game == m.c.game)
                .join(u, of_user, isouter=True)
                .join(p, p.c.chunk == u.c.key // CHUNK_USERS, isouter=True)
            )
            .where(g.c.competition == competition, m.c.league == league)
            .order_by(m.c.user)
            .limit(LEAGUE_USERS_MAX)
        )
        members = await self._rows(query)
        if not members:
            return None
        has = sorted((-_points(row), row.user) for row in members)
        rows, rank = [], 0
        for place, (minus, user) in enumerate(has):
            if place == 0 or minus != has[place - 1][0]:
                rank = place + 1
            rows.append(Ranked(user=user, points=-minus, rank=rank))
        return LeagueShown(
            competition=competition,
            league=league,
            position=seen.published.position,
            rows=rows,
        )


def _points(row: Any) -> int:
    """The points of a user as the published run left them; none in a row that has none yet."""
    if row.moved is None:
        return 0
    packed = row.now if row.moved <= row.run else row.before
    return points_in(packed)[0] if packed else 0


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
