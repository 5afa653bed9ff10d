"""Writing to a client that has gone concerns nobody else, whatever the loop."""

import asyncio
from collections.abc import Callable

import pytest

from scoreboard.boards.connection import Direct
from scoreboard.boards.told import Message, Told
from scoreboard.http.listeners import loop_factory

IN_TIME, TOO_LATE = (Told((Message(name, b"{}"),)) for name in ("in time", "too late"))


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, loop_factory()])
@pytest.mark.parametrize("who", ["client", "server"])
def test_a_write_to_a_client_that_has_gone_is_passed_over(
    factory: Callable[[], asyncio.AbstractEventLoop] | None, who: str
) -> None:
    async def write_too_late() -> None:
        accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.Future()
        server = await asyncio.start_server(
            lambda _reader, writer: accepted.set_result(writer), "127.0.0.1"
        )
        _, client = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer = await accepted
        connection = Direct(writer.transport, "chunk", send_buffer_bytes=4096)
        connection.tell(IN_TIME)
        (client if who == "client" else writer).transport.abort()
        try:
            for _ in range(3):
                await asyncio.sleep(0)
                connection.tell(TOO_LATE)
        finally:
            writer.transport.abort()
            client.transport.abort()
            server.close()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(write_too_late())
