"""The public keys of who makes users' tokens: a JSON Web Key Set (RFC 7517) at an address.

    a key that is known and fresh   used at once
    known, but read a while ago     used at once; the set is read again meanwhile
    unknown                         the set is read again, by one for all who wait, not too often
    unknown, address not reached    503: nobody can say whether the token is good
    known for too long, not reached as if unknown

PyJWT's own client waits in the loop, asks again for every token that names a key of its own
invention, and forgets what it has when the address fails; so its keys are used and its client is
not. All of a reading together, names, handshakes and an answer that comes byte by byte, takes no
longer than `READ_S`; what blocks, the library and trusted certificates, is loaded in a thread.
"""

import asyncio
from collections.abc import Callable
from ssl import SSLContext
from time import monotonic
from typing import Any

import jwt
import msgspec

from scoreboard import telemetry
from scoreboard.errors import Unauthenticated, Unavailable
from scoreboard.telemetry import log

READ_S = 5.0
BODY_BYTES_MAX = 262_144
KEYS_MAX = 64
RSA_BITS_MIN = 2_048  # NIST SP 800-131A; RFC 7518, section 3.3
LATE = "sign in again"
Found = dict[tuple[str | None, str], jwt.PyJWK]


class KeySet:
    """The keys at one address, by name and algorithm."""

    def __init__(
        self,
        url: str,
        algorithms: list[str],
        *,
        every_s: float,
        again_s: float,
        stale_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._url = url
        self._algorithms = algorithms
        self._every_s = every_s
        self._again_s = again_s
        self._stale_s = stale_s
        self._clock = clock
        self._keys: Found = {}
        self._read_s: float | None = None  # when the keys were read
        self._tried_s: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key that a token names.

        Raises Unauthenticated for one that the set does not have, Unavailable if nobody can say.
        """
        age_s = None if self._read_s is None else self._clock() - self._read_s
        found = self._find(kid, algorithm)
        if age_s is None or age_s > self._stale_s:
            found = None
        if found is None:
            await self._read_again()
            found = self._find(kid, algorithm)
        elif age_s is not None and age_s > self._every_s and self._may_try():
            self._begin()
        if found is not None:
            return found
        if self._tried_s != self._read_s:
            raise Unavailable("tokens cannot be verified now", retry_after_s=self._again_s)
        raise Unauthenticated("this token is signed with a key that nobody knows", hint=LATE)

    def _find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        if kid is not None:
            return self._keys.get((kid, algorithm))
        fitting = [key for (_, name), key in self._keys.items() if name == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def _may_try(self) -> bool:
        return self._tried_s is None or self._clock() - self._tried_s >= self._again_s

    async def _read_again(self) -> None:
        """Wait for the set to be read, unless that was tried a moment ago."""
        if self._reading is None or self._reading.done():
            if not self._may_try():
                return
            self._begin()
        if self._reading is not None:
            await asyncio.shield(self._reading)

    def _begin(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            found = await fetch(self._url, self._algorithms)
        except Exception as error:
            telemetry.KEYS_READ.labels("failed").inc()
            reason = str(error) or type(error).__name__
            log.warning("keys of tokens not read", url=self._url, error=reason)
            self._tried_s = self._clock()
            if self._read_s is not None and self._clock() - self._read_s > self._stale_s:
                self._keys, self._read_s = {}, None
        else:
            telemetry.KEYS_READ.labels("read").inc()
            if not found:
                log.warning("no key of tokens is usable", url=self._url)
            self._keys = found
            self._read_s = self._tried_s = self._clock()

    async def close(self) -> None:
        """Wait for what is being read."""
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)


async def fetch(url: str, algorithms: list[str]) -> Found:
    """The keys at an address, within READ_S. Raises whatever went wrong."""
    trusted = await asyncio.to_thread(_trusted)
    import httpx2

    body = bytearray()
    asked = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        asyncio.timeout(READ_S),
        httpx2.AsyncClient(verify=trusted, timeout=READ_S, follow_redirects=False) as client,
        client.stream("GET", url, headers=asked) as answer,
    ):
        if answer.status_code != 200:
            raise ValueError(f"answered {answer.status_code}")
        async for part in answer.aiter_raw():  # as it came: nothing is inflated
            body += part
            if len(body) > BODY_BYTES_MAX:
                raise ValueError(f"more than {BODY_BYTES_MAX} bytes")
    return usable(msgspec.json.decode(bytes(body)), algorithms)


def _trusted() -> SSLContext:
    """Whose certificates are trusted; a start waits for nothing that few need."""
    import httpx2

    return httpx2.create_ssl_context()


def usable(document: Any, algorithms: list[str]) -> Found:
    """The keys of a set that verify signatures by the algorithms; others are passed over."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")
    found: Found = {}
    for one in listed[:KEYS_MAX]:
        if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use") == "enc":
            continue
        stated = one.get("alg")
        for algorithm in algorithms if stated is None else [stated]:
            if algorithm not in algorithms:
                continue
            try:
                key = jwt.PyJWK(one, algorithm)
            except (jwt.PyJWTError, ValueError):
                continue
            if getattr(key.key, "key_size", RSA_BITS_MIN) >= _bits_min(one):
                kid = one.get("kid")
                found[kid if isinstance(kid, str) else None, algorithm] = key
    return found


def _bits_min(one: dict[str, Any]) -> int:
    return RSA_BITS_MIN if one.get("kty") == "RSA" else 0
