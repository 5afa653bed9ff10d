"""The outside world in.

http.py    the door for events: one, many, or a stream
modes.py   CloudEvents' modes (structured, batch, binary) and plain JSON, told apart
claims.py  who holds which position at a contest
replies.py what an event's sender is told
stream.py  NDJSON of any length, answered line by line
clics.py   event feeds of programming contests, turned into events
broker.py  events from message brokers: every origin that the settings name
intake.py  one origin: its events through the gate, acknowledged after the commit
from_nats.py   a durable consumer of a JetStream stream
from_kafka.py  a consumer group of a topic
spool.py   answers that wait until the sender reads them, bounded
"""
