"""A race: two laps with splits and a station, two waves, chips of known and unknown entrants."""

from hypothesis import strategies as st

COURSE = [
    {"id": "start", "take": "last", "latest": 5_000},
    {"id": "loop", "readers": ["mat1", "mat2"], "lapped": True, "window": 2_000},
    {"id": "finish", "readers": ["mat2"], "earliest": 10_000},
]
PARAMS = [
    {},
    {"points": COURSE, "laps": 2, "waves": {"b": 3_000}, "time": "chip", "resolution": 1000},
    {
        "points": COURSE,
        "order": "laps",
        "laps": 2,
        "stations": [
            {"id": "row", "reps": 3, "missing": 15_000, "no_rep": 1_000, "point": "loop"},
            {"id": "sled", "point": "finish"},
        ],
        "join": {"within_ms": 5_000, "doubt_ms": 1_000},
    },
]
CONTESTS = st.sampled_from(["heat1", "heat2", "heat1", "late", ""])
ENTRANTS = st.sampled_from(["ada", "bel", "cyd", "nobody"])
AT = st.integers(0, 30) | st.just(10_000)


def definition(params):
    return {
        "slug": "run",
        "name": "Run",
        "sport": "race",
        "params": params,
        "entrants": [
            {"id": "ada", "name": "Ada", "attributes": {"chip": "c1", "division": "F"}},
            {"id": "bel", "name": "Bel", "attributes": {"chip": 2, "division": "F", "wave": "b"}},
            {"id": "cyd", "name": "Cyd", "attributes": {"division": "M"}},
        ],
        "contests": [{"id": "heat1"}, {"id": "heat2", "params": {"time": "gun"}}],
    }


def _said(type_, *parts, **data):
    payload = st.fixed_dictionaries(data)
    for part in parts:
        payload = st.builds(dict.__or__, payload, part)
    return st.tuples(CONTESTS, st.just(f"race.{type_}"), payload, st.integers(0, 9))


def facts():
    at = AT.map(lambda second: second * 1_000 if second < 10_000 else second)
    readers = st.sampled_from(["start", "mat1", "mat2", "finish", "elsewhere"])
    who = st.one_of(
        ENTRANTS.map(lambda id_: {"entrant": id_}),
        st.sampled_from(["c1", "2", "c9"]).map(lambda chip: {"chip": chip}),
    )
    return st.lists(
        st.one_of(
            _said("read", who, reader=readers, at=at),
            _said("read", who, reader=readers, at=at),
            _said("gun", st.sampled_from([{}, {"wave": "b"}]), at=at),
            _said("clock", reader=readers, ahead=st.integers(-2_000, 2_000)),
            _said("penalty", entrant=ENTRANTS, time=st.integers(-9_000, 9_000)),
            _said(
                "penalty",
                entrant=ENTRANTS,
                laps=st.integers(0, 3),
                station=st.sampled_from([None, "row", "sled"]),
                at=st.none() | at,
            ),
            _said(
                "status",
                entrant=ENTRANTS,
                status=st.sampled_from(["dns", "dnf", "dsq", "reinstated"]),
            ),
            _said(
                "reps",
                entrant=ENTRANTS,
                station=st.sampled_from(["row", "ski", "sled"]),
                at=st.none() | at,
                good=st.integers(0, 4),
                no_reps=st.integers(0, 2),
            ),
        ),
        max_size=20,
    )
