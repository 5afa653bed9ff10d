"""Runs: seen whole or not at all, gone on with after any end, parked when the rule fails."""

import msgspec
import pytest
from msgspec.structs import replace
from plain_game import cup, draft, game

from scoreboard.facts.entry import Accepted
from scoreboard.predictions.game import Game
from scoreboard.predictions.reading import Predictions
from scoreboard.predictions.settling import points_of
from scoreboard.predictions.store import PredictionsStore
from scoreboard.settings import Limits, Projection
from scoreboard.sports.registry import Sports
from scoreboard.worker import make_anew

USERS = 2_500
AT_ONCE = Projection(worker_settle_s=0, worker_publish_s=0)
SMALL = Limits(worker_batch_users_max=1_024)
CUP, TIPS = "cup", "tips"


class Worked:
    """A game of many users, the steps of its worker taken one by one."""

    def __init__(self, settings, ledger, store):
        self.settings = replace(settings, projection=AT_ONCE, limits=SMALL)
        self.ledger = ledger
        self.store = store
        self.reader = Predictions(settings)
        self.reported = []
        self._said = 0
        self.game = None

    async def say(self, slug, source, type_, data=None, **more):
        self._said += 1
        made = draft(slug, source, f"e{self._said}", type_, data, **more)
        (fate,) = await self.ledger.append([made])
        assert isinstance(fate, Accepted), fate
        return fate

    async def begin(self):
        """Everybody guesses two matches: a score that depends on the user's number."""
        cards = [
            draft(TIPS, "app", f"c{n}", "guesses.made", {
                "user": f"u{n:05}",
                "guesses": [{"contest": m, "home": n % 5, "away": 0} for m in ("m1", "m2")],
            })
            for n in range(USERS)
        ]  # fmt: skip
        await self.ledger.append([cup(CUP), game(TIPS, CUP, 0), *cards])
        await self.open()
        await self.settle()

    async def open(self, rule=points_of):
        """Begin as a worker does that has just started."""
        self.game = Game(
            TIPS,
            self.ledger,
            self.store,
            Sports.installed(),
            self.settings,
            lambda event, **figures: self.reported.append((event, figures)),
            rule,
        )
        rows = {row.competition: row for row in await self.store.games()}
        await self.game.open(rows.get(TIPS))

    async def settle(self):
        while await self.game.step():
            pass

    async def final(self, contest, home):
        for minute in range(1, home + 1):
            data = {"team": "h", "minute": minute}
            await self.say(CUP, "pad", "football.goal", data, contest=contest)
        await self.say(CUP, "pad", "football.full_time", contest=contest)

    async def retry(self, position):
        """An official's word, as the list of parked contests sends it."""
        await self.say(TIPS, "office", "projection.retried", contest="m2", subject=str(position))

    async def points(self):
        """By what was guessed, of users all over the rows: points and ranks as readers see them."""
        found = {}
        for number in (*range(5), USERS - 5, USERS - 4, USERS - 3, USERS - 2, USERS - 1):
            shown = await self.reader.user(TIPS, f"u{number:05}", public=False)
            known = found.setdefault(number % 5, (shown.points, shown.rank))
            assert known == (shown.points, shown.rank)
        return found


@pytest.fixture
async def worked(settings, ledger):
    store = PredictionsStore(settings)
    await store.open()
    made = Worked(settings, ledger, store)
    await made.begin()
    yield made
    await made.reader.close()
    await store.close()


def ranked(*points):
    """Points by guess, with shared ranks: every guess is that of a fifth of all users."""
    fifth = USERS // 5
    return {
        guess: (mine, 1 + fifth * sum(1 for other in points if other > mine))
        for guess, mine in enumerate(points)
    }


async def test_a_run_is_seen_when_it_is_whole_and_goes_on_where_it_ended(worked):
    before = await worked.points()
    assert before == ranked(0, 0, 0, 0, 0)
    await worked.final("m1", 2)
    while (await worked.store.games())[0].cursor == 0:
        assert await worked.game.step()
    assert await worked.points() == before  # some users are settled, and nobody sees it
    await worked.open()  # the process has ended and another has begun
    assert ("retried", {"competition": TIPS}) in worked.reported
    assert await worked.points() == before
    await worked.settle()
    after = ranked(0, 2, 4, 2, 2)
    assert await worked.points() == after
    await worked.final("m2", 4)
    while (await worked.store.games())[0].cursor == 0:
        assert await worked.game.step()
    assert await worked.points() == after
    await worked.settle()
    assert await worked.points() == ranked(0, 4, 6, 4, 6)


