"""Checks a bundle by what stands in it alone, and names the first thing that does not verify.

The manifest by its signature; every entry by the chain, its payload, its record's versions; the
signed heads; the boards by folding the entries again; and every file by its digest. That the key is
the organisers' own is for whoever compares its fingerprint.

Reads what strangers made: `UNPACKED_BYTES_MAX` and `LINE_BYTES_MAX` bound it.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec import Struct

from scoreboard import __version__
from scoreboard.admin.export import Leaf, Line, entry_of_line
from scoreboard.admin.proof import layout
from scoreboard.admin.proof.layout import Manifest
from scoreboard.errors import BadInput, ScoreboardError
from scoreboard.facts.document import encode_content
from scoreboard.facts.entry import Entry
from scoreboard.ledger.held import HeldEntries
from scoreboard.ledger.signing import fingerprint_of, is_good, is_signed
from scoreboard.ledger.walk import BadError, Walk
from scoreboard.projections.loading import Loading
from scoreboard.projections.whole import document_of, fold_whole, names_of
from scoreboard.sports.registry import Sports

UNPACKED_BYTES_MAX = 4_000_000_000
LINE_BYTES_MAX = 64_000_000
SMALL_BYTES_MAX = 16_000_000  # of the manifest and the key
EACH_ENTRIES = 1_000  # between two words about progress
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""
UNREADABLE = (
    BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
    struct.error, msgspec.MsgspecError,
)  # fmt: skip


class Checked(Struct, frozen=True, kw_only=True):
    """What was checked; `bad` names the first position, board or file that is not good."""

    competition: str = ""
    ledger: str = ""
    position: int = 0
    made: str = ""
    entries: int = 0
    leaves: int = 0
    records: int = 0
    erased: int = 0
    signed_heads: int = 0
    boards: int = 0
    frozen: bool = False
    fingerprint: str = ""
    bad: str | None = None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """Whether everything verified."""
        return self.bad is None


class _NotGoodError(Exception):
    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason


async def check_bundle(
    file: Path | IO[bytes], sports: Sports, progress: Progress = lambda _what, _done, _all: None
) -> Checked:
    """Check a bundle; BadInput if the file is no zip at all."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{file} is no bundle: {error}") from error
    with archive:
        check = _Check(archive, sports, progress)
        try:
            await check.everything()
        except _NotGoodError as error:
            return check.checked(error.what, error.reason)
        return check.checked()


