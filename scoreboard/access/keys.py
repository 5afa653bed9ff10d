"""The register of API keys, beside the ledger and backed up with it.

Rows are kept in memory for a few seconds, so that a request costs no query; a key revoked here is
forgotten at once, one revoked by another process when its word comes, or after `FRESH_S`. When a
key was last used is written behind, at most once a minute for each key.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import RowMapping, Table, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import WRITE
from scoreboard.database.faults import translated
from scoreboard.errors import Conflict, NotFound, Unauthenticated
from scoreboard.facts.roles import KeyRole, Principal
from scoreboard.ledger.schema import tables

FRESH_S = 3.0
USED_EVERY_US = 60_000_000
PREFIX = "sb"
SECRET_BYTES = 32  # 256 bits
ID_BYTES = 5


class Key(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key without its secret; times are microseconds."""

    id: str
    name: str
    role: KeyRole
    competition: str | None = None
    created_us: int
    created_by: str
    revoked_us: int | None = None
    last_used_us: int | None = None

    @property
    def principal(self) -> Principal:
        """Whoever holds the key."""
        return Principal(key=self.id, name=self.name, role=self.role, competition=self.competition)


class _Cached(Struct, frozen=True):
    key: Key
    secret_hash: bytes
    read_s: float


class KeyRegister:
    """Keys: made, found, listed and revoked. All methods raise Unavailable without a database."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        cached_max: int,
        clock: Callable[[], int],
        fresh_s: float = FRESH_S,
    ) -> None:
        self._fresh_s = fresh_s
        self._engine = engine
        self._clock = clock
        self._cached_max = cached_max
        self._cache: OrderedDict[str, _Cached] = OrderedDict()
        self._revocations = 0  # what was read before the last of them is not kept
        self._used: dict[str, int] = {}
        self._table: Table = tables(engine.dialect.name).keys

    def propose(
        self, *, name: str, role: KeyRole, competition: str | None, created_by: str
    ) -> tuple[Key, str]:
        """A new key and the text that its holder sends; `insert` puts it into force."""
        id_ = secrets.token_hex(ID_BYTES)
        token = f"{PREFIX}_{id_}_{secrets.token_urlsafe(SECRET_BYTES)}"
        key = Key(
            id=id_,
            name=name,
            role=role,
            competition=competition,
            created_us=self._clock(),
            created_by=created_by,
        )
        return key, token

    async def insert(self, key: Key, token: str) -> None:
        """Put a proposed key into force; Conflict if another process was first with its name."""
        row = {
            "id": key.id,
            "name": key.name,
            "role": key.role,
            "competition": key.competition,
            "secret_hash": digest(token),
            "created_us": key.created_us,
            "created_by": key.created_by,
        }
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                try:
                    async with connection.begin():
                        await connection.execute(self._table.insert(), row)
                except IntegrityError as error:
                    raise name_taken(key.name) from error

    async def ensure_free(self, name: str) -> None:
        """Conflict if a key in force has the name: actors are told apart by it."""
        if any(key.name == name and key.revoked_us is None for key in await self.all()):
            raise name_taken(name)

    async def all(self) -> list[Key]:
        """All keys, the revoked ones too, oldest first."""
        query = select(self._table).order_by(self._table.c.created_us, self._table.c.id)
        with translated():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).mappings().all()
        return [_key(row) for row in rows]

    async def revoke(self, id_: str) -> Key:
        """Take a key out of force at once; NotFound if there is none. Repeating changes nothing."""
        cached = await self._read(id_)
        if cached is None:
            raise NotFound(f"there is no key {id_}", hint="/api/v1/keys lists them")
        keys = self._table
        statement = (
            keys.update()
            .where(keys.c.id == id_, keys.c.revoked_us.is_(None))
            .values(revoked_us=self._clock())
        )
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    await connection.execute(statement)
        self.forget(id_)
        return cached.key

    def forget(self, id_: str) -> None:
        """Read a key anew when it is asked for next."""
        self._revocations += 1
        self._cache.pop(id_, None)

    async def find(self, token: str) -> Key:
        """The key in force of a token; Unauthenticated for any other."""
        cached = await self._fresh(id_of(token))
        known = cached.secret_hash if cached else bytes(32)
        # Compared in constant time, and also where there is nothing to compare with.
        if not hmac.compare_digest(known, digest(token)) or cached is None:
            raise Unauthenticated("this key is not known", hint="ask an admin for a key")
        return self._in_force(cached)

    async def of_session(self, id_: str) -> Key:
        """The key in force that a session was begun with; Unauthenticated if it is not any more."""
        cached = await self._fresh(id_)
        if cached is None:
            raise Unauthenticated("this key is not known", hint="ask an admin for a key")
        return self._in_force(cached)

    async def _fresh(self, id_: str) -> _Cached | None:
        cached = self._cache.get(id_) if id_ else None
        if id_ and (cached is None or monotonic() - cached.read_s > self._fresh_s):
            cached = await self._read(id_)
        return cached

    def _in_force(self, cached: _Cached) -> Key:
        if cached.key.revoked_us is not None:
            raise Unauthenticated("this key was revoked", hint="ask an admin for another")
        self._note_use(cached.key)
        return cached.key

    async def save_uses(self) -> None:
        """Write behind when keys were last used."""
        used, self._used = self._used, {}
        if not used:
            return
        keys = self._table
        statement = (
            keys.update()
            .where(keys.c.id == bindparam("key"))
            .values(last_used_us=bindparam("used"))
        )
        with translated():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    await connection.execute(
                        statement, [{"key": id_, "used": us} for id_, us in used.items()]
                    )

    @property
    def uses_waiting(self) -> bool:
        """Whether some use is not written yet."""
        return bool(self._used)

    def _note_use(self, key: Key) -> None:
        now = self._clock()
        cached = self._cache.get(key.id)
        if cached is not None and now - (key.last_used_us or 0) >= USED_EVERY_US:
            self._used[key.id] = now
            used = replace(key, last_used_us=now)
            self._cache[key.id] = _Cached(used, cached.secret_hash, cached.read_s)

    async def _read(self, id_: str) -> _Cached | None:
        revocations = self._revocations
        query = select(self._table).where(self._table.c.id == id_)
        with translated():
            async with self._engine.connect() as connection:
                row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            self._cache.pop(id_, None)
            return None
        key = _key(row)
        if id_ in self._used:  # newer than what is saved
            key = replace(key, last_used_us=self._used[id_])
        cached = _Cached(key, bytes(row["secret_hash"]), monotonic())
        if revocations != self._revocations:
            return cached
        self._cache[id_] = cached
        self._cache.move_to_end(id_)
        while len(self._cache) > self._cached_max:
            self._cache.popitem(last=False)
        return cached


def name_taken(name: str) -> Conflict:
    """What is said of a second key of one name."""
    return Conflict(f"a key named {name} is in force", hint="revoke it or choose a name")


def digest(token: str) -> bytes:
    """What is kept of a token: SHA-256."""
    return sha256(token.encode()).digest()


def id_of(token: str) -> str:
    """The key's id in a token; "" if it is none of ours. The secret may contain underscores."""
    prefix, _, rest = token.partition("_")
    id_, _, secret = rest.partition("_")
    return id_ if prefix == PREFIX and secret and id_.isalnum() and id_.isascii() else ""


def _key(row: RowMapping) -> Key:
    return Key(**{name: row[name] for name in Key.__struct_fields__})
