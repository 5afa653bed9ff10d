"""The worker's own store: on SQLite a file beside the read store, on Postgres a schema of its own.

Nothing in here is the only copy of anything. Each game's row carries the ledger's id, the game's
checkpoint and that entry's hash; if they do not fit, the game is dropped and made again. One worker
owns a game's rows at a time: every transaction checks that the row still names it.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, func, inspect, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateSchema

from scoreboard.database.engine import WRITE, make_engine
from scoreboard.database.faults import translated
from scoreboard.database.upsert import upsert
from scoreboard.errors import Fenced
from scoreboard.predictions.kept import Chunk, GameRow, Published, User, encode
from scoreboard.predictions.tables import (
    first_chunk,
    first_key,
    tables,
)
from scoreboard.settings import Settings

FORMAT = 2  # rises when the tables or what stands in them change
NAMES_MAX = 1_000  # of one query
ROWS_MAX = 5_000  # of one statement
RUNS_KEPT = 2  # published runs whose totals are kept, for who reads while the next is published


Row = dict[str, Any]


class PredictionsStore:
    """The store; raises Unavailable if it cannot be reached or written.

    `write_seconds`: how long each transaction took since it was last looked at, bounded.
    """

    def __init__(self, settings: Settings, *, pool_size: int = 2, writes: bool = True) -> None:
        url = settings.predictions_url
        self.engine = make_engine(url, durability="rebuildable", pool_size=pool_size)
        self._writer = (
            make_engine(url, durability="rebuildable", pool_size=1, checkpoints=True)
            if writes
            else self.engine
        )
        self.dialect = self.engine.dialect.name
        self.schema = "predictions" if self.dialect == "postgresql" else None
        self.metadata = tables(self.schema)
        prefix = f"{self.schema}." if self.schema else ""
        self.tables = {n.removeprefix(prefix): t for n, t in self.metadata.tables.items()}
        self.write_seconds: list[float] = []

    async def open(self) -> None:
        """Make what is missing; tables of another format are dropped with all that is in them."""
        async with self._writing() as connection:
            if self.schema:
                await connection.execute(text("SELECT pg_advisory_xact_lock(7420002)"))
                await connection.execute(CreateSchema(self.schema, if_not_exists=True))
            if not await connection.run_sync(self._as_declared):
                await connection.run_sync(self.metadata.drop_all)
            await connection.run_sync(self.metadata.create_all)

    def _as_declared(self, connection: Connection) -> bool:
        """Whether tables that are there have the columns of this format."""
        found = inspect(connection)
        for name, table in self.tables.items():
            if found.has_table(name, schema=self.schema):
                columns = {column["name"] for column in found.get_columns(name, self.schema)}
                if columns != {column.name for column in table.columns}:
                    return False
        return True

    async def close(self) -> None:
        """Let go of all connections."""
        await self.engine.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        started = perf_counter()
        with translated():
            async with self._writer.execution_options(**WRITE).begin() as connection:
                yield connection
        if len(self.write_seconds) < ROWS_MAX:
            self.write_seconds.append(perf_counter() - started)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one moment of the store."""
        engine = self.engine
        if self.dialect == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with translated():
            async with engine.connect() as connection:
                yield connection

    async def _all(self, query: Select[Any]) -> Sequence[Any]:
        async with self.reading() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
            return rows

    # games --------------------------------------------------------------------------------------

    async def games(self) -> list[GameRow]:
        """All games."""
        rows = await self._all(select(self.tables["games"]))
        return [GameRow(**row._mapping) for row in rows]

    async def own(self, row: GameRow) -> None:
        """Make a game's row this worker's, or a new one of it."""
        async with self._writing() as connection:
            await self._put(connection, "games", [msgspec.structs.asdict(row)])

    async def next_number(self) -> int:
        """A number that no game has."""
        games = self.tables["games"].c
        rows = await self._all(select(func.coalesce(func.max(games.game), 0)))
        return int(rows[0][0]) + 1

    async def drop(self, game: int) -> None:
        """Forget all of a game."""
        keys = (first_key(game), first_key(game + 1))
        chunks = (first_chunk(game), first_chunk(game + 1))
        t = self.tables
        async with self._writing() as connection:
            for name in ("users", "histories"):
                key = t[name].c.key
                await connection.execute(delete(t[name]).where(key >= keys[0], key < keys[1]))
            chunk = t["points"].c.chunk
            await connection.execute(
                delete(t["points"]).where(chunk >= chunks[0], chunk < chunks[1])
            )
            for name in ("totals", "leaderboards", "members", "games"):
                await connection.execute(delete(t[name]).where(t[name].c.game == game))

    async def _move(self, connection: AsyncConnection, row: GameRow) -> None:
        """Save a game's row; Fenced if another worker has taken the game."""
        games = self.tables["games"]
        values = msgspec.structs.asdict(row)
        done = await connection.execute(
            update(games)
            .where(games.c.game == row.game, games.c.owner == row.owner)
            .values(**{name: values[name] for name in values if name not in ("game", "owner")})
        )
        if done.rowcount != 1:
            raise Fenced("another worker has taken this game over", hint="stop this one")

    async def _put(self, connection: AsyncConnection, name: str, rows: Sequence[Row]) -> None:
        statement = upsert(self.tables[name], self.dialect)
        for first in range(0, len(rows), ROWS_MAX):
            await connection.execute(statement, rows[first : first + ROWS_MAX])

    # changes ------------------------------------------------------------------------------------

    async def save(
        self,
        row: GameRow,
        *,
        users: Iterable[User] = (),
        forced: Sequence[Row] = (),
        chunks: Iterable[Chunk] = (),
        joined: Collection[tuple[str, str]] = (),
        left: Collection[tuple[str, str]] = (),
    ) -> None:
        """Everything of one step with the game's row, or nothing of it.

        `forced`: keys of users with new `slots`, their histories as they were.
        """
        users = list(users)
        game = row.game
        async with self._writing() as connection:
            await self._move(connection, row)
            await self._put(
                connection,
                "users",
                [{"key": u.key, "game": game, "name": u.name, "slots": u.slots} for u in users],
            )
            await self._put(
                connection, "histories", [{"key": u.key, "history": u.history} for u in users]
            )
            table = self.tables["users"]
            for one in forced:
                await connection.execute(
                    update(table).where(table.c.key == one["key"]).values(slots=one["slots"])
                )
            await self._put(connection, "points", [_row_of(chunk) for chunk in chunks])
            members = self.tables["members"]
            for league, user in left:
                c = members.c
                of = (c.game == game, c.league == league, c.user == user)
                await connection.execute(delete(members).where(*of))
            rows = [{"game": game, "league": league, "user": user} for league, user in joined]
            await self._put(connection, "members", rows)

    async def publish(self, row: GameRow, published: Published, totals: Sequence[Row]) -> None:
        """Show a run: its totals and its top, with the game's row that names it."""
        async with self._writing() as connection:
            await self._move(connection, row)
            for name in ("totals", "leaderboards"):
                table = self.tables[name]
                old = (table.c.game == row.game, table.c.run <= row.run - RUNS_KEPT)
                await connection.execute(delete(table).where(*old))
            at = {"game": row.game, "run": row.run}
            await self._put(connection, "totals", [at | one for one in totals])
            await self._put(connection, "leaderboards", [at | {"published": encode(published)}])

    # users --------------------------------------------------------------------------------------

    async def users(self, game: int, names: Collection[str]) -> dict[str, User]:
        """Users by name with their histories; unknown ones are left out."""
        u, h = self.tables["users"].c, self.tables["histories"].c
        found: dict[str, User] = {}
        wanted = list(names)
        for first in range(0, len(wanted), NAMES_MAX):
            query = (
                select(u.key, u.name, u.slots, h.history)
                .join(self.tables["histories"], h.key == u.key)
                .where(u.game == game, u.name.in_(wanted[first : first + NAMES_MAX]))
            )
            for row in await self._all(query):
                found[row.name] = User(*row)
        return found

    async def slots(self, first: int, last: int) -> Sequence[Any]:
        """Keys and guesses in force, of users by key."""
        u = self.tables["users"].c
        return await self._all(
            select(u.key, u.slots).where(u.key >= first, u.key < last).order_by(u.key)
        )

    async def histories(self, first: int, last: int) -> Sequence[Any]:
        """Keys, guesses in force and histories, of users by key."""
        u, h = self.tables["users"].c, self.tables["histories"].c
        return await self._all(
            select(u.key, u.slots, h.history)
            .join(self.tables["histories"], h.key == u.key)
            .where(u.key >= first, u.key < last)
            .order_by(u.key)
        )

    async def named(self, keys: Sequence[int]) -> dict[int, str]:
        """Names by key."""
        u = self.tables["users"].c
        found: dict[int, str] = {}
        for first in range(0, len(keys), NAMES_MAX):
            some = keys[first : first + NAMES_MAX]
            found.update(map(tuple, await self._all(select(u.key, u.name).where(u.key.in_(some)))))
        return found

    async def by_name(self, game: int, after: str, limit: int) -> Sequence[Any]:
        """Names and keys in order of names."""
        u = self.tables["users"].c
        query = select(u.name, u.key).where(u.game == game, u.name > after)
        return await self._all(query.order_by(u.name).limit(limit))

    async def chunks(self, numbers: Iterable[int]) -> dict[int, Chunk]:
        """Rows of points by number; those that are not there yet are left out."""
        p = self.tables["points"].c
        found: dict[int, Chunk] = {}
        wanted = list(numbers)
        for first in range(0, len(wanted), NAMES_MAX):
            some = wanted[first : first + NAMES_MAX]
            for row in await self._all(select(self.tables["points"]).where(p.chunk.in_(some))):
                found[row.chunk] = Chunk(*row)
        return found

    async def members(self, game: int, league: str, limit: int) -> list[str]:
        """Who is in a league, in order of names."""
        m = self.tables["members"].c
        query = select(m.user).where(m.game == game, m.league == league)
        return [row.user for row in await self._all(query.order_by(m.user).limit(limit))]


def _row_of(chunk: Chunk) -> Row:
    return {"chunk": chunk.number, "run": chunk.run, "before": chunk.before, "now": chunk.now}
