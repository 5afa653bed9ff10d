"""The floor of telling everybody: a protocol on uvloop that writes ready bytes to transports.

GET /stream is kept open; what is posted to /publish goes to all of them as one chunk.
"""

import asyncio
from typing import Any

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
ANSWER = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
followers: set[Any] = set()


class Bare(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.heard = b""

    def connection_lost(self, exc: Exception | None) -> None:
        followers.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            self.transport.write(HEAD)
            followers.add(self.transport)
            return
        self.heard += data
        head, end, body = self.heard.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0] or 0)
        if not end or len(body) < length:
            return
        self.heard = b""
        text = b"event: told\ndata: " + body + b"\n\n"
        chunk = b"%x\r\n%b\r\n" % (len(text), text)
        for transport in followers:
            transport.write(chunk)
        self.transport.write(ANSWER)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
