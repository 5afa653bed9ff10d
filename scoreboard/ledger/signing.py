"""The installation's key, and heads signed with it.

A signature is Ed25519 (RFC 8032) over the msgpack array [ledger, position, hash, signed_us]. Who
keeps a signed head can later show that the ledger was not rewritten up to there.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from scoreboard.facts.entry import Head

FILE = "installation.key"
_encode = msgspec.msgpack.Encoder().encode


class SignedHead(Struct, frozen=True):
    """A line of the register of signed heads; `public_key` and `signature` as Ed25519 has them."""

    position: int
    hash: bytes
    signed_us: int
    public_key: bytes
    signature: bytes


class InstallationKey:
    """The private key of this installation; it never leaves its file."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    @classmethod
    def load_or_make(cls, folder: Path) -> "InstallationKey":
        """The key in the data folder; made with the first use, readable by its owner alone."""
        path = folder / FILE
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
        private = Ed25519PrivateKey.generate()
        with os.fdopen(descriptor, "wb") as file:
            file.write(private.private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
        return cls(private)

    def sign(self, head: Head, signed_us: int) -> dict[str, Any]:
        """A row of the register of signed heads."""
        message = message_of(head.ledger, head.position, head.hash, signed_us)
        return {
            "position": head.position,
            "hash": head.hash,
            "signed_us": signed_us,
            "public_key": self.public,
            "signature": self._private.sign(message),
        }

    def sign_bytes(self, message: bytes) -> bytes:
        """The signature of a message; a JSON text can never be taken for a head's."""
        return self._private.sign(message)


def message_of(ledger: str, position: int, hash_: bytes, signed_us: int) -> bytes:
    """What is signed."""
    return _encode([ledger, position, hash_, signed_us])


def is_signed(ledger: str, row: Any) -> bool:
    """Whether a row of the register carries a good signature by the key that it names."""
    message = message_of(ledger, row.position, row.hash, row.signed_us)
    return is_good(row.public_key, row.signature, message)


def is_good(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature of a message is by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_of(public_key: bytes) -> str:
    """A name of a public key that people can compare: its SHA-256, in groups of four."""
    digits = sha256(public_key).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
