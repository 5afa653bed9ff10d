"""Corrections that a second official has to approve, over real sockets, on both databases."""

import asyncio
import contextlib
import itertools
import random
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.facts.document import merge

API = "/api/v1/competitions"
_numbers = itertools.count(1)
GOALS = [("g1", "ada", 10, "m1"), ("g2", "bel", 11, "m1"), ("g3", "ada", 20, "m2")]
VOID = [{"record": "pad/g1", "action": "void", "reason": "offside"}]


class Cup:
    """A cup of its own, and what two officials, an admin and a device say of it."""

    def __init__(self, people: dict[str, httpx2.AsyncClient], slug: str) -> None:
        self.people = people
        self.slug = slug
        self.api = f"{API}/{slug}"

    async def ask(self, who: str, path: str, body: Any = None) -> httpx2.Response:
        client = self.people[who]
        url = f"{self.api}/{path}"
        return await (client.get(url) if body is None else client.post(url, json=body))

    async def said(self, who: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.ask(who, path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def event(self, id_: str, type_: str, contest: str | None, who="pad", **data) -> int:
        event = {"id": id_, "source": "pad", "type": type_, "data": data}
        event |= {"contest": contest} if contest else {}
        return (await self.said(who, "events", event, 201))["position"]

    async def propose(self, who: str, corrections: Any = VOID, path="corrections", **more):
        """Preview and sign; returns the preview and what signing answered."""
        asked = ({"corrections": corrections} if corrections else {}) | more
        preview = await self.said(who, f"{path}/preview", asked)
        seal = {"basis": preview["basis"], "digest": preview["digest"]}
        return preview, await self.said(who, path, asked | seal, 202)

    async def decide(self, who: str, proposal: Any, **decision) -> httpx2.Response:
        return await self.ask(who, f"corrections/proposals/{proposal['position']}", decision)

    async def approve(self, who: str, proposal: Any) -> httpx2.Response:
        return await self.decide(who, proposal, action="approve", digest=proposal["digest"])

    async def waiting(self) -> list[int]:
        found = (await self.said("bob", "corrections/proposals"))["proposals"]
        return [one["position"] for one in found]

    async def boards(self) -> dict[str, Any]:
        """Status, version and content of all boards with all that was said."""
        log = await self.said("ann", "entries?limit=1")
        await self.said("ann", f"boards/standings?after={log['entries'][0]['position']}")
        names = [one["board"] for one in (await self.said("ann", "boards"))["boards"]] + ["flags"]
        found = [await self.said("ann", f"boards/{name}") for name in names]
        return {
            name: (one["status"], one["version"], one["content"])
            for name, one in zip(names, found, strict=True)
        }

    async def score(self) -> list[int]:
        return (await self.boards())["box:m1"][2]["line"]["score"]


@pytest_asyncio.fixture(scope="module")
async def people(shared_settings):
    """Clients by name: three officials, an admin, a device, the public."""
    free = msgspec.structs.replace(shared_settings, private_port=0, public_port=0)
    async with running(free) as server, contextlib.AsyncExitStack() as open_:

        async def client(key: str, base: str = server.private_url) -> httpx2.AsyncClient:
            shown = {"Authorization": f"Bearer {key}"} if key else {}
            made = httpx2.AsyncClient(base_url=base, headers=shown, timeout=30)
            return await open_.enter_async_context(made)

        keys = {"root": server.admin_key}
        for name, role in {"ann": "official", "bob": "official", "pad": "device"}.items():
            _, keys[name] = await server.app.access.create(name=name, role=role, by="test")
        found = {name: await client(key) for name, key in keys.items()}
        yield found | {"public": await client("", server.public_url)}


@pytest_asyncio.fixture
async def cup(people):
    return await defined(people, "all")


async def defined(people, second_approval: str, **more) -> Cup:
    cup = Cup(people, f"cup-{next(_numbers)}")
    definition = {
        "slug": cup.slug,
        "name": "Cup",
        "sport": "football",
        "corrections": {"second_approval": second_approval},
        "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
        "groups": [{"id": "a", "name": "A", "entrants": ["ada", "bel"]}],
        "contests": [
            {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
            {"id": "m2", "entrants": ["ada", "bel"], "group": "a"},
            {"id": "m3", "entrants": ["ada", "bel"]},
        ],
    }
    made = await people["root"].post(API, json=definition | more)
    assert made.status_code == 201, made.text
    for id_, team, minute, contest in GOALS:
        await cup.event(id_, "football.goal", contest, team=team, minute=minute)
    return cup


CASES = {
    "a void": VOID,
    "two that belong together, one restored": [
        *VOID,
        {"record": "pad/g2", "action": "void", "reason": "?"},
        {"record": "pad/g2", "action": "restore", "reason": "!"},
        {
            "record": "pad/g3",
            "action": "amend",
            "reason": "x",
            "data": {"team": "bel", "minute": 3},
        },
    ],
}


@pytest.mark.parametrize("case", CASES)
async def test_nothing_changes_before_the_second_signature_and_then_what_was_previewed(cup, case):
    before = await cup.boards()
    preview, proposal = await cup.propose("ann", CASES[case])
    assert preview["second_approval"] is True and preview["boards"]
    assert (proposal["state"], proposal["actor"]) == ("waiting", "official:ann")
    assert await cup.boards() == before
    seen = await cup.said("bob", f"corrections/proposals/{proposal['position']}/preview")
    assert (seen["digest"], seen["boards"]) == (preview["digest"], preview["boards"])
    approved = await cup.approve("bob", proposal)
    assert approved.status_code == 201, approved.text
    assert approved.json()["state"] == "approved"
    expected = {name: (status, content) for name, (status, _, content) in before.items()}
    for change in preview["boards"]:
        content = expected.get(change["board"], ("", {}))[1]
        expected[change["board"]] = (change["status"], merge(content, change["merge"]))
    after = await cup.boards()
    assert {n: (status, content) for n, (status, _, content) in after.items()} == expected
    assert await cup.waiting() == []
    record = await cup.said("ann", "records/pad/g1")
    last = record["versions"][-1]
    assert (last["actor"], last["extensions"]) == (
        "official:ann",
        {"signeddigest": preview["digest"], "approvedby": "official:bob"},
    )


async def test_the_patch_that_is_emitted_is_the_one_that_was_previewed(cup):
    await cup.boards()
    preview, proposal = await cup.propose("ann")
    url = f"{cup.api}/boards/standings/stream"
    async with cup.people["public"].stream("GET", url) as response:
        lines = response.aiter_lines()
        await data_of(lines, "snapshot")
        assert (await cup.approve("bob", proposal)).status_code == 201
        emitted = await data_of(lines, "patch")
    shown = next(one for one in preview["boards"] if one["board"] == "standings")
    assert (emitted["before"], emitted["merge"]) == (shown["before"], shown["merge"])


async def data_of(lines, wanted):
    name = None
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name == wanted:
            return msgspec.json.decode(line.removeprefix("data: ").encode())
    raise AssertionError("the stream ended")


async def test_who_proposed_does_not_approve_and_devices_decide_nothing(cup):
    _, proposal = await cup.propose("ann")
    refused = await cup.approve("ann", proposal)
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:scoreboard:problem:forbidden",
    )
    assert "another official" in refused.json()["hint"]
    assert (await cup.approve("pad", proposal)).status_code == 403
    assert await cup.score() == [1, 1]
    assert await cup.waiting() == [proposal["position"]]
    unsigned = await cup.decide("bob", proposal, action="approve")
    assert (unsigned.status_code, unsigned.json()["pointer"]) == (422, "/digest")
    other = await cup.decide("bob", proposal, action="approve", digest="0" * 64)
    assert (other.status_code, other.json()["pointer"]) == (412, "/digest")


async def test_a_proposal_is_declined_with_a_reason_and_proposed_anew(cup):
    _, proposal = await cup.propose("ann")
    silent = await cup.decide("bob", proposal, action="decline")
    assert (silent.status_code, silent.json()["pointer"]) == (422, "/reason")
    declined = await cup.decide("bob", proposal, action="decline", reason="it was on side")
    assert declined.status_code == 201 and declined.json()["corrections"] == []
    late = await cup.approve("bob", proposal)
    assert late.status_code == 409 and "declined by official:bob" in late.json()["detail"]
    versions = (await cup.said("ann", f"records/{proposal['record']}"))["versions"]
    assert [(v["action"], v["actor"], v.get("reason")) for v in versions] == [
        ("record", "official:ann", "offside"),
        ("void", "official:bob", "it was on side"),
    ]
    assert await cup.waiting() == [] and await cup.score() == [1, 1]
    _, again = await cup.propose("bob")
    assert (await cup.approve("ann", again)).status_code == 201
    assert await cup.score() == [0, 1]


async def test_it_lapses_if_a_board_would_show_something_else(cup):
    _, proposal = await cup.propose("ann")
    await cup.event("g4", "football.goal", "m1", team="bel", minute=30)
    for answer in (
        await cup.ask("bob", f"corrections/proposals/{proposal['position']}/preview"),
        await cup.approve("bob", proposal),
    ):
        assert answer.status_code == 412 and "lapsed" in answer.json()["detail"]
        assert "anew" in answer.json()["hint"]
    assert await cup.score() == [1, 2]
    taken_back = await cup.decide("ann", proposal, action="decline", reason="lapsed")
    assert taken_back.status_code == 201
    _, again = await cup.propose("ann")
    assert (await cup.approve("bob", again)).status_code == 201
    assert await cup.score() == [0, 2]


async def test_it_lapses_if_the_record_was_corrected_by_another_proposal(cup):
    _, first = await cup.propose("ann")
    amended = {
        "record": "pad/g1",
        "action": "amend",
        "reason": "clock",
        "data": {"team": "ada", "minute": 9},
    }
    _, second = await cup.propose("bob", [amended])
    assert (await cup.approve("ann", second)).status_code == 201
    [left] = (await cup.said("ann", "corrections/proposals"))["proposals"]
    assert (left["position"], left["overtaken"]) == (first["position"], True)
    lapsed = await cup.approve("bob", first)
    assert lapsed.status_code == 412 and "version 2" in lapsed.json()["detail"]


async def test_what_goes_on_elsewhere_does_not_spoil_it(cup):
    _, proposal = await cup.propose("ann")
    await cup.event("g9", "football.goal", "m3", team="bel", minute=1)
    other, _ = await cup.propose("bob", [{**VOID[0], "record": "pad/g2"}])
    assert (await cup.approve("bob", proposal)).status_code == 201
    assert await cup.score() == [0, 1]
    assert other["digest"] != proposal["digest"]


async def test_nothing_is_proposed_if_something_came_since_the_preview(cup):
    asked = {"corrections": VOID}
    preview = await cup.said("ann", "corrections/preview", asked)
    seal = {"basis": preview["basis"], "digest": preview["digest"]}
    wrong = await cup.ask("ann", "corrections", asked | seal | {"digest": "0" * 64})
    assert (wrong.status_code, wrong.json()["pointer"]) == (412, "/digest")
    await cup.event("g4", "football.goal", "m1", team="bel", minute=30)
    assert (await cup.ask("ann", "corrections", asked | seal)).status_code == 412
    assert await cup.waiting() == []


async def test_two_who_approve_at_once_correct_once(cup, people):
    _, proposal = await cup.propose("ann")
    answers = await asyncio.gather(cup.approve("bob", proposal), cup.approve("root", proposal))
    first, second = sorted(one.status_code for one in answers)
    assert first == 201 and second in (
        409,
        412,
    )  # it is decided, or the record is at another version
    record = await cup.said("ann", "records/pad/g1")
    assert [version["action"] for version in record["versions"]] == ["record", "void"]


@pytest.mark.parametrize("seed", range(3))
async def test_an_approval_shows_what_was_previewed_or_changes_nothing(cup, seed):
    chance = random.Random(seed)
    open_: list[tuple[Any, Any]] = []
    outcomes = set()
    for step in range(14):
        before = await cup.boards()
        if step < 4 or (open_ and chance.random() < 0.4):
            record = f"pad/{chance.choice(GOALS)[0]}"
            amended = {"data": {"team": chance.choice(["ada", "bel"]), "minute": step + 1}}
            kind = {"record": record, "reason": "?", "action": "amend"} | amended
            open_.append(await cup.propose(chance.choice(["ann", "bob"]), [kind]))
            assert await cup.boards() == before
        elif open_:
            preview, proposal = open_.pop(chance.randrange(len(open_)))
            answer = await cup.approve("root", proposal)
            outcomes.add(answer.status_code)
            changes = preview["boards"] if answer.status_code == 201 else []
            shown = {one["board"]: one["merge"] for one in changes}
            for name, (_, _, content) in (await cup.boards()).items():
                assert content == merge(before[name][2], shown.get(name, {})), name
    assert outcomes == {201, 412}


async def test_undoing_waits_as_well_and_no_door_goes_round_it(cup):
    position = (await cup.said("ann", "records/pad/g1"))["versions"][0]["position"]
    _, proposal = await cup.propose("ann", None, "undo", positions=[position], reason="not a goal")
    assert proposal["corrections"][0]["undoes"] == str(position)
    assert (await cup.approve("bob", proposal)).status_code == 201
    assert await cup.score() == [0, 1]
    void = {"action": "void", "reason": "?"}
    event = {"id": "v", "source": "desk", "type": "football.goal", "record": "pad/g2"}
    same = event | {"contest": "m1", "data": {"team": "ada", "minute": 1}}
    for who in ("ann", "root"):
        for path, body in (
            ("records/pad/g2/corrections", void),
            ("events", event | void),
            ("events", same),
        ):
            refused = await cup.ask(who, path, body)
            assert refused.status_code == 403, refused.text
            assert "second official" in refused.json()["detail"]
    unseen = await cup.said("ann", "undo", {"positions": [position + 1], "reason": "?"}, 202)
    assert unseen["state"] == "waiting"
    forged = {"id": "f", "source": "desk", "type": "competition.proposed", "data": {}}
    assert (await cup.ask("root", "events", forged)).status_code == 422
    own = event | {"id": "own", "source": "pad", "record": None, "contest": "m1"}
    await cup.said("pad", "events", own | {"data": {"team": "bel", "minute": 60}}, 201)
    await cup.said("pad", "events", event | void | {"id": "own-2", "record": "pad/own"}, 201)
    assert await cup.score() == [0, 1]


async def test_of_contests_that_are_official_alone(people):
    cup = await defined(people, "official")
    await cup.said("ann", "records/pad/g1/corrections", {"action": "void", "reason": "?"}, 201)
    await cup.said("ann", "records/pad/g1/corrections", {"action": "restore", "reason": "!"}, 201)
    await cup.event("w", "football.full_time", "m1")
    await cup.boards()
    refused = await cup.ask("ann", "records/pad/g1/corrections", {"action": "void", "reason": "?"})
    assert refused.status_code == 403
    await cup.said("ann", "records/pad/g3/corrections", {"action": "void", "reason": "?"}, 201)
    _, proposal = await cup.propose("ann")
    assert (await cup.approve("bob", proposal)).status_code == 201
    assert await cup.score() == [0, 1]


async def test_it_survives_what_an_admin_changes_and_is_listed_across_competitions(cup, people):
    _, proposal = await cup.propose("ann")
    listed = (await people["ann"].get("/api/v1/proposals")).json()["proposals"]
    assert proposal in [one for one in listed if one["competition"] == cup.slug]
    assert proposal["corrections"] == [
        {
            "record": "pad/g1",
            "action": "void",
            "type": "football.goal",
            "reason": "offside",
            "contest": "m1",
            "said": {"team": "ada", "minute": 10},
        }
    ]
    assert (await people["public"].get("/api/v1/proposals")).status_code == 404
    assert (await cup.ask("public", "corrections/proposals")).status_code == 404
    unknown = await cup.decide("bob", {"position": 10**9}, action="decline", reason="?")
    assert unknown.status_code == 404
    undone = await cup.ask("bob", "undo", {"positions": [proposal["position"]], "reason": "?"})
    assert undone.status_code == 409


async def test_a_rehearsal_says_again_what_two_have_signed(cup, people):
    _, proposal = await cup.propose("ann")
    assert (await cup.approve("bob", proposal)).status_code == 201
    begun = await people["root"].post(
        "/api/v1/rehearsals", json={"competition": cup.slug, "speed": 10_000}
    )
    slug = begun.json()["slug"]
    while True:
        [now] = (await people["root"].get("/api/v1/rehearsals")).json()
        if now["over"]:
            break
        await asyncio.sleep(0.01)
    assert now["refused"] == 0
    assert await Cup(people, slug).score() == [0, 1]
    assert (await people["root"].delete(f"/api/v1/rehearsals/{slug}")).status_code == 204


async def test_proposals_are_there_after_a_restart_and_bounded(settings):
    limits = msgspec.structs.replace(settings.limits, proposals_open_max=2)
    free = msgspec.structs.replace(settings, private_port=0, public_port=0, limits=limits)
    keys: dict[str, str] = {}
    proposals = []
    for start in range(2):
        async with running(free) as server, contextlib.AsyncExitStack() as open_:
            if not start:
                keys["root"] = keys["pad"] = server.admin_key
                for name in ("ann", "bob"):
                    made = await server.app.access.create(name=name, role="official", by="test")
                    keys[name] = made[1]
            people = {
                name: await open_.enter_async_context(
                    httpx2.AsyncClient(
                        base_url=server.private_url, headers={"Authorization": f"Bearer {key}"}
                    )
                )
                for name, key in keys.items()
            }
            if not start:
                cup = await defined(people, "all")
                for record in ("g1", "g2"):
                    correction = {**VOID[0], "record": f"pad/{record}"}
                    proposals.append((await cup.propose("ann", [correction]))[1])
                full = await cup.ask("bob", "corrections", {"corrections": VOID})
                assert full.status_code == 409 and "2 proposals" in full.json()["detail"]
                continue
            cup.people = people
            assert await cup.waiting() == [one["position"] for one in proposals]
            assert (await cup.approve("bob", proposals[1])).status_code == 201
            assert await cup.waiting() == [proposals[0]["position"]]
            assert await cup.score() == [1, 0]
            await cup.propose("ann", [{**VOID[0], "record": "pad/g3"}])
            full = await cup.ask("bob", "corrections", {"corrections": VOID})
            assert full.status_code == 409
            erasures = f"records/{proposals[0]['record']}/erasures"
            await cup.said("root", erasures, {"reason": "asked for"})
            _, again = await cup.propose("ann")  # what is erased waits no more
            assert again["position"] in await cup.waiting()
