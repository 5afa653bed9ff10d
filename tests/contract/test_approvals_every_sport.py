"""What two officials sign is the same in every sport, however much later the second one looks."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec

from scoreboard.admin.simulation import Simulation
from scoreboard.app import running
from scoreboard.facts.competition import Competition
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
NOT_PLAYED = ("top-ten", "predictions-friends")  # nobody is entered, or it is over another one
API = "/api/v1/competitions"


async def test_a_proposal_is_approved_after_time_has_passed(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"), private_port=0, public_port=0)
    sports = Sports.installed()
    async with running(settings) as server:
        _, key = await server.app.access.create(name="bob", role="official", by="test")
        root, bob = (
            httpx2.AsyncClient(
                base_url=server.private_url, headers={"Authorization": f"Bearer {one}"}, timeout=60
            )
            for one in (server.admin_key, key)
        )
        async with root, bob:
            proposed = {}
            for path in sorted(EXAMPLES.glob("*.toml")):
                if path.stem not in NOT_PLAYED:
                    proposed[path.stem] = await proposal_in(root, path, sports)
            for slug, proposal in proposed.items():  # all the others were played meanwhile
                approval = {"action": "approve", "digest": proposal["digest"]}
                at = f"{API}/{slug}/corrections/proposals/{proposal['position']}"
                approved = await bob.post(at, json=approval)
                assert approved.status_code == 201, (slug, approved.text)


async def proposal_in(root: httpx2.AsyncClient, path: Path, sports: Sports) -> dict[str, str]:
    """Play two thirds of an example, and propose to void what was said in the middle."""
    written = tomllib.loads(path.read_text("utf-8"))
    written |= {"slug": path.stem, "corrections": {"second_approval": "all"}}
    simulated = Simulation(msgspec.convert(written, Competition), sports, 1)
    made = [one for one in simulated if one.contest][:300]
    made = made[: len(made) * 2 // 3]
    began = datetime.now(UTC) - timedelta(seconds=made[-1].at_s)
    events = [
        {
            "id": f"e{number}",
            "source": "sim",
            "type": one.type,
            "contest": one.contest,
            "time": (began + timedelta(seconds=one.at_s)).isoformat(),
            "data": msgspec.Raw(one.data),
        }
        for number, one in enumerate(made)
    ]
    api, as_json = f"{API}/{path.stem}", {"Content-Type": "application/json"}
    defined = await root.post(API, content=msgspec.json.encode(written), headers=as_json)
    assert defined.status_code == 201, defined.text
    said = await root.post(f"{api}/events", content=msgspec.json.encode(events), headers=as_json)
    assert {one["status"] for one in said.json()["results"]} == {201}
    record = f"sim/e{len(events) // 2}"
    asked = {"corrections": [{"record": record, "action": "void", "reason": "seen again"}]}
    preview = (await root.post(f"{api}/corrections/preview", json=asked)).json()
    seal = {"basis": preview["basis"], "digest": preview["digest"]}
    signed = await root.post(f"{api}/corrections", json=asked | seal)
    assert signed.status_code == 202, signed.text
    proposal: dict[str, str] = signed.json()
    return proposal
