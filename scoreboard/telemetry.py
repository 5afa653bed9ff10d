"""Metrics, logs and traces: one place for their names, importable by every room.

Metrics are Prometheus objects of this module; a room that counts often keeps the label's child
(`REFUSED.labels(code)` costs more than the counting itself). Logs are structured: lines of JSON
when a program reads them, plain lines on a terminal. Traces go nowhere unless OpenTelemetry's SDK
is installed and configured; spans are opened per batch, never per event.
"""

import contextlib
import logging
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import msgspec
import structlog
from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

DURATIONS_S = (
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
)  # fmt: skip
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)

# The gate and the ledger.
INGESTED = Counter("scoreboard_ingest_events", "Events by what became of them", ["outcome"])
REFUSED = Counter("scoreboard_refused", "Requests refused, by error code", ["code"])
APPEND_SECONDS = Histogram(
    "scoreboard_append_seconds",
    "From asking for an append to its durable commit",
    buckets=DURATIONS_S,
)
COMMIT_SECONDS = Histogram(
    "scoreboard_commit_seconds", "One transaction of the ledger's writer", buckets=DURATIONS_S
)
COMMIT_FAILURES = Counter("scoreboard_commit_failures", "Transactions of the writer that failed")
COMMIT_EVENTS = Histogram("scoreboard_commit_events", "Events in one commit", buckets=SIZES)
POSITION = Gauge("scoreboard_ledger_position", "The ledger's last known position")
LEADING = Gauge("scoreboard_leading", "Whether this process folds the boards (of many processes)")
QUEUE = Gauge("scoreboard_ledger_queue_events", "Events waiting for the ledger's writer")
QUEUE_BYTES = Gauge("scoreboard_ledger_queue_bytes", "Bytes waiting for the ledger's writer")
QUERY_SECONDS = Histogram(
    "scoreboard_query_seconds", "Reads of the databases", ["query"], buckets=DURATIONS_S
)
REPLICA_READS = Counter(
    "scoreboard_replica_reads", "Reads of the past that a replica was to answer", ["outcome"]
)
STORAGE_BYTES = Gauge("scoreboard_storage_bytes", "Size of a store", ["store"])

# Readers of the ledger and what they make.
SUBSCRIPTION_LAG = Gauge(
    "scoreboard_subscription_lag_entries", "Entries not yet taken", ["subscription"]
)
SUBSCRIPTION_FAILURES = Counter(
    "scoreboard_subscription_failures", "Batches that failed and were repeated", ["subscription"]
)
FOLD_SECONDS = Histogram("scoreboard_fold_seconds", "Folding one batch", buckets=DURATIONS_S)
SAVE_SECONDS = Histogram(
    "scoreboard_save_seconds", "Saving read models, one transaction", buckets=DURATIONS_S
)
SAVE_FAILURES = Counter("scoreboard_save_failures", "Read models that could not be saved yet")
RETRIES = Counter("scoreboard_parked_retries", "Parked contests tried again")
PARKED = Gauge("scoreboard_parked_contests", "Contests parked until a correction or a decision")
SHADOW_CHECKS = Counter(
    "scoreboard_shadow_checks", "Contests folded again from the ledger, by verdict", ["verdict"]
)
SHADOW_DIFFERENCES = Gauge(
    "scoreboard_shadow_differences", "Contests whose live fold differs from the ledger's"
)
BOARD_AGE_SECONDS = Gauge(
    "scoreboard_board_age_seconds", "How long the oldest entry that boards do not show has waited"
)

# The supervised child and what it does.
CHILD_UP = Gauge("scoreboard_child_up", "Whether a supervised child runs", ["child"])
CHILD_RESTARTS = Counter(
    "scoreboard_child_restarts", "Times that a supervised child ended by itself", ["child"]
)
JOB_SECONDS = Histogram(
    "scoreboard_job_seconds", "Jobs of the worker", ["job"], buckets=(*DURATIONS_S, 30.0, 60.0)
)
JOBS = Counter("scoreboard_jobs", "Jobs of the worker by what became of them", ["job", "outcome"])
JOB_PARKED = Gauge("scoreboard_job_parked", "Contests whose results the worker could not apply")
STORE_WRITE_SECONDS = Histogram(
    "scoreboard_store_write_seconds",
    "One transaction that writes a store",
    ["store"],
    buckets=DURATIONS_S,
)

