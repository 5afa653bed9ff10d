"""The outside world out: computed messages to brokers, from the outbox.

    delivery.py   one destination: reads the outbox, sends, marks what was taken; for ever
    keeping.py    all destinations, and the outbox's bounds
    opening.py    a connection to a destination
    senders.py    what a broker must offer
    jetstream.py  NATS with JetStream
    kafka.py      Kafka

At least once, and in order per contest: of one contest nothing is sent before what came earlier has
been acknowledged. A broker that is down delays nobody but its own readers: it catches up from the
outbox, and if that has grown past its bounds, from the boards as they are then.
"""
