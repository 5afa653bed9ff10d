"""`serve --processes N`: many processes on the same ports, watched by one that serves nothing.

    this process: binds the ports ─▶ N children with the same sockets ─▶ one that ends is replaced

Whichever child is free takes the next connection. A child that finds its lease lost ends with an
error, and a new one takes its place. What a child has to tell people comes as a line.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.app import App, bound
from scoreboard.bus.subscription import Backoff
from scoreboard.cli.starting import announce, announce_key, collect_garbage_rarely
from scoreboard.errors import CannotStart
from scoreboard.http.listeners import loop_factory, stop_on_signals
from scoreboard.ledger.ledger import Ledger
from scoreboard.ops.child import Child, Line
from scoreboard.ops.nearby import Nearby
from scoreboard.ops.siblings import Siblings
from scoreboard.settings import Settings, Way
from scoreboard.telemetry import configure_logging
from scoreboard.worker import end_with_parent, say

COMMAND = (sys.executable, "-m", "scoreboard", "one-of-many")
BACKOFF = Backoff(first_s=0.1, most_s=10.0)


class Greeting(Struct, frozen=True):
    """What a child is told first: its settings, and which open file is which listener's socket.

    `name`: under which it tells its metrics in `folder`.
    """

    settings: Settings
    sockets: dict[Way, int]
    name: str
    folder: str


async def serve_many(settings: Settings, count: int) -> None:
    """Serve with so many processes until a signal; CannotStart says what is in the way."""
    if sys.platform == "win32":
        raise CannotStart("many processes share no sockets on Windows", hint="run one process")
    settings = replace(settings, shared=True)
    stop = asyncio.Event()
    with (
        stop_on_signals(stop),
        bound(settings) as sockets,
        TemporaryDirectory(prefix="scoreboard-") as folder,
    ):
        await (await Ledger.open(settings)).close()  # what is wrong with it is told once, here
        nearby = Nearby(settings)
        nearby.open(sockets)  # the authority is made once, here
        children = [_child(f"process-{n}", settings, sockets, folder) for n in range(count)]
        announce(sockets, fingerprint=nearby.fingerprint)
        async with Siblings(Path(folder), "parent").told(), asyncio.TaskGroup() as tasks:
            tasks.create_task(nearby.run(stop, announces=True), name="nearby")
            for child in children:
                tasks.create_task(child.run(stop), name=child.name)


def _child(name: str, settings: Settings, sockets: Mapping[Way, socket], folder: str) -> Child:
    files = {door: one.fileno() for door, one in sockets.items()}
    return Child(
        name,
        COMMAND,
        greeting=msgspec.json.encode(Greeting(settings, files, name, folder)),
        wanted=lambda: True,
        heard=_heard,
        files=tuple(files.values()),
        backoff=BACKOFF,
    )


def _heard(line: Line) -> bool:
    if line.get("event") == "admin_key":
        announce_key(str(line["key"]))
    return line.get("event") == "ready"


@click.command(hidden=True)
def one_of_many() -> None:
    """Serve on sockets that a parent has bound; what it needs comes by the standard input."""
    try:
        greeting = msgspec.json.decode(sys.stdin.buffer.readline(), type=Greeting)
    except msgspec.DecodeError as error:
        raise CannotStart(
            f"no settings came in: {error}", hint="this is for `serve --processes` alone"
        ) from error
    configure_logging(greeting.settings.log_level)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(greeting))


async def _serve(greeting: Greeting) -> None:
    stop = asyncio.Event()
    end_with_parent(_from_a_thread(stop))
    sockets = {door: socket(fileno=number) for door, number in greeting.sockets.items()}
    with stop_on_signals(stop):
        app = await App.open(greeting.settings)
        app.on_admin_key = lambda key: say("admin_key", key=key)
        app.siblings = Siblings(Path(greeting.folder), greeting.name)
        collect_garbage_rarely()
        try:
            async with app.siblings.told():
                await app.run(app.listeners(sockets), stop, lambda: say("ready"))
        finally:
            await app.close()


def _from_a_thread(stop: asyncio.Event) -> Callable[[], Any]:
    loop = asyncio.get_running_loop()
    return lambda: loop.call_soon_threadsafe(stop.set)
