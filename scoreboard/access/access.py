"""The guard before every handler that asks for a role, and the administration of keys and sessions.

    Authorization: Bearer sb_<id>_<secret>  ─▶ address not distrusted ─▶ key ─▶ role, competition
    Cookie: <id>.<secret>                   ─▶ a page of this server ─▶ session ─▶ its key ─▶ ...

A session stands where there is no key. Every refusal is logged and counted. Making and revoking
keys, logging in and out are entries of the ledger's own stream, without the secret.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.types import Scope

from scoreboard import telemetry
from scoreboard.access.browser import cookie_of, ensure_own_page
from scoreboard.access.keys import Key, KeyRegister
from scoreboard.access.pace import Pace
from scoreboard.access.refusals import Refusals
from scoreboard.access.sessions import Session, SessionRegister, no_session
from scoreboard.database.engine import make_engine
from scoreboard.errors import Conflict, Forbidden, ScoreboardError, Unauthenticated, Unavailable
from scoreboard.facts.entry import Draft, Refused
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.roles import KeyRole, Principal, reaches, require
from scoreboard.http.endpoint import PRINCIPAL
from scoreboard.http.scope import address_of
from scoreboard.ledger.clock import now_us
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings
from scoreboard.telemetry import log

CREATED, REVOKED = "access.key_created", "access.key_revoked"
LOGGED_IN, LOGGED_OUT = "access.logged_in", "access.logged_out"
FIRST_ADMIN = "first-admin"
THE_PROGRAM = "system:scoreboard"
LOOK_AGAIN_S = 15.0  # how often keys and sessions are read by which streams are open


class Access:
    """Keys and sessions of one installation; `cookie`: the name of the cookie of a session.

    It is the installation's own: browsers do not keep the cookies of one host's ports apart.
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        limits = settings.limits
        self.cookie = f"scoreboard-{ledger.head.ledger[:8]}"
        self._ledger = ledger
        # Of its own: whoever reads much must not keep those waiting who show a key.
        self._engine = make_engine(settings.ledger_url, pool_size=settings.key_connections)
        self._keys = KeyRegister(self._engine, cached_max=limits.cached_keys_max, clock=now_us)
        self._sessions = SessionRegister(self._engine, settings.sessions, clock=now_us)
        self._pace = Pace(limits)
        self.refusals = Refusals(limits.refusals_kept_max, clock=now_us)
        self._saving: asyncio.Task[None] | None = None
        self._creating = asyncio.Lock()  # of two keys of one name the second finds the first
        self.on_revoke: list[Callable[[str], None]] = []  # the id of a key or of a session
        self.on_own_revoke: list[Callable[[str], None]] = []  # by this process

    async def guard(self, scope: Scope, role: str, competition: str | None) -> None:
        """Let a request pass whose key or session reaches the role; its principal is then in the
        scope.

        Raises Unauthenticated, Forbidden, TooFast (too many refused keys) or Unavailable.
        """
        try:
            scope[PRINCIPAL] = await self._admit(scope, role, competition)
        except Unavailable:
            raise
        except ScoreboardError as error:
            self._refuse(scope, error)
            raise

    async def known(self, scope: Scope) -> Principal:
        """Whose key or session a request shows, whatever it reaches.

        Raises Unauthenticated, Forbidden (a session, on a page of another server), TooFast (too
        many refused keys) or Unavailable.
        """
        try:
            return await self._known(scope)
        except Unavailable:
            raise
        except ScoreboardError as error:
            self._refuse(scope, error)
            raise

    async def visitor(self, scope: Scope) -> Principal | None:
        """The same of those who need not show any; a session that is over is none.

        So a screen that somebody was logged in at goes on with what everybody may see.
        """
        token = token_of(scope)
        if not token and not cookie_of(scope, self.cookie):
            return None
        try:
            return await self.known(scope)
        except Unauthenticated:
            if token:
                raise
            return None

    async def is_official(self, scope: Scope, competition: str) -> bool:
        """Whether a request shows an official's key for the competition; without a key it is not.

        Its principal is then in the scope.
        Raises Unauthenticated for a key that is none, TooFast or Unavailable.
        """
        principal = await self.visitor(scope)
        if principal is None:
            return False
        try:
            require(principal, "official", competition)
        except Forbidden:
            return False
        scope[PRINCIPAL] = principal
        return True

    async def log_in(self, scope: Scope, token: str, agent: str) -> tuple[Principal, Session, str]:
        """Begin a session with a key: who it is, the session, and its cookie's value.

        Raises Unauthenticated, Forbidden (a page of another server asks), TooFast or Unavailable.
        """
        try:
            ensure_own_page(scope)
            principal = await self._by_key(scope, token)
        except Unavailable:
            raise
        except ScoreboardError as error:
            self._refuse(scope, error)
            raise
        session, cookie = self._sessions.propose(
            key=principal.key, address=address_of(scope), agent=agent
        )
        # First the entry, as of a key.
        await self._record_session(LOGGED_IN, session, principal.name, principal.actor)
        await self._sessions.insert(session, cookie)
        return msgspec.structs.replace(principal, session=session.id), session, cookie

    async def sessions(self, principal: Principal) -> list[tuple[Session, Key]]:
        """The sessions that somebody may see, and their keys: of the own key, an admin's all."""
        await self._saved()
        await self._sessions.save_uses()
        every = reaches(principal, "admin") and principal.competition is None
        found = await self._sessions.all(None if every else principal.key)
        keys = {key.id: key for key in await self._keys.all()} if found else {}
        return [(one, keys[one.key]) for one in found if one.key in keys]

    async def log_out(self, id_: str, principal: Principal) -> None:
        """End a session at once; NotFound if there is none that the principal may end."""
        found = await self.sessions(principal)
        session, key = next((one for one in found if one[0].id == id_), (None, None))
        if session is None or key is None:
            raise no_session(id_)
        await self._sessions.end(id_)
        self._revoked_here(id_)
        await self._record_session(LOGGED_OUT, session, key.name, principal.actor)

    def ends_us(self, session: Session) -> int:
        """When a session ends if nobody uses it."""
        return self._sessions.ends_us(session)

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
        async with self._creating:
            await self._keys.ensure_free(name)
            key, token = self._keys.propose(
                name=name, role=role, competition=competition, created_by=by
            )
            # First the entry: a key that nobody can account for must not exist.
            await self._record_key(CREATED, key, by)
            try:
                await self._keys.insert(key, token)
            except Conflict:  # another process was first
                await self._record_key(REVOKED, key, by)
                raise
        return key, token

    async def revoke(self, id_: str, *, by: str) -> Key:
        """Revoke a key at once; NotFound if there is none."""
        key = await self._keys.revoke(id_)
        self._revoked_here(id_)
        await self._sessions.end_of(id_)
        await self._record_key(REVOKED, key, by)
        return key

    def revoked_elsewhere(self, id_: str) -> None:
        """Another process has revoked a key or ended a session: forget it here at once, too."""
        self._keys.forget(id_)
        self._tell_of(id_)

    def _revoked_here(self, id_: str) -> None:
        self._tell_of(id_)
        for told in self.on_own_revoke:
            told(id_)

    async def look_again(self, shown: Callable[[], set[str]], stop: asyncio.Event) -> None:
        """Read now and then the keys and sessions that opened streams.

        Word of a revocation may be lost, and of a session that is over nobody sends one.
        """
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_AGAIN_S)
            with contextlib.suppress(Unavailable):
                await self.end_revoked(shown())

    async def end_revoked(self, shown: set[str]) -> None:
        """Tell of those among some keys and sessions that are in force no more.

        Raises Unavailable.
        """
        if shown:
            in_force = {key.id for key in await self._keys.all() if key.revoked_us is None}
            for id_ in await self._sessions.over(shown - in_force):
                self.revoked_elsewhere(id_)

    def _tell_of(self, id_: str) -> None:
        for told in self.on_revoke:
            told(id_)

    async def keys(self) -> list[Key]:
        """All keys, without secrets."""
        await self._saved()
        await self._keys.save_uses()
        return await self._keys.all()

    async def close(self) -> None:
        """Write what is not written yet, and let go of all connections."""
        await self._saved()
        with contextlib.suppress(Unavailable):
            await self._keys.save_uses()
            await self._sessions.save_uses()
        await self._engine.dispose()

    async def _admit(self, scope: Scope, role: str, competition: str | None) -> Principal:
        principal = await self._known(scope)
        require(principal, role, competition)
        return principal

    async def _known(self, scope: Scope) -> Principal:
        if token := token_of(scope):
            return await self._by_key(scope, token)
        if cookie := cookie_of(scope, self.cookie):
            ensure_own_page(scope)
            return await self._by_session(cookie)
        raise Unauthenticated(
            "a key is needed here", hint="send `Authorization: Bearer sb_...`, or log in at /login"
        )

    async def _by_session(self, cookie: str) -> Principal:
        session = await self._sessions.find(cookie)
        if session is None:
            raise Unauthenticated("this session has ended", hint="log in again at /login")
        key = await self._keys.of_session(session.key)
        self._save_behind()
        return msgspec.structs.replace(key.principal, session=session.id)

    async def _by_key(self, scope: Scope, token: str) -> Principal:
        address = address_of(scope)
        try:
            key = await self._keys.find(token)
        except Unauthenticated:
            # Only refused keys are slowed down: behind one address may be a whole venue.
            await self._pace.ensure_trusted(address)
            await self._pace.distrust(address)
            raise
        self._save_behind()
        return key.principal

    def _refuse(self, scope: Scope, error: ScoreboardError) -> None:
        telemetry.ACCESS_REFUSED.labels(error.code).inc()
        address, method, path = address_of(scope), scope.get("method"), scope["path"]
        log.warning(
            "access refused",
            code=error.code,
            reason=error.message,
            method=method,
            path=path,
            address=address,
        )
        logs_in = method == "POST" and path.endswith("/sessions")
        if logs_in or token_of(scope) or cookie_of(scope, self.cookie):  # who shows none, asks
            competition = scope.get("path_params", {}).get("competition", "")
            self.refusals.note(address, error, f"{method or 'WebSocket'} {path}", competition)

    def _save_behind(self) -> None:
        waiting = self._keys.uses_waiting or self._sessions.uses_waiting
        if waiting and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save())

    async def _saved(self) -> None:
        """What is being saved already is saved."""
        if self._saving is not None:
            await asyncio.gather(self._saving, return_exceptions=True)

    async def _save(self) -> None:
        try:
            await self._keys.save_uses()
            await self._sessions.save_uses()
        except Unavailable as error:
            log.warning("last use of keys and sessions not saved", reason=error.message)

    async def _record_key(self, type_: str, key: Key, by: str) -> None:
        said = {"key": key.id, "name": key.name, "role": key.role, "competition": key.competition}
        await self._record(type_, key.id, said, by)

    async def _record_session(self, type_: str, session: Session, name: str, by: str) -> None:
        said = {"session": session.id, "key": session.key, "name": name}
        await self._record(type_, session.id, {**said, "address": session.address}, by)

    async def _record(self, type_: str, of: str, said: dict[str, Any], by: str) -> None:
        draft = Draft(
            competition=SYSTEM,
            source=SYSTEM,
            id=f"{type_}-{of}-{secrets.token_hex(4)}",
            type=type_,
            actor=by,
            subject=of,
            data=msgspec.json.encode(said),
        )
        (fate,) = await self._ledger.append([draft])
        if isinstance(fate, Refused):
            raise Unavailable(f"the ledger refused the entry: {fate.message}", retry_after_s=1.0)


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
