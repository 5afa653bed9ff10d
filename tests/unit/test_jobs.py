"""What the worker says becomes metrics, and wakes who shows what it has published."""

from prometheus_client import REGISTRY

from scoreboard.ops.jobs import Jobs


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_jobs_are_counted_by_what_became_of_them_with_how_long_they_took():
    published, settled = [], []
    jobs = Jobs(lambda: published.append(1), lambda slug, upto: settled.append((slug, upto)))

    def counts():
        of = {"job": "run"}
        outcomes = ("done", "failed", "parked", "retried")
        return [
            *(value("scoreboard_jobs_total", outcome=one, **of) for one in outcomes),
            value("scoreboard_job_seconds_count", **of),
            value("scoreboard_store_write_seconds_count", store="predictions"),
        ]

    before = counts()
    for line in (
        {"event": "run", "competition": "tips", "seconds": 1.5, "users": 9},
        {"event": "failed", "competition": "tips", "error": "no"},
        {"event": "parked", "competition": "tips", "contest": "m1", "error": "no"},
        {"event": "retried", "competition": "tips"},
        {"event": "wrote", "seconds": [0.1, 0.2]},
        {"event": "published", "competition": "tips", "run": 2, "position": 9, "seconds": 0.1},
        {"event": "nobody knows this one"},
        {"no": "event"},
    ):
        assert not jobs.heard(line)
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1, 1, 1, 1, 2]
    assert published == [1]
    assert jobs.heard({"event": "settled", "competition": "tips", "position": 9})
    assert settled == [("tips", 9)]
