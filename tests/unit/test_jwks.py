"""Tokens signed with keys that somebody publishes: rotated, withdrawn, out of reach, not ours."""

import asyncio
import base64
import contextlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from scoreboard.access import jwks
from scoreboard.access.jwks import BODY_BYTES_MAX, KeySet, usable
from scoreboard.access.tokens import Tokens
from scoreboard.errors import CannotStart, Unauthenticated, Unavailable
from scoreboard.settings import Players

NAMED = {"issuer": "https://id.test", "audience": "scoreboard"}
RSA = rsa.generate_private_key(65_537, 2_048)
OTHER_RSA = rsa.generate_private_key(65_537, 2_048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    """A key as its owner publishes it."""
    algorithm = (
        jwt.algorithms.RSAAlgorithm if hasattr(key, "decrypt") else jwt.algorithms.ECAlgorithm
    )
    shown: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return shown | ({} if kid is None else {"kid": kid}) | more


def token(key: Any, algorithm: str, kid: str | None) -> str:
    claims = {"sub": "ada", "exp": int(time.time()) + 60}
    claims |= {"iss": NAMED["issuer"], "aud": NAMED["audience"]}
    return jwt.encode(claims, key, algorithm, headers={} if kid is None else {"kid": kid})


class Provider:
    """Who publishes keys: what is answered may be changed; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = "200 OK"
        self.body = b""
        self.url = ""

    def publish(self, *keys: dict[str, Any]) -> None:
        self.status, self.body = "200 OK", json.dumps({"keys": keys}).encode()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n"
        writer.write(
            f"{head}Location: {self.url}\r\nConnection: close\r\n\r\n".encode() + self.body
        )
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def provider(*keys: dict[str, Any]) -> AsyncIterator[Provider]:
    one = Provider()
    one.publish(*keys)
    server = await asyncio.start_server(one.answer, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    try:
        yield one
    finally:
        server.close()
        await server.wait_closed()


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def keys_at(url: str, clock: Clock) -> KeySet:
    algorithms = ["RS256", "ES256"]
    return KeySet(url, algorithms, every_s=300, again_s=10, stale_s=3_600, clock=clock)


async def test_tokens_are_believed_that_are_signed_with_a_published_key() -> None:
    async with provider(public(RSA, "r"), public(CURVE, "c")) as one:
        tokens = Tokens(Players(jwks_url=one.url, **NAMED))
        assert (await tokens.read(token(RSA, "RS256", "r"))).sub == "ada"
        assert (await tokens.read(token(CURVE, "ES256", "c"))).sub == "ada"
        assert (await tokens.read(token(CURVE, "ES256", None))).sub == "ada"  # there is but one
        assert one.asked == 1
        for wrong in (
            token(OTHER_RSA, "RS256", "r"),
            token(RSA, "RS256", "c"),
            token(RSA, "RS384", "r"),
            token("x" * 64, "HS256", "r"),
        ):
            with pytest.raises(Unauthenticated):
                await tokens.read(wrong)


def forged(secret: bytes) -> str:
    """A token of anybody's, signed with what everybody can read (RFC 8725, section 2.1)."""
    claims = {"sub": "ada", "exp": 4_000_000_000, "iss": NAMED["issuer"], "aud": "scoreboard"}
    parts = [json.dumps(one).encode() for one in ({"alg": "HS256", "kid": "r"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + signature).decode()


async def test_a_public_key_is_no_shared_secret() -> None:
    pem = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    async with provider(public(RSA, "r"), {"kty": "oct", "k": "c2VjcmV0", "kid": "o"}) as one:
        tokens = Tokens(Players(jwks_url=one.url, **NAMED))
        with pytest.raises(Unauthenticated):
            await tokens.read(forged(pem))


async def test_a_new_key_is_found_when_a_token_names_it_and_a_withdrawn_one_is_forgotten() -> None:
    clock = Clock()
    async with provider(public(RSA, "old")) as one:
        keys = keys_at(one.url, clock)
        assert await keys.key("old", "RS256")
        one.publish(public(OTHER_RSA, "new"))
        clock.now_s += 11
        assert await keys.key("new", "RS256")
        assert one.asked == 2
        with pytest.raises(Unauthenticated):
            await keys.key("old", "RS256")


async def test_keys_that_tokens_invent_cost_no_more_than_a_read_now_and_then() -> None:
    clock = Clock()
    async with provider(public(RSA, "r")) as one:
        keys = keys_at(one.url, clock)
        invented = [keys.key(f"invented-{n}", "RS256") for n in range(50)]
        refused = await asyncio.gather(*invented, return_exceptions=True)
        assert {type(error) for error in refused} == {Unauthenticated}
        assert one.asked == 1
        clock.now_s += 11
        with pytest.raises(Unauthenticated):
            await keys.key("invented", "RS256")
        assert one.asked == 2


async def test_known_keys_go_on_while_nobody_answers_and_unknown_ones_are_told_to_wait() -> None:
    clock = Clock()
    async with provider(public(RSA, "r")) as one:
        keys = keys_at(one.url, clock)
        assert await keys.key("r", "RS256")
        one.status = "503 Service Unavailable"
        clock.now_s += 301
        assert await keys.key("r", "RS256")  # at once: what is read again is not waited for
        await keys.close()
        assert one.asked == 2
        with pytest.raises(Unavailable) as waits:
            await keys.key("new", "RS256")
        assert waits.value.retry_after_s == 10
        assert await keys.key("r", "RS256")
        clock.now_s += 3_600
        with pytest.raises(Unavailable):  # a key that was withdrawn must not count for ever
            await keys.key("r", "RS256")
        one.publish(public(RSA, "r"))
        clock.now_s += 11
        assert await keys.key("r", "RS256")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", b"not JSON"),
        ("200 OK", b"[]"),
        ("200 OK", b'{"keys": {}}'),
        ("200 OK", b" " * (BODY_BYTES_MAX + 1)),
        ("302 Found", b""),
    ],
)
async def test_what_is_no_key_set_is_none(status: str, body: bytes) -> None:
    async with provider() as one:
        one.status, one.body = status, body
        with pytest.raises(Unavailable):
            await keys_at(one.url, Clock()).key("r", "RS256")
        assert one.asked == 1


async def test_an_answer_without_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with contextlib.suppress(ConnectionError):
            while True:  # never silent for long, and never done
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()

    monkeypatch.setattr(jwks, "READ_S", 0.2)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    keys = keys_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys", Clock())
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable):
            await keys.key("r", "RS256")
        await keys.close()
    server.close()


