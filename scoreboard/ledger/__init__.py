"""What was said: an append-only ledger, hash-chained, with one writer.

    ledger.py    the door: open, append, read, erase, sign, close
    writer.py    the queue before the database: group commit, a lane for single events
    append.py    the append as a script of one transaction, the same on both databases
    plan.py      pure decisions: identity, records, versions
    chain.py     leaves, hashes, rows
    reader.py    reads by position, competition, contest, record, source, type, instant
    tail.py      the newest entries in memory
    verify.py    walks the chain and names the first bad position
    walk.py      the steps of that walk, pure
    system.py    what its own stream says of one matter, followed
    held.py      entries in memory, read like a ledger
    signing.py   the installation's key and signed heads
    kinds.py     the type of the entry that an erasure leaves
    open.py      opening a store: folder, lock, schema, epoch
    clock.py     the server's clock
    schema.py    the tables and triggers of both databases

Positions are 1, 2, 3, in commit order without gaps. An append answers after its durable commit,
and nobody is told of an entry before that.
"""
