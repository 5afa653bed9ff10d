"""What listeners put into a request's scope, for those who write to its connection themselves."""

TRANSPORT = "scoreboard.transport"
"""Among the extensions: the connection's transport."""
DRAINED = "scoreboard.drained"
"""Among a WebSocket's extensions: waits until its client has read most of what was written."""
