"""Published leaderboards put on the shelves, where boards are read and followed.

A document of the top alone, whatever the number of users. The worker's word that there is a new one
may be lost: the store is looked at now and then as well. A frozen game is not shown to the public
any further.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

from scoreboard import telemetry
from scoreboard.bus.topic import Topic
from scoreboard.catalogue import Catalogue
from scoreboard.errors import Unavailable
from scoreboard.facts.competition import Definition
from scoreboard.facts.document import Content, Patch
from scoreboard.predictions.reading import GameSeen, Predictions
from scoreboard.projections.render import FLAGS
from scoreboard.projections.rows import column_list
from scoreboard.projections.shelf import Shelf, generation_of
from scoreboard.sports.predictions import Predictions as Sport

LEADERBOARD = "leaderboard"
POLL_S = 2.0
LOOK_EVERY_S = 0.2  # how often the store is asked by somebody who waits
SHOWN_VERSION = 1  # rises when the same points come to be shown otherwise


class Leaderboards:
    """Puts what the worker publishes on the shelves of officials and of the public."""

    def __init__(
        self,
        predictions: Predictions,
        catalogue: Catalogue,
        shelf: Shelf,
        public: Shelf,
        ledger_id: Callable[[], str],
        wait_s: float,
        bring: Callable[[str], Awaitable[None]],
    ) -> None:
        """`bring` has a competition's boards in memory, so that versions go on from theirs."""
        self._predictions = predictions
        self._catalogue = catalogue
        self._shelf = shelf
        self._public = public
        self._ledger_id = ledger_id
        self._wait_s = wait_s
        self._bring = bring
        self._running = False
        self._settled: dict[str, Topic] = {}
        self._shown: dict[str, tuple[object, ...]] = {}
        self._news = asyncio.Event()

    def games(self) -> list[Definition]:
        """The competitions that are games."""
        return [one for one in self._catalogue.all() if one.sport == Sport.name]

    def hidden(self, competition: str) -> bool:
        """Whether the public is shown nothing new of a game."""
        definition = self._catalogue.get(competition)
        return definition is not None and bool(definition.frozen)

    def settled(self, competition: str, position: int) -> None:
        """The worker has published everything up to a position."""
        self._topic(competition).publish(position)

    async def until_shown(self, competition: str, position: int) -> None:
        """Wait (bounded) until a leaderboard has come so far; Unavailable if it does not.

        Who puts leaderboards on the shelves hears of it at once; other processes follow the boards
        that this one saves, and look into the store.
        """
        if competition not in {game.slug for game in self.games()}:
            return
        until_s = monotonic() + self._wait_s
        topic = self._topic(competition)
        while topic.value < position or not await self._on_shelf(competition):
            left_s = until_s - monotonic()
            if left_s <= 0:
                raise Unavailable("the leaderboard has not come so far yet", retry_after_s=1.0)
            await topic.beyond(max(topic.value, position - 1), min(left_s, LOOK_EVERY_S))
            topic.publish(await self._predictions.settled(competition))

    async def _on_shelf(self, competition: str) -> bool:
        """Whether what is published stands on the shelves of this process."""
        if self._running:
            await self._look()
            return True
        seen = await self._predictions.seen(competition)
        shown = self._shelf.get(competition, LEADERBOARD)
        return seen is None or (shown is not None and shown.position >= seen.published.position)

    def _topic(self, competition: str) -> Topic:
        return self._settled.setdefault(competition, Topic())

    def wake(self) -> None:
        """There may be something new in the store."""
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Show what is published until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self._news.set())
        self._running = True
        try:
            while not stop.is_set():
                self._news.clear()
                await self._look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), POLL_S)
        finally:
            self._running = False
            stopping.cancel()

    async def _look(self) -> None:
        try:
            await self._catalogue.catch_up()  # games may have been defined by another process
            if not self.games():
                return
            telemetry.JOB_PARKED.set(len(await self._predictions.parked()))
            runs = await self._predictions.runs()
            for game in self.games():
                as_of = (runs.get(game.slug), game.name, bool(game.frozen))
                if as_of[0] is not None and self._shown.get(game.slug) != as_of:
                    seen = await self._predictions.seen(game.slug)
                    if seen is not None:
                        await self._bring(game.slug)
                        self._show(game, seen)
                        self._shown[game.slug] = as_of
        except Unavailable as error:
            telemetry.log.warning("leaderboards not read yet", error=error.message)

    def _show(self, game: Definition, seen: GameSeen) -> None:
        published = seen.published
        rules = self._catalogue.rules(game.slug, public=False)
        generation = generation_of(
            *(self._ledger_id(), game.slug, Sport.name, Sport.version, SHOWN_VERSION),
        )
        for board, content in ((LEADERBOARD, content_of(game, seen)), (FLAGS, flags_of(seen))):
            self._shelf.publish(
                game.slug,
                board,
                content,
                generation=generation,
                position=published.position,
                as_of=published.as_of,
                status="live" if published.contests else "scheduled",
                rules=rules[-1].version if rules else 0,
            )
        if game.frozen:
            self._freeze(game.slug, generation)
            return
        shown = self._shelf.get(game.slug, LEADERBOARD)
        assert shown is not None
        self._public.take(Patch(before="", after=shown, merge=shown.content))

    def _freeze(self, game: str, generation: str) -> None:
        """Give the public a version of its own: it stays after a restart, too."""
        shown = self._public.get(game, LEADERBOARD)
        if shown is not None and not shown.frozen:
            self._public.publish(
                game,
                LEADERBOARD,
                shown.content,
                generation=generation_of(generation, "frozen"),
                position=shown.position,
                as_of=shown.as_of,
                status=shown.status,
                rules=shown.rules,
                frozen=True,
            )


def flags_of(seen: GameSeen) -> Content:
    """Records that are kept and look wrong, for officials."""
    rows = {record: {"flags": sorted(words)} for record, words in seen.published.flagged.items()}
    content: Content = {"title": "Kept, and to be looked at", "rows": rows}
    if seen.published.flagged_left_out:
        content["left_out"] = seen.published.flagged_left_out
    return content


def content_of(game: Definition, seen: GameSeen) -> Content:
    """The top of a game, as boards are written; `contests`: how many results are in it."""
    published = seen.published
    rows = {
        user: {
            "rank": rank,
            "name": game.entrants[user].name if user in game.entrants else user,
            "figures": {"points": points},
        }
        for user, points, rank in published.top
    }
    return {
        "title": game.name,
        "columns": column_list(Sport.columns),
        "rows": rows,
        "total": published.users,
        "contests": published.contests,
    }
