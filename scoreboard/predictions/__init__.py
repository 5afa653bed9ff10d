"""Predictions: the guesses of a million users over another competition's contests.

A projection with tables of its own, made by a worker process so that a bulk of work never takes the
loop, the memory or the connections of those who take events in and show boards.

    guesses.py     a user's guesses as bytes; which of them are in force. Pure
    settling.py    what guesses are worth: results, locks, scheme; points by distinct guess. Pure
    following.py   the other competition, folded by the same functions as its boards
    intake.py      one page of the game's own entries into changes of users, leagues and locks
    running.py     one batch of a run: new results over some users
    ranking.py     totals, shared ranks and the top, from the points of all users
    game.py        one game: reads on from its checkpoint, settles, publishes
    store.py       the worker's own store
    kept.py        what stands in it
    tables.py      its tables
    applying.py    runs begun, gone on with after a crash, parked; boards published
    holding.py     a game's row and state, in this worker's hands
    reading.py     what doors ask: a user, a league, the published leaderboard
    shown.py       and what they are shown. Pure
    showing.py     published leaderboards put on the shelves of boards

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
