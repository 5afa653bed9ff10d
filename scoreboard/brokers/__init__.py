"""Plumbing for both ways to message brokers: connections, and what their libraries raise.

The libraries are extras, imported by what is configured alone.

    endless.py    attempts without end, and an end in time
    jetstream.py  NATS with JetStream (nats-py)
    kafka.py      Kafka (aiokafka)
"""

from importlib.util import find_spec

from scoreboard.errors import CannotStart

LIBRARIES = {"nats": "nats", "kafka": "aiokafka"}
"""By kind of broker, which is also the name of its extra: the module that speaks to it."""


class Refused(Exception):
    """A broker will never take this message, such as one over its size limit."""


def ensure_installed(kind: str) -> None:
    """CannotStart unless the library of a kind of broker is there."""
    if find_spec(LIBRARIES[kind]) is None:
        raise CannotStart(
            f"a broker of the kind {kind} is configured, and its library is not installed",
            hint=f"pip install 'scoreboard[{kind}]'",
        )
