"""The peer: PyPI `eventsourcing`, its recorders on SQLite and Postgres (the `bench` extra).

Stored events are made beforehand, the whole event as JSON in `state`, so that only the recorder's
own work is measured: insert and durable commit. Its SQLite runs in WAL with the driver's default
`synchronous=FULL`. It has neither identity nor chain, and is called without an event loop.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import make_url

from scoreboard.facts.entry import Draft


class Peer:
    """A recorder of theirs, with events for it."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder

    def stored(self, drafts: Sequence[Draft], batch: int) -> list[list[Any]]:
        """Their form of our events, in batches; a contest is an aggregate."""
        from eventsourcing.persistence import StoredEvent

        made = [
            StoredEvent(
                originator_id=f"{draft.competition}/{draft.contest}/{draft.source}",
                originator_version=number,
                topic=draft.type,
                state=msgspec.json.encode(draft),
            )
            for number, draft in enumerate(drafts)
        ]
        return [made[n : n + batch] for n in range(0, len(made), batch)]

    def run(self, batches: list[list[Any]]) -> list[float]:
        """Seconds of each insert and commit."""
        taken_s = []
        for some in batches:
            started_s = time.perf_counter()
            self._recorder.insert_events(some)
            taken_s.append(time.perf_counter() - started_s)
        return taken_s


@contextlib.contextmanager
def peer(file: Path, database: str = "") -> Iterator[Peer | None]:
    """Their recorder on a fresh file or database; None if the library is not installed."""
    try:
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
    except ImportError:
        yield None
        return
    recorder: Any
    if database:
        url = make_url(database)
        where = (url.database or "", url.host or "", url.port or 5432, url.username or "", "")
        recorder = PostgresApplicationRecorder(PostgresDatastore(*where, originator_id_type="text"))
    else:
        recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(file), originator_id_type="text"))
    recorder.create_table()
    yield Peer(recorder)
    recorder.datastore.close()
