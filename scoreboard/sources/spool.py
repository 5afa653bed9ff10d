"""Answers that wait until their reader takes them: first in memory, then in a temporary file.

Many senders of a stream do not read before they have written everything. If their answers waited in
the connection, both sides would wait for each other for ever.
"""

import asyncio
import tempfile
from typing import IO

from scoreboard.errors import TooLarge

MEMORY_BYTES = 1_048_576
READ_BYTES = 65_536


class Spool:
    """A bounded first-in, first-out buffer of bytes between two tasks of one event loop."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._read = 0
        self._written = 0
        self._ended = False
        self._news = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Add bytes; TooLarge past the bound, counted as what waits."""
        if self._written - self._read + len(data) > self._bytes_max:
            raise TooLarge("too many answers wait to be read", hint="read while you write")
        if self._read == self._written and self._read:
            self._file.seek(0)
            self._file.truncate()
            self._read = self._written = 0
        self._file.seek(self._written)
        self._file.write(data)
        self._written += len(data)
        self._news.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._news.set()

    async def take(self) -> bytes:
        """Some of the waiting bytes, as soon as there are any; b"" at the end."""
        while self._read == self._written:
            if self._ended:
                return b""
            self._news.clear()
            await self._news.wait()
        self._file.seek(self._read)
        data = self._file.read(READ_BYTES)
        self._read += len(data)
        return data

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()
