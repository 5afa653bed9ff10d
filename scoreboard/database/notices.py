"""Words between the processes of one database: Postgres's NOTIFY, coalesced.

A word says "there is more of this", never what: whoever hears it looks by itself. Words may be
lost, and come once for many; after a connection was lost all are heard, for one may have been
missed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.engine import URL

from scoreboard.database.faults import translated
from scoreboard.database.postgres_runner import connect
from scoreboard.errors import Unavailable
from scoreboard.telemetry import log

CHANNEL = "scoreboard"
GATHER_S = 0.005  # words that are said within this go out once
AGAIN_S = 0.5
EACH_MAX = 1_000
TELL = "SELECT pg_notify($1, said) FROM unnest($2::text[]) said"


class Notices:
    """Says and hears words; `heard`: what to call by word, which may be followed by more text."""

    def __init__(self, url: URL, heard: Mapping[str, Callable[[str], None]]) -> None:
        self._url = url
        self._heard = heard
        self._said: dict[str, str] = {}  # by what they are about, the newest
        self._something = asyncio.Event()
        self._ended = asyncio.Event()

    def say(self, word: str, more: str = "", *, each: bool = False) -> None:
        """Tell all processes, this one too, soon; of what was said of a word before, the newest.

        `each`: all that is said of the word is told, while there is no more than `EACH_MAX`.
        """
        text = f"{word} {more}".rstrip()
        about = text if each and len(self._said) < EACH_MAX else word
        self._said[about] = text
        self._something.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen and speak until `stop` is set, coming back whenever the connection goes."""
        while not stop.is_set():
            try:
                with translated():
                    await self._converse(stop)
            except Unavailable as error:
                log.warning("other processes are not heard", error=error.message)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN_S)

    async def _converse(self, stop: asyncio.Event) -> None:
        connection = await connect(self._url)
        self._ended.clear()
        connection.add_termination_listener(lambda _connection: self._end())
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self._something.set())
        try:
            await connection.add_listener(CHANNEL, self._hear)
            for told in self._heard.values():
                told("")
            while not (stop.is_set() or self._ended.is_set()):
                await self._something.wait()
                self._something.clear()
                said = dict(self._said)
                if said:
                    await connection.execute(TELL, CHANNEL, list(said.values()))
                for about, text in said.items():  # what could not be told is told later
                    if self._said.get(about) == text:
                        del self._said[about]
                await asyncio.sleep(GATHER_S)
            if not stop.is_set():
                raise Unavailable("the database has cut the connection off")
        finally:
            stopping.cancel()
            connection.terminate()

    def _end(self) -> None:
        self._ended.set()
        self._something.set()

    def _hear(self, _connection: Any, _pid: int, _channel: str, text: str) -> None:
        word, _, more = text.partition(" ")
        told = self._heard.get(word)
        if told is not None:
            told(more)