# Events from brokers.
SOURCE_MESSAGES = Counter(
    "scoreboard_source_messages", "Messages by what became of them", ["origin", "fate"]
)
SOURCE_FAILURES = Counter(
    "scoreboard_source_failures", "Times that a broker could not be reached", ["origin"]
)

# Destinations of computed messages.
EGRESS_LAG = Gauge("scoreboard_egress_lag_messages", "Messages that wait", ["destination"])
EGRESS_BEHIND = Gauge(
    "scoreboard_egress_behind",
    "Whether it must begin with whole boards: none of its messages wait",
    ["destination"],
)
EGRESS_SENT = Counter("scoreboard_egress_sent", "Messages that a broker has kept", ["destination"])
EGRESS_FAILURES = Counter(
    "scoreboard_egress_failures", "Times that a broker could not be reached", ["destination"]
)
EGRESS_REFUSED = Counter(
    "scoreboard_egress_refused", "Messages that a broker will never take", ["destination"]
)
EGRESS_RESTARTS = Counter(
    "scoreboard_egress_restarts",
    "Times that so many messages waited that they were let go",
    ["destination"],
)

# The doors.
CONNECTIONS = Gauge(
    "scoreboard_connections_open", "Open connections: streams, and all others", ["listener", "kind"]
)
CONNECTIONS_REFUSED = Counter(
    "scoreboard_connections_refused", "Requests refused by a full listener", ["listener"]
)
SENT_BYTES = Counter("scoreboard_sent_bytes", "Bytes of answers and of streams", ["kind"])
STREAM_CUTOFFS = Counter("scoreboard_stream_cutoffs", "Streams cut off because nobody read them")
SUSPICIOUS = Counter("scoreboard_suspicious", "Users who tried to speak of somebody else")
KEYS_READ = Counter("scoreboard_token_keys_read", "Reads of the keys of tokens", ["outcome"])
RATE_STORE_FAILURES = Counter(
    "scoreboard_rate_store_failures", "Counts of limits that Redis did not take in time"
)
ACCESS_REFUSED = Counter("scoreboard_access_refused", "Refusals of access by error code", ["code"])

LOGGED_CHARACTERS_MAX = 1_000
"""Of a text in the log: an address that a stranger asks for has up to 512 KB."""

log = structlog.stdlib.get_logger("scoreboard")
_tracer = trace.get_tracer("scoreboard")
_TRACED = find_spec("opentelemetry.sdk") is not None
_UNTRACED = contextlib.nullcontext()


def span(name: str) -> contextlib.AbstractContextManager[object]:
    """A part of the work, for traces; nothing, and nearly free, unless their SDK is installed."""
    return _tracer.start_as_current_span(name) if _TRACED else _UNTRACED


def begun(name: str) -> Callable[[], object]:
    """The same of a part that ends elsewhere: when what is returned is called."""
    return _tracer.start_span(name).end if _TRACED else _nothing


def _nothing() -> None:
    pass


def configure_logging(level: str = "info") -> None:
    """Log from `level` on (debug, info, warning, error) to the standard error stream."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bounded,
    ]
    factory: Any
    if sys.stderr.isatty():
        processors.append(
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        )
        factory = structlog.WriteLoggerFactory(sys.stderr)
    else:
        processors += [structlog.processors.format_exc_info, _as_json]
        unfailing: Any = _Unfailing(sys.stderr.buffer)
        factory = structlog.BytesLoggerFactory(unfailing)
    structlog.configure(
        processors=processors,
        logger_factory=factory,
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        cache_logger_on_first_use=False,
    )


class _Unfailing:
    """A stream whose lines are lost when it cannot be written: a full disk ends no server."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def _bounded(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Cut long texts; what is known of an exception is added later, whole."""
    for name, value in event.items():
        if isinstance(value, str) and len(value) > LOGGED_CHARACTERS_MAX:
            event[name] = value[:LOGGED_CHARACTERS_MAX] + "..."
    return event


_json = msgspec.json.Encoder(enc_hook=str)


def _as_json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> bytes:
    return _json.encode(event)
