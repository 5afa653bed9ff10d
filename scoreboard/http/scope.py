"""What listeners put into a request's scope, and what is read from it.

The transport and what else stands among the extensions is for those who write to the connection
themselves.
"""

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
WHOLE = "scoreboard.whole"
"""Among an HTTP request's extensions: `whole(start, rest)` writes a response that is made already.

`start` is its status line, `rest` all after the Date, which the listener puts between them. One
write to the connection instead of two, and no header looked at again. False: it must go by
messages, for a connection that closes after it, or whose client does not read.
"""

MAPPED = "::ffff:"  # how a socket for both families writes an IPv4 address (RFC 4291, 2.5.5.2)


def address_of(scope: Scope) -> str:
    """The network address that a request came from."""
    client = scope.get("client")
    address: str = client[0] if client else "unknown"
    return address.removeprefix(MAPPED) if "." in address else address
