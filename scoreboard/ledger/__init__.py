"""What was said: an append-only ledger, hash-chained, with one writer.

the door
    ledger.py    open, append, read, erase, sign, close; open.py how its store is opened
    reading.py   what readers may ask of it
written
    writer.py    the queue before the database: group commit, a lane for single events
    append.py    the append as a script of one transaction
    plan.py      pure decisions: identity, records, versions
    schema.py    tables and triggers; kinds.py entries about the ledger itself
    clock.py     the server's clock
read
    reader.py    by position, competition, contest, record, source, type, instant
    tail.py      the newest entries, in memory; wanted.py which of them a reader wants
    system.py    what its own stream says of one matter, followed
    viewing.py   by another process; replica.py from a streaming replica
    held.py      entries in memory, read like a ledger
proved
    chain.py     leaves, hashes, rows
    verify.py    the first position that is wrong; walk.py the steps, pure
    signing.py   the installation's key and signed heads

Positions are 1, 2, 3, in commit order without gaps. An append answers after its durable commit,
and nobody is told of an entry before that.
"""
