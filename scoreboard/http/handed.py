"""Connections whose request is over and whose answer goes on: all that is kept of them.

Event streams and WebSockets stay open by the thousand. uvicorn's protocol, its parser and the
request weigh more than the connection, so the transport gets a slim protocol instead, and whoever
took the answer over writes prepared bytes to the transport.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn.server


class HandedOver(asyncio.Protocol):
    """A connection that is only written to; a client that says more is cut off.

    `gone` is called when it has ended, by whomever.
    """

    __slots__ = ("_connections", "_gone", "transport")

    def __init__(
        self, transport: Any, state: uvicorn.server.ServerState, gone: Callable[[], None]
    ) -> None:
        connections: set[Any] = state.connections
        connections.discard(transport.get_protocol())
        connections.add(self)
        self._connections = connections
        self._gone = gone
        self.transport = transport
        transport.set_protocol(self)
        transport.resume_reading()  # or nobody would hear that it goes

    def data_received(self, data: bytes) -> None:
        """Cut it off: the answer before has no end."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._connections.discard(self)
        self._gone()

    def shutdown(self) -> None:
        """The server stops; whoever took the answer over ends it."""
