"""What the server answers is what its own OpenAPI document says, on every listener."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import httpx2
import hypothesis
import jsonschema_rs
import jwt
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.requests import ManagedCookiesSession

from scoreboard.app import Running, running
from scoreboard.http.listeners import loop_factory
from scoreboard.ingest.definitions import RECORD
from scoreboard.settings import Limits, Players, Route, Settings

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "points",
    "params": {"open_entry": True},
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}
SCORED = {
    "id": "1",
    "source": "pad",
    "type": "points.scored",
    "contest": "r1",
    "data": {"entrant": "ada", "points": 1},
}
SECRET = "a secret of the tests, which is long enough to be one"
TOKEN = {"Authorization": "Bearer " + jwt.encode({"sub": "ada", "exp": 4_000_000_000}, SECRET)}
ROUTES = (
    Route(
        path="/score/update",
        methods=("POST", "PATCH"),
        competition="cup",
        type="points.scored",
        fields={"entrant": "userId", "points": "increment"},
        answer={"newScore": "points"},
    ),
    Route(path="/score/top10", methods=("GET",), competition="cup", answer={"userId": "entrant"}),
)
KNOWN = {"competition": "cup", "board": "standings", "record": "pad/1"}


def answers_by_itself(context: Any, response: Any, case: Any) -> None:
    """No server error but the 503 that says when to come back (`after` waits, bounded)."""
    if response.status_code != 503 or "retry-after" not in response.headers:
        not_a_server_error(context, response, case)


CHECKS = [
    answers_by_itself,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
]
EXAMPLES = int(os.environ.get("SCOREBOARD_EXAMPLES", "5"))  # of one operation and mode
STREAM_PATH = "/api/v1/competitions/{competition}/boards/{board}/stream"
STREAMS_PATH = "/api/v1/competitions/{competition}/stream"
LOG_PATH = "/api/v1/competitions/{competition}/entries/stream"
STREAM = "text/event-stream"
load_all_checks()


@schemathesis.serializer("application/toml")
def as_toml(_context: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server in a thread and a loop of its own: the fuzzer's calls wait."""
    settings = Settings(
        data=str(tmp_path_factory.mktemp("data")),
        private_port=0,
        public_port=0,
        players_port=0,
        players=Players(secret=SECRET, user_events_per_minute=100_000, routes=ROUTES),
        limits=Limits(wait_after_s=0.01),
    )
    started: Future[tuple[Running, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with running(settings) as server:
            started.set_result((server, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(serve())
        except BaseException as error:
            started.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    server, loop, stop = started.result()
    path = f"{server.private_url}/api/v1/competitions"
    httpx2.post(path, json=CUP, headers=key_of(server)).raise_for_status()
    score(server, "1")
    yield server
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def key_of(server: Running) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.admin_key}"}


def is_stream(operation: Any) -> bool:
    """Whether its answer never ends by itself: its body cannot be waited for."""
    answers = operation.definition.raw["responses"].values()
    return any(STREAM in answer.get("content", {}) for answer in answers)


def can_be_wrong(operation: Any) -> bool:
    """Whether anything but text is asked for: any text is well formed in a path."""
    return bool(operation.query or operation.body)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("listener", ["private", "public", "players"])
def test_every_answer_is_one_that_the_document_declares(
    served: Running, listener: str, mode: GenerationMode
) -> None:
    url = served.urls[listener]
    headers = {"private": key_of(served), "public": {}, "players": TOKEN}[listener]
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [one.ok() for one in schema.get_all_operations()]
    negative = mode is GenerationMode.NEGATIVE
    failures: list[Exception] = []
    with ManagedCookiesSession() as session:  # one connection for all
        for operation in operations:
            if is_stream(operation) or (negative and not can_be_wrong(operation)):
                continue
            try:
                fuzz(operation, mode, headers, session)
            except Exception as error:
                failures.append(error)
    if failures:
        raise ExceptionGroup("answers that the document does not declare", failures)


def fuzz(
    operation: Any,
    mode: GenerationMode,
    headers: dict[str, str],
    session: ManagedCookiesSession,
) -> None:
    """Calls of one operation; every other one of what exists, so that more than 404 is seen."""

    @given(case=operation.as_strategy(generation_mode=mode), known=booleans())
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def conforms(case: Any, known: bool) -> None:
        if known:
            case.path_parameters |= {k: v for k, v in KNOWN.items() if k in case.path_parameters}
        case.call_and_validate(headers=headers, session=session, checks=CHECKS)

    conforms()


@pytest.mark.parametrize("listener", ["private", "public", "players"])
@pytest.mark.parametrize(
    ("declared", "query", "held"),
    [
        (STREAM_PATH, "", "another-1-0"),
        (STREAMS_PATH, "?boards=contests,standings", "standings@another-1-0"),
    ],
)
def test_what_a_stream_sends_is_what_the_document_declares(
    served: Running, listener: str, declared: str, query: str, held: str
) -> None:
    url = served.urls[listener]
    streams = streams_of(url)
    officials = [LOG_PATH] if listener == "private" else []
    assert list(streams) == [STREAM_PATH, STREAMS_PATH, *officials]
    schema = jsonschema_rs.validator_for(streams[declared])
    path = declared.format(competition="cup", board="standings") + query
    headers = {"Last-Event-ID": held}
    with httpx2.stream("GET", url + path, headers=headers, timeout=20) as response:
        items = items_of(response.iter_lines())
        seen = [next(items), next(items)]
        score(served, f"on {listener} {query}")
        while seen[-1]["event"] != "patch":
            seen.append(next(items))
    assert {item["event"] for item in seen} >= {"reset", "snapshot", "patch"}
    for item in seen:
        schema.validate(item)


def streams_of(url: str) -> dict[str, Any]:
    """The event streams that a listener's document has, and what one item of each is."""
    document = httpx2.get(f"{url}/openapi.json").json()
    return {
        path: answers["200"]["content"][STREAM]["schema"]
        for path, methods in document["paths"].items()
        for answers in [methods.get("get", {}).get("responses", {})]
        if STREAM in answers.get("200", {}).get("content", {})
    }


def test_what_the_log_sends_is_what_the_document_declares(served: Running) -> None:
    schema = jsonschema_rs.validator_for(streams_of(served.private_url)[LOG_PATH])
    url = served.private_url + LOG_PATH.format(competition="cup")
    headers = key_of(served) | {"Last-Event-ID": "1"}
    with httpx2.stream("GET", url, headers=headers, timeout=20) as response:
        item = next(one for one in items_of(response.iter_lines()) if "event" in one)
    assert item["event"] in ("entries", "more")
    schema.validate(item)


def test_each_listener_describes_its_own_doors_alone(served: Running) -> None:
    private = httpx2.get(f"{served.private_url}/openapi.json").json()
    public = httpx2.get(f"{served.public_url}/openapi.json").json()
    assert private["openapi"] == public["openapi"] == "3.1.0"
    assert set(public["paths"]) < set(private["paths"])
    methods = {method for path in public["paths"].values() for method in path}
    assert methods == {"get"}
    guarded = private["paths"]["/api/v1/keys"]["post"]
    assert guarded["security"] == [{"key": []}]
    assert "application/problem+json" in guarded["responses"]["401"]["content"]
    assert "Retry-After" in guarded["responses"]["429"]["headers"]
    assert private["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    players = httpx2.get(f"{served.urls['players']}/openapi.json").json()
    writes = {(path, m) for path, methods in players["paths"].items() for m in methods} - {
        (path, "get") for path in players["paths"]
    }
    own = {("/score/update", "post"), ("/score/update", "patch")}
    assert writes == {(f"{BASE}/events", "post"), *own}
    assert players["paths"][f"{BASE}/events"]["post"]["security"] == [{"token": []}]


BASE = "/api/v1/competitions/{competition}"
GUARDED_BY_CHOICE = ["", "/rules", "/boards", "/boards/{board}", "/boards/{board}/stream"]
GUARDED_BY_CHOICE += ["/boards/{board}/rows/{entrant}/explain", "/stream"]


@pytest.mark.parametrize("path", [BASE + end for end in GUARDED_BY_CHOICE])
def test_what_a_key_shows_more_of_declares_that_a_bad_key_is_refused(
    served: Running, path: str
) -> None:
    given = path.format(competition="cup", board="standings", entrant="ada")
    given += "?boards=standings" if path == STREAMS_PATH else ""
    for url, status in ((served.private_url, 401), (served.public_url, 200)):
        declared = httpx2.get(f"{url}/openapi.json").json()["paths"][path]["get"]
        headers = {"Authorization": "Bearer sb_none_none"}
        with httpx2.stream("GET", url + given, headers=headers) as answer:
            assert answer.status_code == status
        private = status == 401
        assert ("security" in declared) is private
        assert ({"401", "429"} <= set(declared["responses"])) is private


def test_an_erasure_that_would_leave_no_competition_is_a_declared_conflict(
    served: Running,
) -> None:
    path = BASE + "/records/{record}/erasures"
    document = httpx2.get(f"{served.private_url}/openapi.json").json()
    given = path.format(competition="cup", record=RECORD)
    refused = httpx2.post(served.private_url + given, json={"reason": "?"}, headers=key_of(served))
    assert refused.status_code == 409
    assert "409" in document["paths"][path]["post"]["responses"]


def score(server: Running, id_: str) -> None:
    path = f"{server.private_url}/api/v1/competitions/cup/events"
    httpx2.post(path, json={**SCORED, "id": id_}, headers=key_of(server)).raise_for_status()


def items_of(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The items of a stream (WHATWG HTML, section 9.2.6); `data` as the JSON that it is."""
    item: dict[str, Any] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            item[name] = json.loads(value) if name in ("data", "retry") else value
        elif item:
            if "data" in item:
                yield item
            item = {}
