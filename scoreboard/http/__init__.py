"""Plumbing that all doors share: HTTP as such, nothing about scores.

a door
    endpoint.py      the table that routes and the OpenAPI document are made from
    routes.py        an ASGI application from it: 404, 405, the guard; scope.py what it is told
    openapi.py       the document
asked and answered
    body.py          bodies, bounded; numbers and flags of a query
    problem.py       errors as problem+json (RFC 9457), with pointers
    cached.py        ETags and 304, or kept by nobody
    zipped.py        gzip, made once for all who take it
    headers.py       CORS for reads, and security
connections
    listeners.py     several servers in one event loop; start and stop
    protocols.py     HTTP/1.1: by_httptools.py, or by_h11.py
    handed.py        connections that outlive their request, as event streams do
    handshake.py     WebSockets opened; websocket.py afterwards
    authority.py     certificates of this installation, for HTTPS

Nothing here derives from BaseHTTPMiddleware: it triples the cost of a cached board. Everything is
plain ASGI.
"""
