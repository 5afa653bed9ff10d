"""Where SQLite and Postgres differ, and nowhere else: engines, upserts, the writer's lock.

SQLite keeps two files in the data folder, `ledger.db` (durable: WAL with synchronous=FULL) and
`boards.db` (can be rebuilt: synchronous=NORMAL), so that saving boards never makes an append wait.
Postgres keeps both in one database, the read models in the schema `boards`.

Checkpoints of SQLite's WAL are made by one connection of each file only: in versions before 3.51.3
two at once could corrupt it. So every other connection has wal_autocheckpoint=0.
"""
