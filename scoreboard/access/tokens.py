"""Tokens of users: JSON Web Tokens (RFC 7519) by the PyJWT library.

A token says who its bearer is (`sub`) and until when (`exp`); both must be there. Which signatures
are taken is the installation's setting alone: what a token's head says of itself is compared with
it and never followed, so neither `alg: none` nor a public key passed off as a shared secret gets in
(RFC 8725, sections 3.1 and 3.2).

A user is an entrant by its `sub`, if that is spelled as our ids are. Any other (`auth0|5f1c`, a
mail address) becomes `u-` and 40 hexadecimal digits of its SHA-256, always the same; a `sub` that
itself looks like that is changed too, so that nobody can choose to be somebody else.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
from msgspec import Struct

from scoreboard.errors import CannotStart, Unauthenticated
from scoreboard.facts.names import is_id
from scoreboard.facts.roles import Principal
from scoreboard.settings import Players

TOKEN_CHARACTERS_MAX = 8_192
SUBJECT_CHARACTERS_MAX = 255  # OpenID Connect Core 1.0, section 2
USUAL_WITH_SECRET = ("HS256",)
DERIVED = re.compile(r"u-[0-9a-f]{40}").fullmatch
UNREADABLE = (jwt.PyJWTError, ValueError, OverflowError, RecursionError)
LATE = "ask for a new one where you signed in"


class User(Struct, frozen=True, kw_only=True):
    """Whose token it is: `sub` as it says, `entrant` as it takes part; `exp` in seconds (epoch)."""

    sub: str
    entrant: str
    exp: float

    @property
    def principal(self) -> Principal:
        """The user as the gate knows it."""
        return Principal(key=self.entrant, name=self.entrant, role="player")

    def is_named(self, name: object) -> bool:
        """Whether a name is this user's, as the token or as boards have it."""
        return name in (self.sub, self.entrant)


def entrant_of(sub: str) -> str:
    """The id under which a `sub` takes part."""
    if is_id(sub) and not DERIVED(sub):
        return sub
    return "u-" + sha256(sub.encode()).hexdigest()[:40]


class Tokens:
    """Reads tokens by one installation's settings."""

    def __init__(self, players: Players) -> None:
        """CannotStart if the settings would let anybody in, or nobody."""
        self._algorithms = list(players.algorithms or USUAL_WITH_SECRET)
        self._players = players
        self._options: Any = {
            "require": ["exp", "sub"],
            "verify_aud": bool(players.audience),
            "verify_iss": bool(players.issuer),
        }
        wrong = [name for name in self._algorithms if not name.startswith("HS")]
        if wrong:
            raise CannotStart(
                f"players.algorithms has {', '.join(wrong)}, which a shared secret cannot verify",
                hint="leave it out, or name HS256, HS384 or HS512",
            )
        self._secret = _secret_of(players, self._algorithms)

    async def read(self, token: str) -> User:
        """Who a token speaks for; Unauthenticated for one that is not to be believed."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Unauthenticated("this token is too long", hint="it is no token of ours")
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=self._algorithms,
                audience=self._players.audience or None,
                issuer=self._players.issuer or None,
                leeway=self._players.leeway_s,
                options=self._options,
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("this token has expired", hint=LATE) from error
        except UNREADABLE as error:
            raise Unauthenticated(f"this token is not good: {error}", hint=LATE) from error
        return _user_of(claims)


def _user_of(claims: dict[str, Any]) -> User:
    sub = claims["sub"]
    if not (0 < len(sub) <= SUBJECT_CHARACTERS_MAX and sub.isprintable()):
        raise Unauthenticated("this token's `sub` is nobody's name", hint=LATE)
    return User(sub=sub, entrant=entrant_of(sub), exp=float(claims["exp"]))


def _secret_of(players: Players, algorithms: list[str]) -> bytes:
    """The secret, as long as the signatures that are made with it (RFC 7518, section 3.2)."""
    secret = players.secret.encode()
    if players.secret_file:
        try:
            secret = Path(players.secret_file).read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise CannotStart(
                f"cannot read players.secret_file {players.secret_file}: {error.strerror}"
            ) from error
    if not secret:
        raise CannotStart(
            "the players' listener has nothing to verify tokens with",
            hint="set players.secret_file, or leave players_port out",
        )
    least = max(int(name[2:]) // 8 for name in algorithms)
    if len(secret) < least:
        raise CannotStart(
            f"the secret of players has fewer than {least} bytes: it can be guessed",
            hint="make one with `openssl rand -base64 96`",
        )
    return secret
