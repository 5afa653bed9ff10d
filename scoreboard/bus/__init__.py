"""How news travels inside the process: wake-ups, and durable readers of the ledger.

A wake-up may be lost, an event may not: a topic says only "there is more, up to n", and whoever
reads keeps a checkpoint of its own and reads the ledger from there. Nothing waits in a queue here,
so nothing can grow.

    topic.py         the newest number of something, and waiting for it to rise
    subscription.py  a durable reader: reads on from its checkpoint, retries with backoff
"""
