"""A prediction game over HTTP, its points made by the real worker, on both databases."""

from game import playing


async def test_points_follow_final_results_and_their_corrections(settings):
    async with playing(settings) as play:
        await play.guess("ann", "m1", 2, 1)  # exact
        await play.guess("bob", "m1", 1, 0)  # the difference
        await play.guess("cem", "m1", 3, 0)  # the tendency
        await play.guess("dee", "m1", 0, 0)
        assert set((await play.board()).values()) == {(1, 0)}
        goals = await play.final("m1", 2, 1)
        assert await play.board() == {"ann": (1, 4), "bob": (2, 3), "cem": (3, 2), "dee": (4, 0)}
        await play.correct("cup", goals[1])
        assert await play.board() == {"dee": (1, 3), "ann": (2, 0), "bob": (2, 0), "cem": (2, 0)}
