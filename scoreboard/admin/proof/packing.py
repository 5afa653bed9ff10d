"""A zip that is made while it is sent: what was packed is taken out, nothing is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from scoreboard.admin.proof.layout import Member


class _Sink:
    """A file that cannot be sought in, as a socket is."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, b: bytes, /) -> int:
        self.parts.append(bytes(b))
        return len(b)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Whoever sends what was packed says when it ends."""


class Filling:
    """A member that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        """Pack a piece."""
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)

    def member(self) -> Member:
        """What the manifest says of it."""
        return Member(self._bytes, self._digest.hexdigest())


class Packing:
    """A zip under way. `members`: what is in it so far."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w", ZIP_DEFLATED)

    def put(self, name: str, body: bytes) -> None:
        """Pack a small file."""
        with self.filling(name) as file:
            file.write(body)

    @contextmanager
    def filling(self, name: str) -> Iterator[Filling]:
        """A large file, written piece by piece while the block lasts."""
        with self._zip.open(name, "w", force_zip64=True) as file:
            filling = Filling(file)
            yield filling
        self.members[name] = filling.member()

    def end(self) -> None:
        """Write the list of members that a zip ends with."""
        self._zip.close()

    def taken(self) -> bytes:
        """What was packed since it was taken last."""
        parts, self._sink.parts = self._sink.parts, []
        return b"".join(parts)
