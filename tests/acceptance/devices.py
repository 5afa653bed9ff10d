"""Scoring devices over a network that loses things: each sends until it is answered.

A device keeps what it has to say in the order in which it gets there, sends it event by event, in
batches or as a stream of lines, and sends again whatever it got no answer for, so that the server
hears some of it twice. Whatever is answered a second time must be answered as the first time.
"""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx2

SINGLE, BATCH, LINES = "single", "batch", "lines"
MODES = (SINGLE, BATCH, LINES)
BATCH_EVENTS = 4


class LossyNetwork(httpx2.AsyncBaseTransport):
    """A real connection that loses some requests on the way there and some answers on the way back.

    `losses` of each kind in all; the server has done what a lost answer would have said.
    """

    def __init__(self, chance: random.Random, share: float) -> None:
        self._inner = httpx2.AsyncHTTPTransport(verify=False)  # no TLS here: reads no certificates
        self._chance = chance
        self._share = share
        self.losses = {"request": 0, "answer": 0}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._chance.random() < self._share:
            self.losses["request"] += 1
            raise httpx2.ConnectError("lost on the way there", request=request)
        response = await self._inner.handle_async_request(request)
        if self._chance.random() < self._share:
            await response.aread()
            await response.aclose()
            self.losses["answer"] += 1
            raise httpx2.ReadError("lost on the way back", request=request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class Device:
    """One device with a key, a mode and events to send; `answers` by event id, as last heard."""

    def __init__(
        self, client: httpx2.AsyncClient, path: str, mode: str, chance: random.Random
    ) -> None:
        self.client = client
        self.path = path
        self.mode = mode
        self.chance = chance
        self.answers: dict[str, dict[str, Any]] = {}
        self.repeated = 0

    async def send(self, events: list[dict[str, Any]]) -> None:
        """Send events in order, now and then something that was sent before."""
        size = 1 if self.mode == SINGLE else BATCH_EVENTS
        for first in range(0, len(events), size):
            part = events[first : first + size]
            await self._until_answered(part)
            if self.chance.random() < 0.1:
                await self._until_answered(events[max(0, first - size) : first + size])

    async def _until_answered(self, events: list[dict[str, Any]]) -> None:
        while True:
            try:
                results = await self._post(events)
            except httpx2.TransportError:
                continue
            break
        for event, result in zip(events, results, strict=True):
            self._take(event["id"], result)

    async def _post(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.mode == LINES:
            headers = {"content-type": "application/x-ndjson"}
            answer = await self.client.post(self.path, content=lines(events), headers=headers)
            return [json.loads(line) for line in answer.text.splitlines()]
        if len(events) == 1:
            return [(await self.client.post(self.path, json=events[0])).json()]
        answer = await self.client.post(self.path, json=events)
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def _take(self, id_: str, result: dict[str, Any]) -> None:
        assert result["status"] in (200, 201), result
        self.repeated += result["status"] == 200
        said = {name: result[name] for name in ("position", "record", "version")}
        assert self.answers.setdefault(id_, said) == said


async def lines(events: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Events as lines of JSON, handed over one by one."""
    for event in events:
        yield json.dumps(event).encode() + b"\n"
