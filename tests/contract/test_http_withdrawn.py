"""Who withdraws keeps no contest open and has no place, over real sockets, on both databases."""

import contextlib

import httpx2
import msgspec
import pytest
from made_anew import contents, made_anew

from scoreboard.app import running

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
MEET = {
    "slug": "meet",
    "name": "Meet",
    "sport": "lifting",
    "params": {"lifts": ["squat"], "attempts": 1},
    "entrants": [{"id": id_, "name": id_.title()} for id_ in ("ada", "bel", "cyd")],
    "groups": [{"id": "light", "name": "Light", "entrants": ["ada", "bel", "cyd"]}],
    "contests": [
        {"id": "c", "group": "light", "entrants": ["ada", "bel", "cyd"]},
        {"id": "medals", "entrants": ["place:light:1", "place:light:2", "place:light:3"]},
    ],
}


def lifted(entrant):
    which = {"entrant": entrant, "lift": "squat", "attempt": 1}
    told = [("attempt", which | {"weight_g": 100_000})]
    return told + [
        ("light", which | {"referee": referee, "good": entrant == "ada"})
        for referee in ("left", "centre", "right")
    ]


async def test_who_withdraws_keeps_no_contest_open_and_takes_no_place(settings, tmp_path):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(free))
        client = await stack.enter_async_context(
            httpx2.AsyncClient(
                base_url=server.private_url,
                headers={"Authorization": f"Bearer {server.admin_key}"},
            )
        )
        assert (await client.post(API, json=MEET)).status_code == 201

        async def say(id_, type_, data, **more):
            event = {"id": id_, "source": "pad", "type": type_, "data": data, **more}
            answer = await client.post(f"{API}/meet/events", json=event)
            assert answer.status_code == 201, answer.text
            return answer.json()["position"]

        async def board(name, after):
            answer = await client.get(f"{API}/meet/boards/{name}", params={"after": after})
            return answer.json()["content"]["rows"]

        told = [*lifted("ada"), *lifted("bel")]
        for number, (type_, data) in enumerate(told):
            last = await say(f"l{number}", f"lifting.{type_}", data, contest="c")
        assert (await board("contests", last))["c"]["status"] == "live"
        last = await say("w", "competition.withdrawn", {"entrant": "cyd"})
        shown = await board("contests", last)
        assert shown["c"]["status"] == "finished"
        assert [one["id"] for one in shown["medals"]["entrants"]] == [
            "ada",
            "place:light:2",  # bel is second in the list, and has no place
            "place:light:3",
        ]
        rows = await board("standings", last)
        assert [(id_, row.get("unplaced", False)) for id_, row in rows.items()] == [
            ("ada", False),
            ("bel", True),
        ]
        assert await contents(server.app.projection) == await made_anew(
            server.app.ledger, tmp_path / "anew"
        )
