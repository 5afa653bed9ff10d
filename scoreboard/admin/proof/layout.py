"""What stands in a bundle.

README.txt       how to check it
public-key.pem   the installation's key (Ed25519)
ledger.ndjson    a line an entry, as in `admin.export`: of other competitions the leaves alone
heads.ndjson     the heads of the ledger that were signed up to there, `Signed` a line
boards/*.json    every board as officials see it at the position: envelope and content
manifest.json    `Manifest`: position, hash, counts, and the SHA-256 of every member above
manifest.sig     the signature of manifest.json, 64 bytes
"""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from scoreboard.ledger.signing import SignedHead

FORMAT = "scoreboard bundle 1"
README, KEY, LEDGER, HEADS = "README.txt", "public-key.pem", "ledger.ndjson", "heads.ndjson"
BOARDS = "boards/"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


class Member(Struct, frozen=True):
    """A file of the bundle: how long it is, and its SHA-256 in hex."""

    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle says of itself; signed.

    `hash` (hex) is that of the entry at `position`, up to which everything is told. `entries` are
    told in full, `leaves` by their leaf. `program`: the version that made the boards, each with
    `board_rows_max` rows at most.
    """

    format: str
    program: str
    ledger: str
    competition: str
    frozen: bool
    position: int
    hash: str
    entries: int
    leaves: int
    board_rows_max: int
    made: str
    members: dict[str, Member]


class Signed(Struct, frozen=True, kw_only=True):
    """A signed head as a line; bytes in hex, see `ledger.signing`."""

    position: int
    hash: str
    signed_us: int
    public_key: str
    signature: str

    @classmethod
    def of(cls, head: SignedHead) -> "Signed":
        """The line of a head."""
        return cls(
            position=head.position,
            hash=head.hash.hex(),
            signed_us=head.signed_us,
            public_key=head.public_key.hex(),
            signature=head.signature.hex(),
        )

    def head(self) -> SignedHead:
        """The head of a line; ValueError if it is not hex."""
        return SignedHead(
            self.position,
            bytes.fromhex(self.hash),
            self.signed_us,
            bytes.fromhex(self.public_key),
            bytes.fromhex(self.signature),
        )


def member_of(body: bytes) -> Member:
    """What the manifest says of a member."""
    return Member(len(body), sha256(body).hexdigest())


def board_member(board: str) -> str:
    """The file of a board; no system's files may have a colon in their names."""
    return f"{BOARDS}{board.replace(':', '-', 1)}.json"


def pem_of(public_key: bytes) -> bytes:
    """A public key as other programs read it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def readme(
    *, competition: str, position: int, made: str, fingerprint: str, program: str, frozen: bool
) -> bytes:
    """The words for whoever opens a bundle."""
    warning = FROZEN if frozen else ""
    return README_TEXT.format(
        competition=competition,
        position=position,
        made=made,
        fingerprint=fingerprint,
        program=program,
        warning=warning,
    ).encode()


FROZEN = """
!! This competition is FROZEN for the public. The boards and entries in this bundle are what
!! officials see. Do not give it to anybody who may not see them.
"""
README_TEXT = """\
Proof of the competition {competition}, up to position {position} of its ledger.
Made {made} by scoreboard {program}.

This bundle is what officials see: every entry with who sent it, and every board.
{warning}
Check it with the program, without any server or network:

    scoreboard verify bundle.zip

It checks the chain of hashes from the first entry of the ledger, every payload, every version,
the signed heads and all files by the signed manifest, and folds the entries again: the boards must
come out as they stand here. Then compare the fingerprint of the key with the one that the
organisers tell you by another way; who made this bundle up would have used another key:

    {fingerprint}

Or check it by hand:

  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin \\
    -in manifest.json -sigfile manifest.sig
  every file by its SHA-256 in manifest.json

  ledger.ndjson  A line an entry. digest = SHA-256(salt + data). leaf = SHA-256(MessagePack array of
                 position, competition, contest, source, id, type, schema, action, record, version,
                 actor, received, time, sent, subject, place, reason, flags, extensions, digest,
                 origin_ledger, origin_position, origin_hash; null for what a line leaves out).
                 hash = SHA-256(hash before + leaf), beginning with 32 zero bytes. Of other
                 competitions a line has the leaf alone. A payload that was erased by request is
                 left out; an entry of the type ledger.erased says why.
  heads.ndjson   Ed25519 over the MessagePack array [ledger, position, hash, signed_us].
  boards/        The boards at that position, in JSON.
"""
