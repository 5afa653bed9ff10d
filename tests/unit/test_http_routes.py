"""Paths and methods: who answers, and what a client hears where nobody does."""

import httpx2
import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from scoreboard.errors import Forbidden
from scoreboard.http.endpoint import Endpoint, json_answer
from scoreboard.http.headers import READS
from scoreboard.http.routes import build, routes


async def let_in(scope: Scope, role: str, competition: str | None) -> None:
    if competition == "secret":
        raise Forbidden(f"{role} of {competition}")


def endpoint(method: str, path: str, **more: object) -> Endpoint:
    """One that answers with its own method and path, and what the path's parts were."""

    async def answer(request: Request) -> Response:
        said = {"at": f"{method} {path}", "parts": request.path_params}
        return Response(msgspec.json.encode(said), media_type="application/json")

    return Endpoint(
        **{"handler": answer, **more},
        method=method,
        path=path,
        summary="",
        tag="",
        answers=(json_answer(dict, "so it is"),),
    )


RECORD = "/c/{competition}/records/{record:path}"
TABLE = [
    endpoint("GET", RECORD),
    endpoint("POST", RECORD + "/corrections", role="official"),
    endpoint("GET", "/keys"),
    endpoint("POST", "/keys"),
    endpoint("DELETE", "/keys/{key}"),
]


def client_of(app: ASGIApp) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://scoreboard")


@pytest.fixture
def client() -> httpx2.AsyncClient:
    return client_of(build(TABLE, let_in))


async def test_a_method_that_is_not_offered_is_told_which_are(client: httpx2.AsyncClient) -> None:
    refused = await client.put("/keys")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["hint"] == "offered: GET, HEAD, OPTIONS, POST"
    assert (await client.get("/keys/1")).headers["allow"] == "DELETE, OPTIONS"


async def test_options_tells_what_is_offered(client: httpx2.AsyncClient) -> None:
    answer = await client.options("/keys")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_head_is_answered_as_get(client: httpx2.AsyncClient) -> None:
    head, get = await client.head("/keys"), await client.get("/keys")
    assert head.status_code == 200
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_a_stream_has_no_head() -> None:
    async def stream(scope: Scope, receive: object, send: object) -> None:
        raise AssertionError("nobody asked for it")

    app = build([endpoint("GET", "/stream", handler=stream, raw=True)], let_in)
    assert (await client_of(app).head("/stream")).status_code == 405


async def test_what_is_not_in_the_table_does_not_exist(client: httpx2.AsyncClient) -> None:
    for path in ("/", "/key", "/keys/", "/keys/1/2"):
        missing = await client.get(path)
        assert missing.status_code == 404, path
        assert missing.json()["type"] == "urn:scoreboard:problem:not-found"


@pytest.mark.parametrize("record", ["pad/1", "pad/1/corrections", "corrections", "a/erasures"])
async def test_a_record_is_found_whatever_its_name_ends_in(
    client: httpx2.AsyncClient, record: str
) -> None:
    shown = await client.get(f"/c/cup/records/{record}")
    assert shown.json() == {
        "at": f"GET {RECORD}",
        "parts": {"competition": "cup", "record": record},
    }


async def test_a_correction_of_such_a_record_is_told_apart(client: httpx2.AsyncClient) -> None:
    posted = await client.post("/c/cup/records/x/corrections/corrections")
    assert posted.json()["parts"]["record"] == "x/corrections"


async def test_the_guard_stands_before_the_handler(client: httpx2.AsyncClient) -> None:
    refused = await client.post("/c/secret/records/1/corrections")
    assert (refused.status_code, refused.json()["detail"]) == (403, "official of secret")
    assert (await client.get("/c/secret/records/1")).status_code == 200


async def test_an_error_that_nobody_meant_says_nothing_but_a_reference() -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("the password is 1234")

    app = build([endpoint("GET", "/", handler=fail)], let_in)
    answer = await client_of(app).get("/")
    assert answer.status_code == 500
    assert "1234" not in answer.text
    assert answer.json()["reference"]


def test_the_same_endpoint_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        routes([endpoint("GET", "/keys"), endpoint("GET", "/keys")], let_in)


async def test_pages_from_anywhere_may_read_where_cors_is_open_and_only_there() -> None:
    asked = {"Origin": "http://elsewhere", "Access-Control-Request-Method": "GET"}
    writing = {**asked, "Access-Control-Request-Method": "POST"}
    public, private = (client_of(build(TABLE, let_in, cors=cors)) for cors in (READS, ()))
    preflight = await public.options("/keys", headers=asked)
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
    assert "last-event-id" in preflight.headers["access-control-allow-headers"].lower()
    assert (await public.get("/keys")).headers["access-control-allow-origin"] == "*"
    assert "etag" in (await public.get("/keys")).headers["access-control-expose-headers"].lower()
    for client, headers in ((public, writing), (private, asked), (private, writing)):
        answer = await client.options("/keys", headers=headers)
        assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in (await public.post("/keys")).headers
    assert "access-control-allow-origin" not in (await private.get("/keys")).headers


async def test_what_no_number_and_no_value_can_be_is_refused_and_breaks_nothing() -> None:
    async with client_of(build([endpoint("GET", "/n/{number:int}")], let_in)) as client:
        assert (await client.get("/n/12?x=%2500")).json()["parts"] == {"number": 12}
        assert (await client.get("/n/" + "9" * 5_000)).status_code == 404
        assert (await client.get("/n/12?x=a%00b")).status_code == 422
