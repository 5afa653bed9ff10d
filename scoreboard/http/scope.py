"""What listeners put into a request's scope, for those who write to its connection themselves."""

TRANSPORT = "scoreboard.transport"
"""Among the extensions: the connection's transport."""
DRAINED = "scoreboard.drained"
"""Among a WebSocket's extensions: waits until its client has read most of what was written."""
HANDED_OVER = "scoreboard.handed_over"
"""Among an HTTP request's extensions: `handed_over(scope, gone)`: its response goes on without it.

The application then returns; whoever has the transport writes on and closes it, and `gone` is
called when the connection has ended, by whomever. A client that says more is cut off.
"""
