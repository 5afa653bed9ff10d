"""Leases: what one process of many does alone, for as long as it says that it is there.

A lease is a row with a holder, a token and an end by the database's own clock, so that clocks of
hosts do not matter. It is renewed three times in its span. Whoever comes after its end takes it
with the next token; a holder that was frozen past the end finds its token refused in every
transaction that asks for it (`HELD`), and can never renew it again.
"""

import asyncio
import contextlib
import os
from socket import gethostname
from time import monotonic
from typing import Any

from sqlalchemy.engine import URL

from scoreboard.database.faults import translated
from scoreboard.database.postgres_runner import connect
from scoreboard.errors import Unavailable
from scoreboard.telemetry import log

LEASE_S = 3.0
_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_END = f"{_NOW} + {int(LEASE_S * 1e6)}"
_TAKE = (
    "INSERT INTO leases (name, holder, token, ends) "  # noqa: S608 - numbers of ours
    f"VALUES ($1, $2, 1, {_END}) ON CONFLICT (name) DO UPDATE "
    f"SET holder = excluded.holder, token = leases.token + 1, ends = {_END} "
    f"WHERE leases.ends < {_NOW} RETURNING token"
)
_RENEW = (
    f"UPDATE leases SET ends = {_END} "  # noqa: S608
    f"WHERE name = $1 AND token = $2 AND ends >= {_NOW} RETURNING 1"
)
_RELEASE = "UPDATE leases SET ends = 0 WHERE name = $1 AND token = $2"
_FORGET = "DELETE FROM leases WHERE name = $1 AND token = $2"


def held(name: str, token: str) -> str:
    """The condition, in SQL, that a lease is held; for parameters such as `$5` and `$6`."""
    return (
        f"EXISTS (SELECT 1 FROM leases WHERE name = {name} AND token = {token} AND ends > {_NOW})"  # noqa: S608
    )


class Lease:
    """One lease on a connection of its own, so that no busy pool can cost it.

    `token`: the number under which it is held; None if it is not. `lost` is set when it was held
    and is no more, or cannot be known to be. `unique`: nobody else wants it, so its row goes too.
    """

    def __init__(self, url: URL, name: str, *, unique: bool = False) -> None:
        self.name = name
        self.token: int | None = None
        self.lost = asyncio.Event()
        self._url = url
        self._holder = f"{gethostname()}:{os.getpid()}"  # for people
        self._unique = unique
        self._connection: Any = None
        self._keeping: asyncio.Task[None] | None = None

    async def take(self) -> bool:
        """Take it if nobody holds it, and keep it from then on. Raises Unavailable."""
        token = await self._ask(_TAKE, self.name, self._holder)
        if token is None:
            return False
        self.token = int(token)
        self.lost.clear()
        self._keeping = asyncio.create_task(self._keep(), name=f"lease {self.name}")
        return True

    async def release(self) -> None:
        """Let it go at once, so that another need not wait for its end."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self.token is not None and not self.lost.is_set():
            with contextlib.suppress(Unavailable):
                await self._ask(_FORGET if self._unique else _RELEASE, self.name, self.token)
        self.token = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _keep(self) -> None:
        renewed_s = monotonic()
        while True:
            await asyncio.sleep(LEASE_S / 3)
            asked_s = monotonic()
            try:
                renewed = await self._ask(_RENEW, self.name, self.token)
            except Unavailable as error:
                log.warning("lease not renewed", lease=self.name, error=error.message)
                if monotonic() - renewed_s < LEASE_S:
                    continue
                renewed = None
            if renewed is None:
                self.lost.set()
                return
            renewed_s = asked_s

    async def _ask(self, sql: str, *params: Any) -> Any:
        try:
            with translated():
                if self._connection is None or self._connection.is_closed():
                    self._connection = await connect(self._url)
                return await self._connection.fetchval(sql, *params, timeout=LEASE_S)
        except Unavailable:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.terminate()
            raise