async def test_contests_that_end_together_are_applied_by_one_run(worked):
    await worked.final("m1", 2)
    await worked.final("m2", 2)
    await worked.settle()
    assert [event for event, _figures in worked.reported].count("run") == 1
    assert await worked.points() == ranked(0, 4, 8, 4, 4)


async def test_the_rule_runs_once_for_each_distinct_guess(worked):
    asked = []
    await worked.open(lambda *asks: asked.append(asks[1:]) or points_of(*asks))
    await worked.final("m1", 2)
    await worked.settle()
    assert len(asked) == len(set(asked)) == 5


async def test_a_contest_whose_rule_fails_is_parked_and_the_others_go_on(worked):
    def failing(terms, slot, guess):
        if terms.outcomes[slot].home == 3:
            raise ValueError("no such thing as three")
        return points_of(terms, slot, guess)

    await worked.open(failing)
    await worked.final("m1", 2)
    await worked.final("m2", 3)
    await worked.settle()
    others = ranked(0, 2, 4, 2, 2)
    assert await worked.points() == others
    (parked,) = await worked.reader.parked()
    assert (parked.contest, parked.error) == ("m2", "ValueError: no such thing as three")
    await worked.retry(parked.position)  # the program is as it was
    await worked.settle()
    assert await worked.points() == others
    (parked,) = await worked.reader.parked()
    assert parked.attempts == 2
    await worked.open()  # the program was mended
    await worked.settle()
    assert await worked.points() == others  # and waits for an official's word
    await worked.retry(parked.position)
    await worked.settle()
    assert await worked.points() == ranked(0, 4, 6, 6, 4)
    assert await worked.reader.parked() == []


async def test_a_correction_releases_a_parked_contest(worked):
    def failing(terms, slot, guess):
        if terms.outcomes[slot].home == 3:
            raise ValueError("no such thing as three")
        return points_of(terms, slot, guess)

    await worked.open(failing)
    await worked.final("m2", 3)
    await worked.settle()
    assert len(await worked.reader.parked()) == 1
    await worked.say(CUP, "pad", "football.goal", {"team": "h", "minute": 9}, contest="m2")
    await worked.settle()
    assert await worked.points() == ranked(0, 2, 2, 2, 4)
    assert await worked.reader.parked() == []


async def test_a_run_that_ends_the_process_is_narrowed_to_the_contest_that_does(worked):
    class Killed(BaseException):
        """As the end of a process: nothing after it is done."""

    def deadly(terms, slot, guess):
        if terms.outcomes[slot].home == 3:
            raise Killed
        return points_of(terms, slot, guess)

    await worked.final("m1", 2)
    await worked.final("m2", 3)
    ends = 0
    while True:
        await worked.open(deadly)
        try:
            await worked.settle()
            break
        except Killed:
            ends += 1
    assert 1 < ends < 10
    assert await worked.points() == ranked(0, 2, 4, 2, 2)
    assert [parked.contest for parked in await worked.reader.parked()] == ["m2"]


async def test_a_store_of_another_ledger_is_dropped_and_made_again(worked):
    await worked.final("m1", 2)
    await worked.settle()
    whole = await worked.points()
    (row,) = await worked.store.games()
    for damage in ({"ledger": "another"}, {"hash": b"another"}, {"format": "0"}):
        await worked.store.own(msgspec.structs.replace(row, **damage))
        await worked.open()
        await worked.settle()
        assert await worked.points() == whole


async def test_all_of_it_is_made_again_from_the_ledger(worked):
    await worked.final("m1", 2)
    await worked.settle()
    whole = await worked.points()
    (before,) = await worked.store.games()
    await make_anew(worked.settings, Sports.installed())
    (after,) = await worked.store.games()
    assert (after.run, after.owner != before.owner) == (1, True)
    assert await worked.points() == whole


async def test_a_worker_whose_game_was_taken_over_writes_no_more(worked):
    from scoreboard.errors import Fenced

    older = worked.game
    await worked.open()
    await worked.final("m1", 2)
    with pytest.raises(Fenced):
        while await older.step():
            pass
    await worked.settle()
    assert await worked.points() == ranked(0, 2, 4, 2, 2)
