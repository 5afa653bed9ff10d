"""sse-starlette as its documentation shows it: a queue for each client, on uvicorn with uvloop."""

import asyncio
from collections.abc import AsyncIterator

import uvloop
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scoreboard.http.listeners import Listener, bind, serve, stop_on_signals

followers: set["asyncio.Queue[str]"] = set()


async def stream(_request: Request) -> Response:
    async def events() -> AsyncIterator[ServerSentEvent]:
        news: asyncio.Queue[str] = asyncio.Queue()
        followers.add(news)
        try:
            while True:
                yield ServerSentEvent(data=await news.get(), event="told", sep="\n")
        finally:
            followers.discard(news)

    return EventSourceResponse(events())


async def publish(request: Request) -> Response:
    data = (await request.body()).decode()
    for follower in followers:
        follower.put_nowait(data)
    return Response(status_code=201)


app = Starlette(routes=[Route("/stream", stream), Route("/publish", publish, methods=["POST"])])


async def main() -> None:
    stop = asyncio.Event()
    listener = Listener(name="peer", socket=bind("127.0.0.1", 0, "peer"), app=app)
    with stop_on_signals(stop):
        await serve([listener], stop, ready=lambda: print(listener.url, flush=True))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