def test_only_keys_that_verify_signatures_well_are_used() -> None:
    weak = rsa.generate_private_key(65_537, 1_024)
    listed = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        public(weak, "weak"),
        public(RSA, "encrypts", use="enc"),
        public(RSA, "another algorithm", alg="RS512"),
        public(RSA, "rsa"),
        public(RSA, "stated", alg="RS256", use="sig"),
        public(CURVE, "curve"),
        {"kty": "RSA", "kid": "broken", "n": "", "e": ""},
        {"kty": "unheard-of", "kid": "strange"},
        "no object",
    ]
    found = usable({"keys": listed}, ["RS256", "ES256"])
    assert set(found) == {("rsa", "RS256"), ("stated", "RS256"), ("curve", "ES256")}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"jwks_url": "https://id.test/keys"}, "issuer and players.audience must be named"),
        ({"jwks_url": "ftp://id.test/keys", **NAMED}, "no address of a key set"),
        ({"jwks_url": "https://id.test/keys", "secret": "x" * 32, **NAMED}, "one or the other"),
        (
            {"jwks_url": "https://id.test/keys", "algorithms": ("RS256", "HS256"), **NAMED},
            "HS256, which a published key cannot verify",
        ),
    ],
)
def test_settings_that_would_take_anybodys_token_are_refused(
    said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(CannotStart, match=reason):
        Tokens(Players(**said))
