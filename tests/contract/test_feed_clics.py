"""A contest's CLICS feed followed into a running server: from a file, and over a broken line."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner

from scoreboard.app import running
from scoreboard.cli import main

pytestmark = pytest.mark.one_database


def lines():
    """Two teams, two problems, three submissions; the first is rejudged, the last judged late."""
    started = {"started": "2027-05-08T13:00:00Z"}
    said = [
        ("contest", "c", {"id": "c", "name": "C", "duration": "2:00:00", "penalty_time": 20,
                          "start_time": "2027-05-08T13:00:00Z"}),
        ("teams", "t1", {"id": "t1", "name": "One"}),
        ("teams", "t2", {"id": "t2", "name": "Two"}),
        ("problems", "p", {"id": "p", "label": "A", "ordinal": 0}),
        ("problems", "q", {"id": "q", "label": "B", "ordinal": 1}),
        ("state", None, started),
        *submission("s1", "t1", "p", 10, verdict="WA"),
        *submission("s2", "t2", "p", 20, verdict="AC"),
        ("judgements", "j9", judgement("j9", "s1", 25, verdict="AC")),
        *submission("s3", "t1", "q", 30, verdict="AC"),
        ("state", None, started | {"ended": "2027-05-08T15:00:00Z",
                                   "end_of_updates": "2027-05-08T15:10:00Z"}),
    ]  # fmt: skip
    return [
        json.dumps({"type": type_, "id": id_, "data": data, "token": f"k{number:02}"}).encode()
        for number, (type_, id_, data) in enumerate(said)
    ]


def submission(id_, team, problem, minute, *, verdict):
    handed = {"id": id_, "team_id": team, "problem_id": problem,
              "contest_time": f"0:{minute}:00", "time": f"2027-05-08T13:{minute}:00Z"}  # fmt: skip
    judged = judgement(f"j-{id_}", id_, minute, verdict=verdict)
    return [
        ("submissions", id_, handed),
        ("judgements", judged["id"], {k: v for k, v in judged.items() if k != "judgement_type_id"}),
        ("judgements", judged["id"], judged),
    ]


def judgement(id_, of, minute, *, verdict):
    return {
        "id": id_,
        "submission_id": of,
        "judgement_type_id": verdict,
        "start_contest_time": f"0:{minute}:01",
        "start_time": f"2027-05-08T13:{minute}:01Z",
    }


FINAL = {
    "t1": {"solved": 2, "time": 40, "A": "1/10", "B": "1/30"},
    "t2": {"solved": 1, "time": 20, "A": "1/20"},
}


@pytest_asyncio.fixture
async def server(settings):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as served:
        yield served


async def command(server, *arguments):
    """Run `scoreboard feed clics` against the server; its exit code and what it printed."""
    options = ["--url", server.private_url, "--key", server.admin_key, "--define"]
    done = await asyncio.to_thread(
        CliRunner().invoke, main, ["feed", "clics", *map(str, arguments), *options]
    )
    return done.exit_code, done.output


async def figures(server):
    async with httpx2.AsyncClient(base_url=server.public_url) as client:
        position = server.app.ledger.head.position
        path = f"/api/v1/competitions/code/boards/standings?after={position}"
        answer = await client.get(path)
        answer.raise_for_status()
        return {team: row["figures"] for team, row in answer.json()["content"]["rows"].items()}


async def test_a_file_defines_the_competition_and_says_what_happened_once(server, tmp_path):
    path = tmp_path / "feed.ndjson"
    path.write_bytes(b"\n".join(lines()) + b"\n")
    code, printed = await command(server, path, "code")
    assert (code, "201: 12" in printed) == (0, True), printed
    assert await figures(server) == FINAL
    again, printed = await command(server, path, "code")
    assert (again, "200: 12" in printed) == (0, True), printed
    assert await figures(server) == FINAL


async def test_a_feed_that_breaks_off_is_taken_up_after_its_last_token(server, tmp_path):
    with FeedServer(lines(), a_time=7) as feed:
        state = tmp_path / "state.json"
        code, printed = await command(server, feed.url, "code", "--state", state, "--pause", 0)
    assert code == 0, printed
    assert feed.asked == [None, "k06", "k13"]
    assert await figures(server) == FINAL


async def test_a_follower_that_is_started_again_goes_on_where_it_stood(server, tmp_path):
    state, first, rest = tmp_path / "state.json", tmp_path / "first", tmp_path / "rest"
    first.write_bytes(b"\n".join(lines()[:8]))
    rest.write_bytes(b"\n".join(lines()[8:]))
    assert (await command(server, first, "code", "--state", state))[0] == 0
    code, printed = await command(server, rest, "code", "--state", state)
    assert code == 0, printed
    assert await figures(server) == FINAL


@pytest.mark.parametrize("origin", ["nowhere.ndjson", "bad.ndjson"])
async def test_what_is_no_feed_is_one_clear_line(server, tmp_path, origin):
    (tmp_path / "bad.ndjson").write_bytes(b"{}\n")
    code, printed = await command(server, tmp_path / origin, "code")
    assert code == 1
    assert "error:" in printed
    assert "Traceback" not in printed


class FeedServer:
    """A contest system that sends some lines of its feed and breaks off, each time it is asked."""

    def __init__(self, lines, a_time):
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                token = parse_qs(urlsplit(self.path).query).get("since_token", [None])[0]
                outer.asked.append(token)
                tokens = [json.loads(line)["token"] for line in lines]
                first = tokens.index(token) + 1 if token else 0
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"\n".join([b"", *lines[first : first + a_time], b""]))

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/event-feed"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
