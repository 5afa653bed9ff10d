"""The register of sessions, beside the ledger and backed up with it.

Who has shown a key in a browser goes on with a cookie, `<id>.<secret>`, of which the SHA-256 is all
that is kept, as of keys. A session ends when its key is revoked, when it is taken back, so long
after its beginning (`Sessions.lifetime_s`) and so long after its last use (`Sessions.idle_s`). Rows
are looked up at each request, so one that is gone opens nothing from then on in any process; few
people log in, and what comes often, events of devices, comes with keys.
"""

import hmac
import secrets
from collections.abc import Callable, Collection

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, RowMapping, Table, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.access.keys import SECRET_BYTES, digest
from scoreboard.database.engine import WRITE
from scoreboard.database.faults import translated
from scoreboard.errors import NotFound
from scoreboard.ledger.schema import tables
from scoreboard.settings import Sessions

USED_EVERY_US = 60_000_000
SECOND_US = 1_000_000
ID_BYTES = 8  # more than a key's, so that no session is called like a key
AGENT_CHARACTERS_MAX = 200


class Session(Struct, frozen=True, kw_only=True):
    """A session without its secret: its key's id, from where and with what; microseconds."""

    id: str
    key: str
    created_us: int
    last_used_us: int
    address: str
    agent: str


class SessionRegister:
    """Sessions: begun, found, listed and ended. All methods raise Unavailable without a database.

    A key has so many sessions (`Sessions.of_a_key_max`); one more ends the one unused for longest.
    """

    def __init__(self, engine: AsyncEngine, bounds: Sessions, *, clock: Callable[[], int]) -> None:
        self._engine = engine
        self._bounds = bounds
        self._clock = clock
        self._lifetime_us = int(bounds.lifetime_s * SECOND_US)
        self._idle_us = int(bounds.idle_s * SECOND_US)
        self._used: dict[str, int] = {}
        self._table: Table = tables(engine.dialect.name).sessions

    def ends_us(self, session: Session) -> int:
        """When a session ends if nobody uses it."""
        return min(session.created_us + self._lifetime_us, session.last_used_us + self._idle_us)

    def propose(self, *, key: str, address: str, agent: str) -> tuple[Session, str]:
        """A new session and its cookie's value; `insert` puts it into force."""
        id_, now = secrets.token_hex(ID_BYTES), self._clock()
        session = Session(
            id=id_,
            key=key,
            created_us=now,
            last_used_us=now,
            address=address,
            agent=agent[:AGENT_CHARACTERS_MAX],
        )
        return session, f"{id_}.{secrets.token_urlsafe(SECRET_BYTES)}"

    async def insert(self, session: Session, cookie: str) -> None:
        """Put a proposed session into force, and forget those that are over."""
        rows = self._table
        row = asdict(session) | {"secret_hash": digest(cookie)}
        kept = (
            select(rows.c.id)
            .where(rows.c.key == session.key)
            .order_by(rows.c.last_used_us.desc(), rows.c.id)
            .limit(self._bounds.of_a_key_max - 1)
        )
        too_many = and_(rows.c.key == session.key, rows.c.id.not_in(kept))
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    await connection.execute(rows.delete().where(~self._in_force()))
                    await connection.execute(rows.delete().where(too_many))
                    await connection.execute(rows.insert(), row)

    async def find(self, cookie: str) -> Session | None:
        """The session in force of a cookie, which is thereby used; None for any other."""
        id_ = cookie.partition(".")[0]
        if not (id_.isascii() and id_.isalnum()):  # quoted cookies can hold what no database takes
            return None
        query = select(self._table).where(self._table.c.id == id_, self._in_force())
        with translated():
            async with self._engine.connect() as connection:
                row = (await connection.execute(query)).mappings().one_or_none()
        known = bytes(row["secret_hash"]) if row is not None else bytes(32)
        # Compared in constant time, and also where there is nothing to compare with.
        if not hmac.compare_digest(known, digest(cookie)) or row is None:
            return None
        session = _session(row)
        self._note_use(session)
        return session

    async def all(self, key: str | None = None) -> list[Session]:
        """The sessions in force, of one key or of all; those used last come first."""
        rows = self._table
        query = select(rows).where(self._in_force())
        if key is not None:
            query = query.where(rows.c.key == key)
        query = query.order_by(rows.c.last_used_us.desc(), rows.c.id)
        with translated():
            async with self._engine.connect() as connection:
                found = (await connection.execute(query)).mappings().all()
        return [_session(row) for row in found]

    async def end(self, id_: str) -> None:
        """End a session at once; NotFound if there is none."""
        if not await self._delete(self._table.c.id == id_):
            raise no_session(id_)

    async def end_of(self, key: str) -> None:
        """End all sessions of a key."""
        await self._delete(self._table.c.key == key)

    async def _delete(self, which: ColumnElement[bool]) -> int:
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    return (await connection.execute(self._table.delete().where(which))).rowcount

    async def over(self, ids: Collection[str]) -> set[str]:
        """Those of some sessions that are not in force any more."""
        rows = self._table
        query = select(rows.c.id).where(rows.c.id.in_(ids), self._in_force())
        with translated():
            async with self._engine.connect() as connection:
                return set(ids) - set((await connection.execute(query)).scalars())

    async def save_uses(self) -> None:
        """Write behind when sessions were last used."""
        used, self._used = self._used, {}
        if not used:
            return
        rows = self._table
        statement = (
            rows.update().where(rows.c.id == bindparam("of")).values(last_used_us=bindparam("used"))
        )
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    noted = [{"of": id_, "used": us} for id_, us in used.items()]
                    await connection.execute(statement, noted)

    @property
    def uses_waiting(self) -> bool:
        """Whether some use is not written yet."""
        return bool(self._used)

    def _note_use(self, session: Session) -> None:
        now = self._clock()
        if now - session.last_used_us >= min(USED_EVERY_US, self._idle_us // 4):
            self._used[session.id] = now

    def _in_force(self) -> ColumnElement[bool]:
        now, rows = self._clock(), self._table
        return and_(
            rows.c.created_us > now - self._lifetime_us, rows.c.last_used_us > now - self._idle_us
        )


def no_session(id_: str) -> NotFound:
    """What is said of a session that there is not, or that is somebody else's."""
    return NotFound(f"there is no session {id_}", hint="/api/v1/sessions lists them")


def _session(row: RowMapping) -> Session:
    return Session(**{name: row[name] for name in Session.__struct_fields__})
