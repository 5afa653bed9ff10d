"""The guard of the players' listener: tokens instead of keys.

    Authorization: Bearer <token>  ─▶ signature, issuer, audience, time ─▶ the user

Who is let in may speak of itself alone; what a competition lets users say is for the gate. Refused
tokens are counted by address, and an address with too many waits; good tokens behind it are heard.
"""

from starlette.types import Scope

from scoreboard import telemetry
from scoreboard.access.access import token_of
from scoreboard.access.tokens import Tokens, User
from scoreboard.access.user_pace import UserPace
from scoreboard.errors import Forbidden, ScoreboardError, Unauthenticated, Unavailable
from scoreboard.facts.roles import require
from scoreboard.http.endpoint import PRINCIPAL
from scoreboard.http.scope import address_of
from scoreboard.settings import Settings
from scoreboard.telemetry import log

USER = "scoreboard.user"
"""In the scope of a request that was let in by its token: the user."""


class PlayerAccess:
    """Tokens of one installation."""

    def __init__(self, settings: Settings) -> None:
        """CannotStart if tokens cannot be verified by these settings."""
        self._tokens = Tokens(settings.players)
        self._pace = UserPace(settings.players, settings.limits)

    async def guard(self, scope: Scope, role: str, competition: str | None) -> None:
        """Let a request pass whose token is good; its user is then in the scope.

        Raises Unauthenticated, Forbidden (this listener has nothing for devices and officials),
        TooFast (too many refused tokens) or Unavailable.
        """
        user = await self.known(scope)
        require(user.principal, role, competition)
        scope[USER], scope[PRINCIPAL] = user, user.principal

    async def known(self, scope: Scope) -> User:
        """Whose token a request shows.

        Raises Unauthenticated, TooFast (too many refused tokens) or Unavailable.
        """
        try:
            return await self._admit(token_of(scope), address_of(scope))
        except Unavailable:
            raise
        except ScoreboardError as error:
            telemetry.ACCESS_REFUSED.labels(error.code).inc()
            log.warning(
                "token refused",
                code=error.code,
                reason=error.message,
                method=scope.get("method"),
                path=scope["path"],
                address=address_of(scope),
            )
            raise

    async def close(self) -> None:
        """Wait for what is under way."""
        await self._tokens.close()
        await self._pace.close()

    async def spend(self, scope: Scope) -> None:
        """Count one event of the user and of the address; TooFast past the limit of either."""
        await self._pace.spend(scope[USER].entrant, address_of(scope))

    def suspect(self, scope: Scope, error: Forbidden) -> None:
        """Log and count a user who tried to speak of somebody else, or to say what is not its."""
        telemetry.SUSPICIOUS.inc()
        user: User = scope[USER]
        log.warning(
            "suspicious",
            user=user.entrant,
            reason=error.message,
            pointer=error.pointer,
            path=scope["path"],
            address=address_of(scope),
        )

    async def _admit(self, token: str, address: str) -> User:
        if not token:
            raise Unauthenticated(
                "a token is needed here", hint="send `Authorization: Bearer <your token>`"
            )
        try:
            return await self._tokens.read(token)
        except Unauthenticated:
            await self._pace.distrust(address)
            raise
