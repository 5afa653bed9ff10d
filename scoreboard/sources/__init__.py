"""The outside world in.

events
    http.py           the door: one, many, or a stream; modes.py tells CloudEvents' modes apart
    replies.py        what the sender is told
    stream.py         NDJSON of any length; spool.py its answers until they are read
    clics.py          feeds of programming contests, turned into events
users
    players.py        what they say of themselves; player_routes.py at other programs' addresses
brokers
    broker.py         every origin that the settings name; intake.py one of them
    from_nats.py      a consumer of a JetStream stream
    from_kafka.py     a consumer group of a topic
devices
    claims.py         who holds which position at a contest
    presence.py       who is there, with what battery and clock
"""
