"""Where SQLite and Postgres differ, and nowhere else.

    connections   engine.py, faults.py which errors mean "not now"
    transactions  script.py written once for both: sqlite_runner.py, postgres_runner.py run them
    rows          upsert.py, sqlite_insert.py many at once
    alone         lock.py who appends; leases.py what one process of many does; notices.py words
    schema        migrate.py to the newest; size.py how much room it takes

SQLite keeps two files in the data folder, `ledger.db` (durable: WAL with synchronous=FULL) and
`boards.db` (can be rebuilt: synchronous=NORMAL), so that saving boards never makes an append wait.
Postgres keeps both in one database, the read models in the schema `boards`.

Checkpoints of SQLite's WAL are made by one connection of each file only: in versions before 3.51.3
two at once could corrupt it. So every other connection has wal_autocheckpoint=0.

Connections are shared out beforehand, so that a bulk run or a flood of reads can never take the
last one from those who take events in or show boards. A process that serves has

    1                        for appends, and one for the lock of who writes
    key_connections          to look up keys and sessions
    database_connections     to read the ledger
    board_connections        to read saved boards, and one to save them
    leaderboard_connections  to read what the worker made

and one for each lease and for notices where processes share a ledger. The worker has one to read
the ledger, two to read its store, one to write it and one for its lock. Nobody borrows: who finds
its own taken waits COMMAND_TIMEOUT_S at most and hears Unavailable. Facts that come in are folded
and shown from memory.
"""
