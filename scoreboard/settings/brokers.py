"""Settings of message brokers: `[[egress.broker]]`, which boards go out to, and
`[[sources.broker]]`, which events come from.
"""

from typing import Literal

from msgspec import Struct

from scoreboard.settings.bounds import Positive, Seconds

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
SeenBy = Literal["public", "officials"]


class NatsServers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """NATS servers with JetStream, and how to be let in."""

    servers: tuple[str, ...] = ("nats://127.0.0.1:4222",)
    """Their addresses, tried in any order; with user and password if they want them."""
    credentials_file: str = ""
    """A file of credentials that the servers' operator gave (`.creds`)."""

    @property
    def kind(self) -> str:
        """Which brokers these are."""
        return "nats"


class KafkaServers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Brokers that speak Kafka's protocol, and how to be let in."""

    servers: tuple[str, ...] = ("127.0.0.1:9092",)
    """Some of their addresses; they name the others."""
    tls: bool = False
    """Whether connections are encrypted."""
    ca_file: str = ""
    """Whose certificates are trusted; empty: those that the system trusts."""
    user: str = ""
    """Who we are (SASL); empty: nobody asks."""
    password_file: str = ""
    """The file with the user's password; line breaks at its end are not part of it."""
    mechanism: Mechanism = "SCRAM-SHA-256"
    """How the password is shown."""

    @property
    def kind(self) -> str:
        """Which brokers these are."""
        return "kafka"


class ToNats(NatsServers, frozen=True, kw_only=True, tag_field="kind", tag="nats"):
    """A destination: a JetStream stream."""

    name: str
    """What marks, metrics and logs call it; another name begins anew."""
    audience: SeenBy = "public"
    """Whose boards it is told of. Only the public's know nothing of what came after a freeze."""
    stream: str = "SCOREBOARD"
    """The stream; it is made if there is none of this name, else left as it is."""
    subject: str = "scoreboard"
    """How all subjects begin: `scoreboard.COMPETITION.CONTEST.board.changed`."""
    stream_seconds: Seconds = 604_800.0
    """How long a stream that is made here keeps messages."""


class ToKafka(KafkaServers, frozen=True, kw_only=True, tag_field="kind", tag="kafka"):
    """A destination: a topic. Of one contest all goes to one partition."""

    name: str
    """What marks, metrics and logs call it; another name begins anew."""
    audience: SeenBy = "public"
    """Whose boards it is told of. Only the public's know nothing of what came after a freeze."""
    topic: str = "scoreboard"
    """The topic; whether it is made if there is none is for the brokers to decide."""


Destination = ToNats | ToKafka


class Egress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Computed messages to brokers; nothing goes out unless a broker is named."""

    broker: tuple[Destination, ...] = ()
    outbox_rows_max: Positive = 100_000
    """Messages that may wait for a destination; past it they go, and boards follow whole."""
    outbox_bytes_max: Positive = 268_435_456
    """The same in bytes."""
    batch_messages_max: Positive = 500
    """Messages read at once for a destination."""


class FromNats(NatsServers, frozen=True, kw_only=True, tag_field="kind", tag="nats"):
    """Events from a JetStream stream, by a durable consumer."""

    name: str
    """The durable consumer; processes that share a ledger share it too."""
    key: str
    """The name of the API key, of the role device, that speaks for whoever may publish there."""
    subject: str
    """What is consumed; `*` and `>` may stand in it."""
    stream: str = ""
    """The stream; empty: the one that has the subject."""
    competition: str = ""
    """What events speak of that name no competition."""
    refused_subject: str = ""
    """Where messages go that are refused, with the reason in headers; empty: they are logged."""
    batch_messages_max: Positive = 200
    """Messages taken at once."""
    acknowledged_s: Seconds = 30.0
    """After so long a message that was not acknowledged comes again."""


class FromKafka(KafkaServers, frozen=True, kw_only=True, tag_field="kind", tag="kafka"):
    """Events from a topic, by a consumer group."""

    name: str
    """The consumer group; processes that share a ledger share it too."""
    key: str
    """The name of the API key, of the role device, that speaks for whoever may publish there."""
    topic: str
    """What is consumed."""
    competition: str = ""
    """What events speak of that name no competition."""
    refused_topic: str = ""
    """Where messages go that are refused, with the reason in headers; empty: they are logged."""
    batch_messages_max: Positive = 200
    """Messages taken at once."""
    session_s: Seconds = 10.0
    """After so long without a sign of it, others of the group take what a process consumed."""


Origin = FromNats | FromKafka


class Sources(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events from brokers; none come in unless one is named."""

    broker: tuple[Origin, ...] = ()
