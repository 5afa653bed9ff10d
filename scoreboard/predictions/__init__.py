"""Predictions: the guesses of a million users over another competition's contests.

A projection with tables of its own, made by a worker process so that a bulk of work never takes the
loop, the memory or the connections of those who take events in and show boards.

    guesses.py     a user's guesses as bytes; which of them are in force. Pure
    settling.py    what guesses are worth: results, locks, scheme; points by distinct guess. Pure
    following.py   the other competition, folded by the same functions as its boards
    saying.py      the game's own entries told apart: guesses, locks, leagues, officials' decisions
    intake.py      one page of entries into changes of users, leagues and points
    running.py     a run: new results over all users, in keyset batches
    ranking.py     totals, shared ranks and the top, from the points of all users
    game.py        one game: reads on from its checkpoint, settles, publishes
    store.py       the worker's own store
    tables.py      its tables
    reading.py     what doors ask: a user, a league, the published leaderboard

A *game* is a competition of the sport `predictions`. Its points are a function of the ledger up to
a position: of the guesses in force and of the results that are final there. So it does not matter
in which steps the worker came there, and a rebuild gives the same points.

    points of a user = sum over contests with a final result of
                       worth(result, guess in force) * multiplier * joker

In force is a user's newest guess of a contest that is before the contest's lock by position; voided
ones do not count, later ones are kept and flagged. A joker is granted when its guess is made, if
the user has fewer in force than are allowed; so nobody can move it once a result is known.

Two departures from a row for each guess: a user's guesses are one row of bytes (four of each
contest), and points are kept for a thousand users in one row, before and after the run that last
touched them. A run over a million users then writes a thousand rows. Readers see what the published
run left, however far a newer one has come.
"""
