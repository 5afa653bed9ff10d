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
from urllib.parse import urlsplit

import jwt
from msgspec import Struct

from scoreboard.access.jwks import KeySet
from scoreboard.errors import CannotStart, Unauthenticated
from scoreboard.facts.names import is_id
from scoreboard.facts.roles import Principal
from scoreboard.settings import Players
from scoreboard.telemetry import log

TOKEN_CHARACTERS_MAX = 8_192
SUBJECT_CHARACTERS_MAX = 255  # OpenID Connect Core 1.0, section 2
USUAL_WITH_SECRET = ("HS256",)
USUAL_WITH_KEYS = ("RS256", "ES256")
DERIVED = re.compile(r"u-[0-9a-f]{40}").fullmatch
UNREADABLE = (jwt.PyJWTError, ValueError, OverflowError, RecursionError)
LAST_S = 253_402_300_799  # 9999-12-31T23:59:59Z: calendars here end with it, tokens may not
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
        published = bool(players.jwks_url)
        usual = USUAL_WITH_KEYS if published else USUAL_WITH_SECRET
        self._algorithms = list(players.algorithms or usual)
        self._players = players
        self._options: Any = {
            "require": ["exp", "sub"],
            "verify_aud": bool(players.audience),
            "verify_iss": bool(players.issuer),
        }
        _refuse_confusion(players, self._algorithms)
        self._keys = _keys_of(players, self._algorithms) if published else None
        self._secret = b"" if published else _secret_of(players, self._algorithms)

    async def read(self, token: str) -> User:
        """Who a token speaks for.

        Raises Unauthenticated for one that is not to be believed, Unavailable if its key cannot be
        had now.
        """
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Unauthenticated("this token is too long", hint="it is no token of ours")
        try:
            key = self._secret if self._keys is None else await self._named(token, self._keys)
            claims = jwt.decode(
                token,
                key,
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

    async def _named(self, token: str, keys: KeySet) -> jwt.PyJWK:
        """The key that a token's head names; it is looked for among trusted ones alone."""
        head = jwt.get_unverified_header(token)
        algorithm, kid = head.get("alg"), head.get("kid")
        if algorithm not in self._algorithms:
            raise jwt.InvalidAlgorithmError("the specified alg value is not allowed")
        return await keys.key(kid, algorithm)

    async def close(self) -> None:
        """Wait for what is being read."""
        if self._keys is not None:
            await self._keys.close()


def _refuse_confusion(players: Players, algorithms: list[str]) -> None:
    """CannotStart where a public key could be taken for a secret, or anybody's token for ours."""
    published = bool(players.jwks_url)
    if published and (players.secret or players.secret_file):
        raise CannotStart(
            "players has a secret and a jwks_url: tokens are signed with one or the other",
            hint="leave one of them out",
        )
    wrong = [name for name in algorithms if name.startswith("HS") == published]
    if wrong:
        what = "a published key" if published else "a shared secret"
        raise CannotStart(
            f"players.algorithms has {', '.join(wrong)}, which {what} cannot verify",
            hint="leave it out, or name such as RS256" if published else "leave it out",
        )
    if published and not (players.issuer and players.audience):
        raise CannotStart(
            "with players.jwks_url, players.issuer and players.audience must be named",
            hint="else a token that was made for any other program would be taken",
        )


def _keys_of(players: Players, algorithms: list[str]) -> KeySet:
    url = urlsplit(players.jwks_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise CannotStart(f"players.jwks_url {players.jwks_url} is no address of a key set")
    if url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        log.warning("keys of tokens are read without TLS", url=players.jwks_url)
    return KeySet(
        players.jwks_url,
        algorithms,
        every_s=players.keys_every_s,
        again_s=players.keys_again_s,
        stale_s=players.keys_stale_s,
    )


def _user_of(claims: dict[str, Any]) -> User:
    sub = claims["sub"]
    if not (0 < len(sub) <= SUBJECT_CHARACTERS_MAX and sub.isprintable()):
        raise Unauthenticated("this token's `sub` is nobody's name", hint=LATE)
    return User(sub=sub, entrant=entrant_of(sub), exp=min(float(claims["exp"]), LAST_S))


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
