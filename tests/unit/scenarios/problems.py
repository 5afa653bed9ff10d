"""Problems: submissions, contradicting judgements, rejudgings, intervals, unknown problems."""

from hypothesis import strategies as st

MINUTE = 60_000
PARAMS = [
    {"problems": [{"id": "p", "label": "A"}, {"id": "q", "label": "B"}], "gold": 1},
    {
        "problems": [{"id": "p", "label": "A"}],
        "penalty_min": 0,
        "duration_min": 60,
        "freeze_min": None,
    },
]
CONTESTS = st.sampled_from(["main", "extra", "late", ""])
TIMES = st.sampled_from([-MINUTE, 0, 10 * MINUTE, 10 * MINUTE + 1, 59 * MINUTE, 300 * MINUTE])


def definition(params):
    ids = ["ada", "bel", "cyd"]
    return {
        "slug": "code",
        "name": "Code",
        "sport": "problems",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ids],
        "contests": [
            {"id": "main", "entrants": ids},
            {"id": "extra", "params": {"penalty_min": 5}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"problems.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    of_submission = {
        "entrant": st.sampled_from(["ada", "bel", "cyd", "nobody"]),
        "problem": st.sampled_from(["p", "p", "q", "r"]),
        "submission": st.sampled_from(["s1", "s2", "s3"]),
        "submitted_ms": TIMES,
    }
    judging = of_submission | {"judgement": st.sampled_from(["j1", "j2"]), "started_ms": TIMES}
    verdicts = st.sampled_from(["AC", "WA", "CE", "maybe"])
    return st.lists(
        st.one_of(
            _said("submitted", **of_submission),
            _said("judging", **judging),
            _said("judged", **judging, verdict=verdicts),
            _said("judged", **judging, verdict=verdicts),
            _said("interval_removed", from_ms=TIMES, until_ms=TIMES),
            _said("started"),
            _said("ended"),
            _said("finalized"),
        ),
        max_size=20,
    )
