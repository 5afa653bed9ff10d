"""uvicorn's protocol for HTTP/1.1 on this platform; the other one is not imported.

Both put the connection's transport into `scope["extensions"]`, where streams find it to write
prepared bytes and to cut off a client that does not read.
"""

import asyncio

HTTP: type[asyncio.Protocol]
try:
    from scoreboard.http.by_httptools import HttpToolsWithTransport

    HTTP = HttpToolsWithTransport
except ImportError:  # pragma: no cover - a platform without httptools
    from scoreboard.http.by_h11 import H11WithTransport

    HTTP = H11WithTransport
