"""Metrics of all processes of `serve --processes`, whichever of them is asked.

They share one port, so nobody can choose whom to ask. Each process, the watching parent too, tells
its metrics on a Unix socket in a folder that only they can open; the one that is asked collects
from all, and every sample gets the label `process`. A process that does not answer in time is left
out, and `scoreboard_process_answered` says so. Its counters begin anew when it is started again, as
Prometheus expects of what it scrapes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

ANSWER_S = 1.0  # a sibling whose loop stands still longer is left out
ANSWER_BYTES_MAX = 16_777_216
ANSWERED = "scoreboard_process_answered"


class Family(Struct, array_like=True):
    """A metric as one process has it: samples are a name, labels and a value."""

    name: str
    documentation: str
    type: str
    samples: list[tuple[str, dict[str, str], float]]


_decode = msgspec.msgpack.Decoder(list[Family]).decode


def own_families() -> list[Family]:
    """What this process has measured."""
    return [
        Family(
            metric.name,
            metric.documentation,
            metric.type,
            [(sample.name, sample.labels, sample.value) for sample in metric.samples],
        )
        for metric in REGISTRY.collect()
    ]


class Siblings:
    """This process among those that `folder` has sockets of, under a name of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    @contextlib.asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Answer the others while the block lasts."""
        path = self._folder / self._name
        path.unlink(missing_ok=True)  # of one that was killed and had this name

        async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(msgspec.msgpack.encode(own_families()))
                await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(tell, path)
        try:
            yield
        finally:
            server.close()
            path.unlink(missing_ok=True)

    async def metrics(self) -> bytes:
        """The metrics of all, in Prometheus' text format."""
        names = sorted(path.name for path in self._folder.iterdir())
        found = await asyncio.gather(*map(self._of, names))
        return generate_latest(_Merged(dict(zip(names, found, strict=True))))

    async def _of(self, name: str) -> list[Family] | None:
        if name == self._name:
            return own_families()
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_unix_connection(self._folder / name)
                try:
                    return _decode(await _all(reader))
                finally:
                    writer.close()
        except (OSError, TimeoutError, msgspec.DecodeError):
            return None


async def _all(reader: asyncio.StreamReader) -> bytes:
    said = bytearray()
    while part := await reader.read(65_536):
        said += part
        if len(said) > ANSWER_BYTES_MAX:
            raise OSError("a sibling says too much")
    return bytes(said)


class _Merged(Collector):
    """The families of all processes, each once, as their exposition wants it."""

    def __init__(self, found: dict[str, list[Family] | None]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        merged: dict[str, Metric] = {}
        for process, families in self._found.items():
            for family in families or ():
                if family.name not in merged:
                    merged[family.name] = Metric(family.name, family.documentation, family.type)
                for name, labels, value in family.samples:
                    merged[family.name].add_sample(name, {**labels, "process": process}, value)
        return [*merged.values(), self._answered()]

    def _answered(self) -> Metric:
        answered = Metric(ANSWERED, "Whether a process told its metrics in time", "gauge")
        for process, families in self._found.items():
            answered.add_sample(ANSWERED, {"process": process}, float(families is not None))
        return answered
