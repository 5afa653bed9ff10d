"""The limit of HTTP itself: uvicorn, as the program runs it, with an application that does nothing.

POST anything       the body is read and dropped, the answer is short
GET /file           the bytes of the file that the command line names, if it names one
GET /stream         server-sent events: whatever is posted to /echo, to all who follow
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import uvloop

from scoreboard.http.listeners import Listener, bind, serve, stop_on_signals

ANSWER = b'{"status":201}'
HEAD = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
STREAM = [(b"content-type", b"text/event-stream")]
FILE = Path(sys.argv[1]).read_bytes() if sys.argv[1:] else b""
FILE_HEAD = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(FILE))]
followers: dict[str, set["asyncio.Queue[bytes]"]] = {}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/file":
        await send({"type": "http.response.start", "status": 200, "headers": FILE_HEAD})
        await send({"type": "http.response.body", "body": FILE})
        return
    if scope["method"] == "GET":
        await follow(scope["path"], send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"].startswith("/echo"):
        for follower in followers.get(scope["path"].removeprefix("/echo"), ()):
            follower.put_nowait(b"event: patch\ndata: " + body + b"\n\n")
    await send({"type": "http.response.start", "status": 201, "headers": HEAD})
    await send({"type": "http.response.body", "body": ANSWER})


async def follow(path: str, send: Any) -> None:
    news: asyncio.Queue[bytes] = asyncio.Queue()
    await send({"type": "http.response.start", "status": 200, "headers": STREAM})
    await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
    followers.setdefault(path, set()).add(news)
    try:
        with contextlib.suppress(asyncio.CancelledError):  # the server stops
            while True:
                await send(
                    {"type": "http.response.body", "body": await news.get(), "more_body": True}
                )
    finally:
        followers[path].discard(news)


async def main() -> None:
    stop = asyncio.Event()
    listener = Listener(name="bare", socket=bind("127.0.0.1", 0, "bare"), app=app)
    with stop_on_signals(stop):
        await serve([listener], stop, ready=lambda: print(listener.url, flush=True))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
