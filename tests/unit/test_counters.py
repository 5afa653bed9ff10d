"""The windows that limits are counted in: they end, and there are only so many."""

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import FixedWindowRateLimiter

from scoreboard.access.counters import Counters
from scoreboard.access.pace import Pace, network_of
from scoreboard.access.refusals import TEXT_CHARACTERS_MAX, Refusals
from scoreboard.access.user_pace import UserPace
from scoreboard.errors import Forbidden, TooFast
from scoreboard.settings import Limits, Players

LONG_S, OVER_S = 60.0, -1.0


async def test_what_is_counted_in_a_window_is_forgotten_at_its_end() -> None:
    counters = Counters(names_max=10)
    assert [await counters.incr("ada", LONG_S, 2), await counters.incr("ada", LONG_S)] == [2, 3]
    assert await counters.get("ada") == 3
    await counters.incr("bel", OVER_S)
    assert await counters.get("bel") == 0
    assert await counters.incr("bel", LONG_S) == 1


async def test_windows_that_are_over_are_let_go_as_others_begin() -> None:
    counters = Counters(names_max=1_000)
    for n in range(100):
        await counters.incr(str(n), OVER_S)
    for n in range(60):
        await counters.incr(f"new-{n}", LONG_S)
    assert len(counters) == 60


async def test_there_are_only_so_many_windows_and_the_oldest_goes_first() -> None:
    counters = Counters(names_max=3)
    for name in ("ada", "bel", "cad", "dot"):
        await counters.incr(name, LONG_S)
    assert len(counters) == 3
    assert [await counters.get(name) for name in ("ada", "bel", "dot")] == [0, 1, 1]


async def test_the_librarys_limiter_counts_in_them() -> None:
    limiter = FixedWindowRateLimiter(Counters(names_max=10))
    item = RateLimitItemPerMinute(2)
    assert [await limiter.hit(item, "ada") for _ in range(3)] == [True, True, False]
    assert await limiter.hit(item, "bel")
    assert (await limiter.get_window_stats(item, "ada")).remaining == 0


async def test_a_user_past_the_limit_takes_nothing_from_others_at_the_address() -> None:
    players = Players(user_events_per_minute=2, address_events_per_minute=4)
    pace = UserPace(players, Limits())
    for _ in range(2):
        await pace.spend("ada", "192.0.2.1")
    for _ in range(9):
        with pytest.raises(TooFast, match="by this user"):
            await pace.spend("ada", "192.0.2.1")
    for _ in range(2):
        await pace.spend("bel", "192.0.2.1")
    with pytest.raises(TooFast, match="by this address"):
        await pace.spend("cad", "192.0.2.1")


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::2:3") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("unknown") == "unknown"


async def test_refused_keys_count_by_the_network_of_an_address() -> None:
    pace = Pace(Limits(login_failures_per_minute=2))
    for host in ("1", "2"):
        await pace.ensure_trusted(f"2001:db8::{host}")
        await pace.distrust(f"2001:db8::{host}")
    with pytest.raises(TooFast, match="refused keys"):
        await pace.ensure_trusted("2001:db8::3")
    await pace.ensure_trusted("2001:db8:0:1::1")


def test_what_strangers_ask_for_is_kept_in_bounds() -> None:
    refusals = Refusals(3, clock=lambda: 0)
    for n in range(5):
        long = f"{n}" * 500_000
        refusals.note("192.0.2.1", Forbidden("no"), f"GET /api/v1/competitions/{long}", long)
    kept = refusals.newest()
    assert [one.competition[0] for one in kept] == ["4", "3", "2"]
    assert all(len(one.what + one.competition) <= 2 * TEXT_CHARACTERS_MAX for one in kept)
