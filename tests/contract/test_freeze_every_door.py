"""A freeze at every door there is: the doors are read from the program's own description.

Whoever has no key asks every GET address, with every value that could tell something and every
query, before and after things happen behind a freeze. Nothing may differ, not even an ETag.
"""

import itertools

import httpx2
import msgspec
import pytest

from scoreboard.app import running
from scoreboard.settings import Projection

API = "/api/v1/competitions"
SECRET = ("7719", "late-")  # figures and names of what happens behind the freeze
NAMES = ("ada", "bel", "cad")
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in NAMES],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["winner:m1", "cad"]},
    ],
}
LINKS = {
    "slug": "links",
    "name": "Links",
    "sport": "golf",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in NAMES],
    "contests": [{"id": "m1", "name": "Round 1"}],
}
VALUES = {
    "competition": ("cup", "links"),
    "board": (
        "standings", "contests", "bracket", "flags", "box:m1", "box:m2", "timeline:m1",
        "timeline:m2", "combined:m1", "reconciliation:m1",
    ),
    "contest": ("m1", "m2"),
    "entrant": NAMES,
    "record": ("pad/1", "pad/late-1", "officials/late-void"),
    "key": ("none",),
    "at": ("1", "8", "999999", "2150-01-01T00:00:00Z"),
    "rules": ("1", "2"),
    "top": ("2",),
    "group": ("a",),
    "around": ("bel",),
    "after": ("1",),
    "upto": ("999999",),
    "limit": ("5",),
}  # fmt: skip
NOT_ABOUT_A_COMPETITION = (
    "/static/",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/time",
)


async def doors(client):
    """Every address that the listener describes, filled in, with no query and with each alone."""
    described = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in described.items():
        if "get" not in methods or path.startswith(NOT_ABOUT_A_COMPETITION):
            continue
        parameters = methods["get"].get("parameters", [])
        inside = [one["name"] for one in parameters if one["in"] == "path"]
        queries = [""]
        for one in parameters:
            if one["in"] == "query":
                queries += [f"?{one['name']}={value}" for value in VALUES[one["name"]]]
        for values in itertools.product(*(VALUES[name] for name in inside)):
            address = path
            for name, value in zip(inside, values, strict=True):
                address = address.replace("{" + name + "}", value)
            if not address.endswith("/stream"):
                for query in queries:
                    yield address + query


async def all_that_is_told(client):
    told = {}
    async for address in doors(client):
        answer = await client.get(address)
        assert answer.status_code < 500, (address, answer.text)
        told[address] = (answer.status_code, answer.headers.get("etag"), answer.text)
    return told


@pytest.mark.parametrize("door", ["public listener", "arena screen"])
async def test_what_happens_behind_a_freeze_changes_no_answer_of_any_door(settings, door):
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=headers) as official,
            httpx2.AsyncClient(
                base_url=server.public_url if door == "public listener" else server.private_url
            ) as spectator,
        ):

            async def say(slug, id_, type_, contest=None, **data):
                event = {"id": id_, "source": "pad", "type": type_, "data": data}
                event |= {"contest": contest} if contest else {}
                answer = await official.post(f"{API}/{slug}/events", json=event)
                assert answer.status_code == 201, answer.text
                after = {"after": answer.json()["position"]}
                shown = await official.get(f"{API}/{slug}/boards/standings", params=after)
                assert shown.status_code == 200

            for competition in (CUP, LINKS):
                assert (await official.post(API, json=competition)).status_code == 201
            await say("cup", "1", "football.goal", "m1", team="ada", minute=9)
            await say("links", "1", "golf.shot", "m1", entrant="ada", hole=1, number=1)
            for slug in ("cup", "links"):
                await say(slug, "freeze", "competition.frozen")
            before = await all_that_is_told(spectator)
            assert sum(status == 200 for status, _, _ in before.values()) > 100

            for n in range(3):
                await say("cup", f"late-{n}", "football.goal", "m1", team="bel", minute=10 + n,
                          player="7719")  # fmt: skip
                await say("links", f"late-{n}", "golf.stroke", "m1", entrant="ada", hole=1,
                          number=n + 1)  # fmt: skip
            await say("cup", "late-end", "football.full_time", "m1")
            await say("cup", "late-entry", "competition.entered",
                      entrant={"id": "dot", "name": "late-Dot"})  # fmt: skip
            void = {"action": "void", "reason": "late-seen again"}
            for record in ("pad/1", "pad/late-1"):
                url = f"{API}/cup/records/{record}/corrections"
                assert (await official.post(url, json=void)).status_code == 201
            by_other_rules = CUP | {"params": {"win": 7719}}
            assert (await official.post(API, json=by_other_rules)).status_code == 200
            await say("cup", "late-2-more", "football.goal", "m2", team="cad", minute=1)

            after = await all_that_is_told(spectator)
            assert {a: after[a] for a in after if after[a] != before.get(a)} == {}
            assert before.keys() == after.keys()
            leaked = [a for a, (_, _, text) in after.items() if any(s in text for s in SECRET)]
            assert [a for a in leaked if "late-" not in a] == []
            seen = await official.get(f"{API}/cup/boards/timeline:m1")
            assert "7719" in seen.text  # it did happen