class _Check:
    def __init__(self, archive: ZipFile, sports: Sports, progress: Progress) -> None:
        self._zip = archive
        self._sports = sports
        self._progress = progress
        self._seen: dict[str, layout.Member] = {}  # the files that were read to their end
        self._heads: dict[int, bytes] = {}
        self._entries: list[Entry] = []
        self._leaves = 0
        self._boards = 0
        self._walk = Walk()
        self._public = b""
        self._manifest: Manifest | None = None

    def checked(self, bad: str | None = None, reason: str | None = None) -> Checked:
        manifest = self._manifest
        found = Checked(
            entries=len(self._entries),
            leaves=self._leaves,
            records=self._walk.records,
            erased=len(self._walk.erased),
            signed_heads=len(self._heads),
            boards=self._boards,
            fingerprint=fingerprint_of(self._public) if self._public else "",
            bad=bad,
            reason=reason,
        )
        if manifest is None:
            return found
        return msgspec.structs.replace(
            found,
            competition=manifest.competition,
            ledger=manifest.ledger,
            position=manifest.position,
            made=manifest.made,
            frozen=manifest.frozen,
        )

    async def everything(self) -> None:
        names = self._zip.namelist()
        if len(set(names)) < len(names):
            raise _NotGoodError("the zip", "a file stands in it twice")
        if sum(info.file_size for info in self._zip.infolist()) > UNPACKED_BYTES_MAX:
            raise _NotGoodError("the zip", f"more than {UNPACKED_BYTES_MAX:,} bytes stand in it")
        manifest = self._manifest = self._signed_manifest()
        expected = {*manifest.members, layout.MANIFEST, layout.SIGNATURE}
        for name in sorted(expected ^ set(names)):
            missing = name in expected
            raise _NotGoodError(name, "is missing" if missing else "the manifest does not name it")
        self._read_heads(manifest)
        self._walk_ledger(manifest)
        await self._fold_again(manifest)
        self._digests(manifest)

    # files --------------------------------------------------------------------------------------

    def _body(self, name: str, most: int) -> bytes:
        try:
            with self._zip.open(name) as file:
                body = file.read(most + 1)
        except KeyError:
            raise _NotGoodError(name, "is missing") from None
        except UNREADABLE as error:
            raise _NotGoodError(name, f"cannot be read: {error}") from error
        if len(body) > most:
            raise _NotGoodError(name, f"has more than {most:,} bytes")
        self._seen[name] = layout.member_of(body)
        return body

    def _lines(self, name: str) -> Iterator[bytes]:
        digest, size = sha256(), 0
        with self._zip.open(name) as file:
            while line := file.readline(LINE_BYTES_MAX):
                digest.update(line)
                size += len(line)
                yield line
        self._seen[name] = layout.Member(size, digest.hexdigest())

    def _digests(self, manifest: Manifest) -> None:
        for name, member in manifest.members.items():
            if name not in self._seen:
                self._body(name, UNPACKED_BYTES_MAX)
            if self._seen[name] != member:
                raise _NotGoodError(name, "is not the file that the manifest was signed with")

    # the manifest -------------------------------------------------------------------------------

    def _signed_manifest(self) -> Manifest:
        try:
            key = load_pem_public_key(self._body(layout.KEY, SMALL_BYTES_MAX))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _NotGoodError(layout.KEY, f"is no public key: {error}") from error
        if not isinstance(key, Ed25519PublicKey):
            raise _NotGoodError(layout.KEY, "is no Ed25519 key")
        self._public = key.public_bytes_raw()
        said = self._body(layout.MANIFEST, SMALL_BYTES_MAX)
        if not is_good(self._public, self._body(layout.SIGNATURE, SMALL_BYTES_MAX), said):
            raise _NotGoodError(layout.MANIFEST, "its signature is not good")
        try:
            manifest = msgspec.json.decode(said, type=Manifest)
        except UNREADABLE as error:
            raise _NotGoodError(layout.MANIFEST, f"cannot be read: {error}") from error
        if manifest.format != layout.FORMAT:
            raise _NotGoodError(layout.MANIFEST, f"{manifest.format} is not known to this program")
        return manifest

    # the chain ----------------------------------------------------------------------------------

    def _read_heads(self, manifest: Manifest) -> None:
        last = 0
        try:
            for line in self._lines(layout.HEADS):
                head = msgspec.json.decode(line, type=layout.Signed).head()
                last = head.position
                if not is_signed(manifest.ledger, head):
                    raise _NotGoodError(f"position {last}", "the head's signature is not good")
                self._heads[last] = head.hash
        except UNREADABLE as error:
            raise _NotGoodError(layout.HEADS, f"cannot be read after {last}: {error}") from error
        if last != manifest.position:
            raise _NotGoodError(f"position {manifest.position}", "no signed head stands there")

    def _walk_ledger(self, manifest: Manifest) -> None:
        walk, versions = self._walk, dict[str, int]()
        try:
            for line in self._lines(layout.LEDGER):
                self._step(line, versions, manifest.competition)
                head = self._heads.get(walk.position, walk.hash)
                if head != walk.hash:
                    raise BadError(walk.position, "the signed head has another hash than the entry")
                if walk.position % EACH_ENTRIES == 0:
                    self._progress("chain", walk.position, manifest.position)
            if walk.position != manifest.position:
                raise BadError(min(walk.position, manifest.position) + 1, "the entry is missing")
            walk.end(bytes.fromhex(manifest.hash))
        except BadError as error:
            raise _NotGoodError(f"position {error.position}", error.reason) from error
        except (*UNREADABLE, KeyError, TypeError) as error:
            where = f"position {walk.position + 1}"
            raise _NotGoodError(where, f"the entry cannot be read: {error}") from error
        self._progress("chain", walk.position, manifest.position)
        counted = (len(self._entries), self._leaves)
        if counted != (manifest.entries, manifest.leaves):
            raise _NotGoodError(layout.LEDGER, "has not as many entries as the manifest says")

    def _step(self, line: bytes, versions: dict[str, int], competition: str) -> None:
        decoded = _leaf_or_line(line)
        if isinstance(decoded, Leaf):
            self._walk.leaf(decoded.position, bytes.fromhex(decoded.leaf))
            self._leaves += 1
            return
        entry = entry_of_line(decoded)
        self._walk.entry(entry)
        if entry.competition != competition:
            raise BadError(entry.position, f"it is of {entry.competition}")
        if entry.version != versions.get(entry.record, 0) + 1:
            raise BadError(entry.position, "its record has no version before it")
        versions[entry.record] = entry.version
        self._entries.append(entry)

    # the boards ---------------------------------------------------------------------------------

    async def _fold_again(self, manifest: Manifest) -> None:
        held = HeldEntries(self._entries)
        loading = Loading(held, self._sports, None)
        try:
            fold = await fold_whole(loading, manifest.competition, manifest.position, held.contests)
            names = names_of(fold)
        except Exception as error:  # whatever a forger's entries make the rules stumble on
            said = error.message if isinstance(error, ScoreboardError) else repr(error)
            raise _NotGoodError("boards", f"they cannot be made: {said}") from error
        wanted = {layout.board_member(name): name for name in names}
        packed = {name for name in manifest.members if name.startswith(layout.BOARDS)}
        for member in sorted(packed ^ wanted.keys()):
            reason = "is missing" if member in wanted else "comes from no entry"
            raise _NotGoodError(f"board {wanted.get(member, member)}", reason)
        for member, name in wanted.items():
            document = document_of(fold, name, manifest.board_rows_max)
            made = {**document.envelope(), "content": document.content}
            self._compare(manifest, name, self._body(member, UNPACKED_BYTES_MAX), made)
            self._boards += 1
            self._progress("boards", self._boards, len(wanted))

    def _compare(self, manifest: Manifest, name: str, body: bytes, made: dict[str, object]) -> None:
        try:
            shown = msgspec.json.decode(body, type=dict[str, object])
        except UNREADABLE as error:
            raise _NotGoodError(f"board {name}", f"cannot be read: {error}") from error
        # The version names the program's code as well: the same board of another may differ in it.
        del made["version"]
        shown.pop("version", None)
        if encode_content(shown) != encode_content(made):
            other = manifest.program != __version__
            why = f"; it was made by scoreboard {manifest.program}, this is {__version__}"
            raise _NotGoodError(
                f"board {name}", "is not what the entries come to" + (why if other else "")
            )


def _leaf_or_line(line: bytes) -> Leaf | Line:
    if line.startswith(b'{"position":') and b'"leaf":' in line[:40]:
        return msgspec.json.decode(line, type=Leaf)
    return msgspec.json.decode(line, type=Line)
