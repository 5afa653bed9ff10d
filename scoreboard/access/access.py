"""The guard before every handler that asks for a role, and the administration of keys.

    Authorization: Bearer sb_<id>_<secret>  ─▶ address not distrusted ─▶ key ─▶ role, competition

Every refusal is logged and counted. Making and revoking keys are entries of the ledger's own
stream, without the secret.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.types import Scope

from scoreboard import telemetry
from scoreboard.access.keys import Key, KeyRegister
from scoreboard.access.pace import Pace
from scoreboard.errors import Forbidden, ScoreboardError, Unauthenticated, Unavailable
from scoreboard.facts.entry import Draft, Refused
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.roles import KeyRole, Principal, require
from scoreboard.http.endpoint import PRINCIPAL
from scoreboard.ledger.clock import now_us
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits
from scoreboard.telemetry import log

CREATED, REVOKED = "access.key_created", "access.key_revoked"
FIRST_ADMIN = "first-admin"
THE_PROGRAM = "system:scoreboard"


class Access:
    """Keys of one installation."""

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger = ledger
        self._keys = KeyRegister(ledger.engine, cached_max=limits.cached_keys_max, clock=now_us)
        self._pace = Pace(limits)
        self._saving: asyncio.Task[None] | None = None
        self.on_revoke: list[Callable[[str], None]] = []
        self.on_own_revoke: list[Callable[[str], None]] = []  # by this process

    async def guard(self, scope: Scope, role: str, competition: str | None) -> None:
        """Let a request pass whose key reaches the role; its principal is then in the scope.

        Raises Unauthenticated, Forbidden, TooFast (too many refused keys) or Unavailable.
        """
        try:
            scope[PRINCIPAL] = await self._admit(scope, role, competition)
        except Unavailable:
            raise
        except ScoreboardError as error:
            _log_refusal(scope, error)
            raise

    async def known(self, scope: Scope) -> Principal:
        """Whose key a request shows, whatever it reaches.

        Raises Unauthenticated, TooFast (too many refused keys) or Unavailable.
        """
        try:
            return await self._known(scope)
        except Unavailable:
            raise
        except ScoreboardError as error:
            _log_refusal(scope, error)
            raise

    async def is_official(self, scope: Scope, competition: str) -> bool:
        """Whether a request shows an official's key for the competition; without a key it is not.

        Its principal is then in the scope.
        Raises Unauthenticated for a key that is none, TooFast or Unavailable.
        """
        if not token_of(scope):
            return False
        try:
            scope[PRINCIPAL] = await self._admit(scope, "official", competition)
        except Forbidden:
            return False
        return True

    async def spend(self, principal: Principal, events: int) -> None:
        """Count events by a key; TooFast past the limit."""
        await self._pace.spend(principal.key, events)

    async def named(self, name: str) -> Principal | None:
        """Whoever holds the key of a name, if it is in force; raises Unavailable."""
        keys = (key for key in await self._keys.all() if key.name == name)
        return next((key.principal for key in keys if key.revoked_us is None), None)

    async def ensure_admin(self, *, one_more: bool) -> str | None:
        """A new admin key if no admin key is in force or one more is wanted, to be shown once."""
        admins = [key for key in await self._keys.all() if key.role == "admin"]
        if any(key.revoked_us is None for key in admins) and not one_more:
            return None
        name = f"admin-{secrets.token_hex(3)}" if admins else FIRST_ADMIN
        _, token = await self.create(name=name, role="admin", by=THE_PROGRAM)
        return token

    async def create(
        self, *, name: str, role: KeyRole, by: str, competition: str | None = None
    ) -> tuple[Key, str]:
        """A new key and its token, which is never shown again. Conflict if the name is taken."""
        await self._keys.ensure_free(name)
        key, token = self._keys.propose(
            name=name, role=role, competition=competition, created_by=by
        )
        # First the entry: a key that nobody can account for must not exist.
        await self._record(CREATED, key, by)
        await self._keys.insert(key, token)
        return key, token

    async def revoke(self, id_: str, *, by: str) -> Key:
        """Revoke a key at once; NotFound if there is none."""
        key = await self._keys.revoke(id_)
        self._tell_of(id_)
        for told in self.on_own_revoke:
            told(id_)
        await self._record(REVOKED, key, by)
        return key

    def revoked_elsewhere(self, id_: str) -> None:
        """Another process has revoked a key: forget it here at once, too."""
        self._keys.forget(id_)
        self._tell_of(id_)

    def _tell_of(self, id_: str) -> None:
        for told in self.on_revoke:
            told(id_)

    async def keys(self) -> list[Key]:
        """All keys, without secrets."""
        await self._saved()
        await self._keys.save_uses()
        return await self._keys.all()

    async def close(self) -> None:
        """Write what is not written yet."""
        await self._saved()
        with contextlib.suppress(Unavailable):
            await self._keys.save_uses()

    async def _admit(self, scope: Scope, role: str, competition: str | None) -> Principal:
        principal = await self._known(scope)
        require(principal, role, competition)
        return principal

    async def _known(self, scope: Scope) -> Principal:
        address = address_of(scope)
        token = token_of(scope)
        if not token:
            raise Unauthenticated(
                "a key is needed here", hint="send `Authorization: Bearer sb_...`"
            )
        try:
            key = await self._keys.find(token)
        except Unauthenticated:
            # Only refused keys are slowed down: behind one address may be a whole venue.
            await self._pace.ensure_trusted(address)
            await self._pace.distrust(address)
            raise
        self._save_behind()
        return key.principal

    def _save_behind(self) -> None:
        if self._keys.uses_waiting and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save())

    async def _saved(self) -> None:
        """What is being saved already is saved."""
        if self._saving is not None:
            await asyncio.gather(self._saving, return_exceptions=True)

    async def _save(self) -> None:
        try:
            await self._keys.save_uses()
        except Unavailable as error:
            log.warning("last use of keys not saved", reason=error.message)

    async def _record(self, type_: str, key: Key, by: str) -> None:
        said = {"key": key.id, "name": key.name, "role": key.role, "competition": key.competition}
        draft = Draft(
            competition=SYSTEM,
            source=SYSTEM,
            id=f"{type_}-{key.id}-{secrets.token_hex(4)}",
            type=type_,
            actor=by,
            subject=key.id,
            data=msgspec.json.encode(said),
        )
        (fate,) = await self._ledger.append([draft])
        if isinstance(fate, Refused):
            raise Unavailable(f"the ledger refused the entry: {fate.message}", retry_after_s=1.0)


def _log_refusal(scope: Scope, error: ScoreboardError) -> None:
    telemetry.ACCESS_REFUSED.labels(error.code).inc()
    log.warning(
        "access refused",
        code=error.code,
        reason=error.message,
        method=scope.get("method"),
        path=scope["path"],
        address=address_of(scope),
    )


def principal_of(request: Request) -> Principal:
    """Who makes the request; the guard has let it in."""
    principal: Principal = request.scope[PRINCIPAL]
    return principal


def token_of(scope: Scope) -> str:
    """The bearer token of a request (RFC 6750, section 2.1); "" if there is none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""


def address_of(scope: Scope) -> str:
    """The network address that a request came from."""
    client = scope.get("client")
    return client[0] if client else "unknown"
