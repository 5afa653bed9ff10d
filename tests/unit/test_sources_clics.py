"""A CLICS feed line by line: what counts becomes events, what does not is passed over."""

import msgspec
import pytest

from scoreboard.errors import BadInput, TooLarge
from scoreboard.sources.clics import LINE_BYTES_MAX, ClicsFeed, milliseconds, minutes

SUBMISSION = {
    "id": "s1",
    "team_id": "t1",
    "problem_id": "p1",
    "contest_time": "0:10:00.500",
    "time": "2027-05-08T13:10:00.500Z",
}
JUDGEMENT = {"id": "j1", "submission_id": "s1", "start_contest_time": "0:10:02.000"}


def line(type_, data, id_=None, token="1"):
    id_ = id_ or (data or {}).get("id")
    return msgspec.json.encode({"type": type_, "id": id_, "data": data, "token": token})


def test_a_submission_and_its_judgement_become_events_of_records_of_their_own():
    feed = ClicsFeed(contest="main")
    (submitted,) = feed.take(line("submissions", SUBMISSION, token="7"))
    assert submitted == {
        "id": "submissions/s1/7",
        "source": "clics",
        "type": "problems.submitted",
        "record": "clics/submissions/s1",
        "contest": "main",
        "time": "2027-05-08T13:10:00.500Z",
        "data": {
            "entrant": "t1",
            "problem": "p1",
            "submission": "s1",
            "submitted_ms": 600_500,
        },
    }
    (begun,) = feed.take(line("judgements", JUDGEMENT, token="8"))
    assert (begun["type"], begun["record"]) == ("problems.judging", "clics/judging/j1")
    (judged,) = feed.take(line("judgements", JUDGEMENT | {"judgement_type_id": "AC"}, token="9"))
    assert (judged["type"], judged["record"]) == ("problems.judged", "clics/judgements/j1")
    assert judged["data"] == submitted["data"] | {
        "judgement": "j1",
        "started_ms": 602_000,
        "verdict": "AC",
    }


def test_a_line_that_changes_nothing_that_counts_says_nothing():
    feed = ClicsFeed()
    feed.take(line("submissions", SUBMISSION))
    judged = JUDGEMENT | {"judgement_type_id": "WA", "end_contest_time": "0:10:03"}
    assert len(feed.take(line("judgements", judged))) == 1
    assert feed.take(line("judgements", judged | {"end_contest_time": "0:10:09"})) == []
    assert len(feed.take(line("judgements", judged | {"judgement_type_id": "AC"}))) == 1
    assert feed.take(b"\n") == []


def test_a_verdict_that_goes_back_is_said_again_under_another_id():
    feed = ClicsFeed()
    feed.take(line("submissions", SUBMISSION))
    ids = [
        event["id"]
        for token, verdict in enumerate(["WA", "AC", "WA"])
        for event in feed.take(
            line("judgements", JUDGEMENT | {"judgement_type_id": verdict}, token=str(token))
        )
    ]
    assert len(set(ids)) == 3


def test_what_is_deleted_in_the_feed_is_voided_once():
    feed = ClicsFeed()
    feed.take(line("submissions", SUBMISSION))
    gone = line("submissions", None, "s1", token="3")
    (void,) = feed.take(gone)
    assert (void["action"], void["record"]) == ("void", "clics/submissions/s1")
    assert "data" not in void
    assert feed.take(gone) == []


def test_the_state_starts_freezes_and_thaws():
    feed = ClicsFeed(contest="main")
    assert feed.take(line("state", {"started": None})) == []
    (started,) = feed.take(line("state", {"started": "2027-05-08T13:00:00Z"}))
    assert (started["type"], started["contest"]) == ("problems.started", "main")
    (frozen,) = feed.take(
        line("state", {"started": "2027-05-08T13:00:00Z", "frozen": "2027-05-08T14:30:00Z"})
    )
    assert (frozen["type"], frozen["data"]) == ("competition.frozen", {"contest": "main"})
    assert "contest" not in frozen
    feed.take(line("state", {"end_of_updates": "2027-05-08T18:00:00Z"}))
    assert feed.seen.ended


def test_the_definition_leaves_hidden_teams_out_and_keeps_the_problems_order():
    feed = ClicsFeed()
    for type_, data in [
        ("contest", {"name": "C", "duration": "2:00:00", "scoreboard_freeze_duration": "0:30:00",
                     "penalty_time": "0:10:00.000", "start_time": "2027-05-08T13:00:00Z"}),
        ("groups", {"id": "g", "name": "Europe"}),
        ("groups", {"id": "h", "name": "Spectators", "hidden": True}),
        ("organizations", {"id": "o", "name": "Uni", "country": "SWE"}),
        ("teams", {"id": "t1", "name": "One", "group_ids": ["g"], "organization_id": "o"}),
        ("teams", {"id": "t2", "name": "Two", "group_ids": ["h"]}),
        ("teams", {"id": "t3", "name": "Three", "hidden": True}),
        ("problems", {"id": "q", "label": "B", "name": "Q", "ordinal": 1}),
        ("problems", {"id": "p", "label": "A", "name": "P", "ordinal": 0}),
        ("judgement-types", {"id": "AC", "solved": True, "penalty": False}),
        ("languages", {"id": "cpp"}),
    ]:  # fmt: skip
        assert feed.take(line(type_, data)) == []
    made = feed.definition("contest")
    assert made["entrants"] == [
        {
            "id": "t1",
            "name": "One",
            "short": "",
            "attributes": {"group": "Europe", "country": "SWE", "organization": "Uni"},
        }
    ]
    params = made["params"]
    assert [problem["label"] for problem in params["problems"]] == ["A", "B"]
    assert (params["duration_min"], params["freeze_min"], params["penalty_min"]) == (120, 90, 10)
    assert params["verdicts"] == {"AC": {"solved": True, "penalty": False}}
    assert made["contests"][0]["entrants"] == ["t1"]


def test_a_collection_at_once_and_the_older_form_with_op_are_understood():
    feed = ClicsFeed()
    whole = {"type": "submissions", "id": None, "data": [SUBMISSION], "token": "1"}
    assert len(feed.take(msgspec.json.encode(whole))) == 1
    old = {"id": "e5", "type": "judgements", "op": "update",
           "data": JUDGEMENT | {"judgement_type_id": "AC"}}  # fmt: skip
    (judged,) = feed.take(msgspec.json.encode(old))
    assert judged["data"]["verdict"] == "AC"
    (void,) = feed.take(msgspec.json.encode(old | {"op": "delete"}))
    assert (void["action"], feed.seen.token) == ("void", "e5")


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b"7",
        b'{"id": "s1"}',
        b'{"type": "submissions", "id": "s1", "data": {}}',
        b'{"type": "submissions", "id": "s1", "data": 7}',
        line("submissions", SUBMISSION | {"contest_time": "noon"}),
    ],
)
def test_what_is_no_line_of_a_feed_is_refused_with_its_number(bad):
    feed = ClicsFeed()
    feed.take(line("groups", {"id": "g"}))
    with pytest.raises(BadInput, match="line 2 is not a line of a CLICS feed"):
        feed.take(bad)


def test_a_line_above_the_bound_is_refused():
    with pytest.raises(TooLarge):
        ClicsFeed().take(b"x" * (LINE_BYTES_MAX + 1))


def test_times_are_read_exactly():
    assert milliseconds("-1:02:03.4") == -3_723_400
    assert milliseconds("0:20:00.000") == 1_200_000
    assert (minutes("0:20:00.000"), minutes(20)) == (20, 20)
