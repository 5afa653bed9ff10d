"""What the program says of itself: readiness by name, metrics that are fed, traces."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from scoreboard.app import Running, running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}
EVENTS = "/api/v1/competitions/quiz/events"
TAKE_OVER = "UPDATE head SET epoch = epoch + 1"


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as served:
        yield served


@pytest_asyncio.fixture
async def admin(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield client


def scored(id_: str) -> dict[str, Any]:
    data = {"entrant": "ada", "points": 1}
    return {"id": id_, "type": "points.scored", "contest": "r1", "data": data}


async def take_over(settings: Settings) -> None:
    """What another server does that replaces this one as the ledger's writer."""
    if settings.database:
        connection = await asyncpg.connect(settings.database)
        await connection.execute(TAKE_OVER)
        await connection.close()
        return
    with sqlite3.connect(Path(settings.data) / "ledger.db") as file:
        file.execute(TAKE_OVER)
    file.close()


async def test_readiness_names_a_ledger_that_cannot_be_written(
    settings: Settings, admin: httpx2.AsyncClient
) -> None:
    ready = await admin.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]) == (200, {"ledger": "ok", "boards": "ok"})
    await take_over(settings)
    before = await metrics_of(admin)
    refused = await admin.post(EVENTS, json=scored("1"))
    assert refused.status_code == 503
    failures = "scoreboard_commit_failures_total"
    assert (await metrics_of(admin))[failures] == before[failures] + 1
    assert int(refused.headers["retry-after"]) >= 1
    ready = await admin.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["parts"] == {
        "ledger": "another server took over this ledger",
        "boards": "ok",
    }
    assert (await admin.get("/healthz")).status_code == 200


async def metrics_of(admin: httpx2.AsyncClient) -> dict[str, float]:
    """Samples by name and labels, such as `scoreboard_storage_bytes ledger`."""
    text = (await admin.get("/metrics")).text
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_are_fed(admin: httpx2.AsyncClient) -> None:
    before = await metrics_of(admin)
    posted = await admin.post(EVENTS, json=[scored(str(number)) for number in range(10)])
    position = posted.json()["results"][-1]["position"]
    shown = await admin.get(
        "/api/v1/competitions/quiz/boards/standings", params={"after": position}
    )
    assert shown.status_code == 200
    record = posted.json()["results"][0]["record"]
    assert (await admin.get(f"/api/v1/competitions/quiz/records/{record}")).status_code == 200
    after = await metrics_of(admin)

    def risen(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert risen("scoreboard_ingest_events_total accepted") == 10
    assert risen("scoreboard_append_seconds_count") >= 1
    assert risen("scoreboard_commit_events_sum") == 10
    assert risen("scoreboard_fold_seconds_count") >= 1
    assert risen("scoreboard_query_seconds_count ledger") >= 1
    assert after["scoreboard_query_seconds_count boards"] >= 1
    assert risen("scoreboard_sent_bytes_total http") >= len(shown.content)
    assert after["scoreboard_ledger_position"] == position
    assert after["scoreboard_board_age_seconds"] == 0
    assert after["scoreboard_storage_bytes ledger"] > 10_000
    assert after["scoreboard_storage_bytes boards"] > 1_000


async def test_connections_are_counted_by_listener_and_kind(
    server: Running, admin: httpx2.AsyncClient
) -> None:

    def open_(listener: str, kind: str) -> str:
        return f"scoreboard_connections_open {kind} {listener}"  # labels by name

    before = await metrics_of(admin)
    url = f"{server.public_url}/api/v1/competitions/quiz/boards/standings/stream"
    async with httpx2.AsyncClient() as client, client.stream("GET", url) as followed:
        lines = followed.aiter_lines()
        while await anext(lines) != "event: snapshot":
            continue
        during = await metrics_of(admin)
    assert (before[open_("public", "stream")], during[open_("public", "stream")]) == (0, 1)
    assert during[open_("public", "http")] == 0
    assert during[open_("private", "http")] == 1
    assert during[open_("private", "stream")] == 0
    sent = "scoreboard_sent_bytes_total stream"
    assert during[sent] > before.get(sent, 0)


@pytest.fixture(scope="module")
def spans() -> Iterator[InMemorySpanExporter]:
    """What a configured SDK would export; a process can be given one provider only."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    yield exporter
    provider.shutdown()


async def test_a_batch_is_traced_as_one_and_not_once_an_event(
    admin: httpx2.AsyncClient, spans: InMemorySpanExporter
) -> None:
    spans.clear()
    answer = await admin.post(EVENTS, json=[scored(str(number)) for number in range(100)])
    assert answer.status_code == 200
    names = sorted(span.name for span in spans.get_finished_spans())
    assert names == ["commit", "ingest"]
