"""Plumbing that all doors share: HTTP as such, nothing about scores.

    endpoint.py   the table that routes and the OpenAPI document are made from
    routes.py     an ASGI application from endpoints; 404, 405 and the guard before each handler
    openapi.py    the OpenAPI 3.1 document from the same endpoints
    problem.py    errors as problem+json (RFC 9457), and JSON pointers to the field that is wrong
    body.py       request bodies, bounded; lines of a stream; content types
    cached.py     strong ETags and 304
    zipped.py     gzip, made once for all who take it
    headers.py    CORS for reads and security headers on every answer
    protocols.py  HTTP/1.1: by_httptools.py, or by_h11.py, with the transport in the scope
    handed.py     connections that are taken over from them, as event streams are
    handshake.py  a WebSocket's handshake
    websocket.py  ... and its connection, taken over too
    listeners.py  several servers in one event loop; start and stop

Nothing here derives from BaseHTTPMiddleware: it triples the cost of a cached board. Everything is
plain ASGI.
"""
