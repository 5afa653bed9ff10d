"""What listeners put into a request's scope, and what is read from it.

The transport and what else stands among the extensions is for those who write to the connection
themselves.
"""

from typing import Protocol, runtime_checkable

from starlette.types import Scope

TRANSPORT = "scoreboard.transport"
"""Among the extensions: the connection's transport."""
HANDED_OVER = "scoreboard.handed_over"
"""Among the extensions: takes the connection from the server, which forgets the request.

HTTP: `handed_over(scope, gone)`: the response, which has begun, goes on without its request. The
application then returns; whoever has the transport writes on and closes it, and `gone` is called
when the connection has ended, by whomever. A client that says more is cut off.
WebSocket: `scoreboard.http.websocket.HandOver`, once it is accepted.
"""


@runtime_checkable
class Prepared(Protocol):
    """An application that has some of its answers ready, as the bytes of HTTP/1.1."""

    def at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """The status line, and all after the Date, which the listener puts between them.

        They go to the connection in one write, without a task, at the loop's next turn, and no
        header is looked at again.
        None: the application is to be called. It is also called, and answers by messages, where
        this is not asked: behind requests of the connection that still wait, before a connection
        closes, for a client that does not read, and on platforms without httptools.
        """


MAPPED = "::ffff:"  # how a socket for both families writes an IPv4 address (RFC 4291, 2.5.5.2)


def address_of(scope: Scope) -> str:
    """The network address that a request came from."""
    client = scope.get("client")
    address: str = client[0] if client else "unknown"
    return address.removeprefix(MAPPED) if "." in address else address
