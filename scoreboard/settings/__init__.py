"""Settings: frozen structs, from a TOML file and from the environment.

`scoreboard.toml` in the working folder (or `--config FILE`) is read first, then the environment:
`SCOREBOARD_DATA`, `SCOREBOARD_LIMITS__BATCH_EVENTS_MAX` (two underscores step into a section).
Every bound of the program stands here by name, with what happens past it.

    brokers.py   those of message brokers
    bounds.py    numbers that a setting may have
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from scoreboard.errors import CannotStart
from scoreboard.facts.names import in_words, spelled
from scoreboard.settings.bounds import NotNegative, Port, Positive, Seconds
from scoreboard.settings.brokers import Egress, Sources

PREFIX = "SCOREBOARD_"
Door = Literal["private", "public", "players"]
Way = Literal["private", "public", "players", "private-tls", "public-tls"]
"""A door in the clear, or the same behind TLS."""
DOORS: dict[Way, Door] = {
    "private": "private", "public": "public", "players": "players",
    "private-tls": "private", "public-tls": "public",
}  # fmt: skip
Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every bound, and what happens past it."""

    body_bytes_max: Positive = 8_388_608
    """One request's body (NDJSON: one line); past it 413."""
    definition_bytes_max: Positive = 8_388_608
    """A competition's definition; past it 413."""
    form_bytes_max: Positive = 16_384
    """A request that makes a key or decides about a parked contest; past it 413."""
    batch_events_max: Positive = 10_000
    """Events in one JSON batch; past it 413 (NDJSON has no such bound: it is read in batches)."""
    queue_events_max: Positive = 50_000
    """Events waiting for the ledger's writer; past it 503 with Retry-After."""
    queue_bytes_max: Positive = 67_108_864
    """The same in bytes."""
    bulk_ahead_entries_max: Positive = 4_000
    """How far the ledger runs ahead of the boards before senders of batches are answered later, so
    that boards stay live however fast a batch comes..."""
    bulk_pause_s: Seconds = 0.5
    """...by at most this long a batch; never while the boards are in trouble."""
    commit_events_max: Positive = 4_000
    """Events in one commit; the rest waits for the next."""
    commit_bytes_max: Positive = 16_777_216
    """The same in bytes (one event may be larger: it goes alone)."""
    key_events_per_second: Positive = 100_000
    """Events by one key; past it 429 with Retry-After."""
    login_failures_per_minute: Positive = 30
    """Refused keys by one address; past it 429 with Retry-After."""
    cached_keys_max: Positive = 10_000
    """Keys kept in memory for a few seconds; the ones unused for longest are let go first."""
    tail_entries_max: Positive = 20_000
    """Newest entries kept in memory for readers; older ones are read from the database."""
    tail_bytes_max: Positive = 33_554_432
    """The same in bytes."""
    loaded_facts_max: Positive = 50_000
    """Facts kept in memory for late corrections; contests unused for longest are let go first, the
    one that moved last never."""
    loaded_competitions_max: Positive = 256
    """Competitions kept in memory; the ones unused for longest are let go first."""
    shelved_boards_max: Positive = 5_000
    """Boards kept in memory; those of competitions unused for longest are let go first, once they
    are saved, and read again when somebody asks."""
    window_patches_max: Positive = 256
    """Patches kept for each board for clients that return; past it they get a snapshot."""
    window_rows_max: Positive = 1_000
    """The same by the rows that they change: past it a snapshot is smaller."""
    window_bytes_max: Positive = 262_144
    """The same by bytes, of a view that is being followed."""
    window_seconds: Seconds = 900.0
    """The same by age."""
    board_rows_max: Positive = 500
    """Rows of a board's document; entrants below are found by `?around=`."""
    history_boards_max: Positive = 256
    """Boards as they stood that are kept in memory; the ones unused for longest are let go."""
    history_turns_max: Positive = 2
    """Boards as they stood that are made at once; others wait."""
    history_waiting_max: Positive = 64
    """Boards as they stood that wait to be made; past it 503 with Retry-After."""
    explained_entries_max: Positive = 50_000
    """Entries read to explain one row; past it 413."""
    explained_turns_max: Positive = 1
    """Rows that are explained at once; others wait."""
    explained_waiting_max: Positive = 64
    """Rows that wait to be explained; past it 503 with Retry-After."""
    corrections_signed_max: Positive = 100
    """Corrections in one list; past it 413."""
    proposals_open_max: Positive = 100
    """Proposals of a competition that wait for a second official; past it 409."""
    cached_bodies_max: Positive = 4_096
    """Encoded boards kept in memory; the ones unused for longest are let go first."""
    answered_bytes_max: Positive = 33_554_432
    """Answers to reads of boards that are kept as they went out; those kept first go first."""
    connections_max: Positive = 25_000
    """Open connections of one listener; past it 503 with Retry-After, and the connection closes."""
    streams_max: Positive = 20_000
    """Open streams; past it 503 with Retry-After."""
    stream_unsent_bytes_max: Positive = 8_192
    """Unsent bytes of one stream; past it the client is skipped until it has drained."""
    stream_stalled_s: Seconds = 20.0
    """How long a stream may stay skipped; past it it is cut off."""
    stream_send_buffer_bytes: Positive = 8_192
    """The kernel's send buffer of one stream."""
    socket_message_bytes_max: Positive = 16_384
    """One message of a WebSocket's client; past it the connection is closed (1009)."""
    socket_messages_per_second: Positive = 20
    """Messages of one WebSocket's client; past it the connection is closed (1008)."""
    socket_subscriptions_max: Positive = 50
    """Boards that one WebSocket follows; past it an error. They count as streams, too."""
    socket_idle_s: Seconds = 60.0
    """How long a WebSocket may follow nothing; past it it is closed."""
    wait_after_s: Seconds = 5.0
    """How long `?after=` waits for a board to come so far; past it 503 with Retry-After."""
    log_page_entries_max: Positive = 500
    """Entries in one answer of the log; past it 422."""
    log_looked_entries_max: Positive = 20_000
    """Entries that one answer of the log looks through for rare ones; then it says where to go
    on."""
    log_streams_max: Positive = 64
    """Followers of the log; past it 503 with Retry-After."""
    log_stream_entries_max: Positive = 100
    """New entries that a follower of the log is told at once; past it only that there are more."""
    refusals_kept_max: Positive = 500
    """Groups of refused attempts (an address and a reason) that are kept for the audit, in memory;
    those of longest ago go first."""
    exports_max: Positive = 2
    """Exports at once; past it 503 with Retry-After. Each holds one page in memory."""
    parked_contests_max: Positive = 1_000
    """Contests that wait because an entry could not be folded; one more stops the projection."""
    worker_batch_users_max: Positive = 8_192
    """Users whose points one transaction of a run moves (at least a thousand)."""
    worker_memory_bytes_max: Positive = 1_073_741_824
    """Memory that the worker's process may ask for, all told; past it the process ends, and begins
    again where it was. Only where the system has such a limit."""
    user_event_bytes_max: Positive = 65_536
    """An event that a user sends by the players' listener; past it 413."""
    limited_names_max: Positive = 200_000
    """Users and addresses whose requests are counted; past it those begun first start anew."""
    spool_bytes_max: Positive = 1_073_741_824
    """Answers to an NDJSON stream whose sender does not read them; past it the stream is cut."""


class Sessions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long who has logged in with a key, in a browser, need not do so again."""

    lifetime_s: Seconds = 43_200.0
    """A session ends so long after its beginning..."""
    idle_s: Seconds = 14_400.0
    """...and so long after its last use: a request; an open stream alone is none."""
    of_a_key_max: Positive = 100
    """Sessions of one key; one more ends the one unused for longest."""


class Projection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How boards follow the ledger."""

    render_every_ms: Positive = 50
    """A board's first change shows at once, the next after at least this long (and while entries
    wait to be folded, boards are made at most a fifth of the time)."""
    save_every_s: Seconds = 1.0
    """Read models are saved at most this long after they changed..."""
    shared_save_every_s: Seconds = 0.05
    """The same where other processes show what this one folds..."""
    save_entries_max: Positive = 20_000
    """...or after this many entries."""
    snapshot_entries: Positive = 5_000
    """States are kept for `?at=` every so many entries of a contest."""
    retry_s: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0)
    """When a parked contest is tried again by itself; after the last only by an official."""
    poll_s: Seconds = 1.0
    """How often the ledger is asked for news even if nothing woke the reader."""
    worker_poll_s: Seconds = 0.2
    """How often the worker asks the ledger for news."""
    worker_settle_s: NotNegative = 0.25
    """Results that are final wait for others for so long, at most four times as long: contests that
    end together are applied together."""
    worker_publish_s: NotNegative = 0.5
    """A leaderboard into which users come is published at most so often."""
    shadow_every_s: NotNegative = 10.0
    """The pause between two contests that are folded again and compared; 0: none is."""


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address of another program that the players' listener answers, in that program's words."""

    path: Annotated[str, spelled("(/[A-Za-z0-9_.-]+)+", "a path, such as `/score/top10`")]
    methods: Annotated[tuple[Literal["GET", "POST", "PATCH"], ...], Meta(min_length=1)]
    """GET reads a board, the others write an event."""
    competition: str
    type: str = ""
    """The type of the event..."""
    contest: str | None = None
    """...its contest, if any..."""
    fields: dict[str, str] = {}
    """...and for each member of its payload the member of the body that was sent."""
    board: str = "standings"
    """The board that is read, or where the writer stands then..."""
    top: Annotated[int, Meta(ge=1, le=500)] = 10
    """...its first so many rows..."""
    answer: dict[str, str] = {}
    """...and for each member of the answer (of one row): `entrant`, `name`, `rank` or a figure."""


class Players(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users who write by the players' listener: whose tokens are taken, and how much they may."""

    secret: str = ""
    """What tokens are signed with (HS256: 32 bytes or more); better kept in a file of its own."""
    secret_file: str = ""
    """The file with that secret; line breaks at its end are not part of it."""
    jwks_url: str = ""
    """Instead of a secret: where who makes the tokens publishes its keys (an OpenID Connect
    provider's `jwks_uri`). Then `issuer` and `audience` must be named."""
    algorithms: tuple[Algorithm, ...] = ()
    """The signatures that are taken; empty: HS256 with a secret, RS256 and ES256 with keys."""
    issuer: str = ""
    """Who must have made a token (`iss`); empty: anybody who has the secret."""
    audience: str = ""
    """For whom a token must have been made (`aud`); empty: for anybody."""
    keys_every_s: Seconds = 300.0
    """How often published keys are read again, and so how long a withdrawn one still counts."""
    keys_again_s: Seconds = 10.0
    """The least time between two reads, whatever keys tokens name; until then 401, or 503 if the
    keys could not be read."""
    keys_stale_s: Seconds = 86_400.0
    """How long keys count that cannot be read again."""
    leeway_s: NotNegative = 30.0
    """How far the clocks of who makes tokens and of this machine may be apart."""
    increment_min: int = 1
    """The least number of points that a user may add at once; fewer are refused with 422..."""
    increment_max: int = 1_000
    """...as are more; a competition's own bounds hold besides."""
    user_events_per_minute: Positive = 60
    """Events of one user; past it 429 with Retry-After."""
    address_events_per_minute: Positive = 1_200
    """Events from one address (of IPv6: one network of 64 bits); past it 429 with Retry-After."""

    rate_storage: str = ""
    """Redis, where several processes count users' events together (`redis://127.0.0.1:6379`; needs
    the extra `redis`); empty: each process counts its own. While it fails, each does so, too."""
    routes: tuple[Route, ...] = ()
    """Addresses of other programs, as `config/players.toml` shows."""

    def __repr__(self) -> str:
        """Without the secret: settings may come into a log."""
        return f"Players(issuer={self.issuer!r}, audience={self.audience!r})"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that an operator may set."""

    data: str = "scoreboard-data"
    """The folder of the SQLite files and of the installation's key."""
    database: str = ""
    """A Postgres URL (`postgresql://user@host/name`); empty: SQLite in the data folder."""
    read_database: str = ""
    """The URL of a streaming replica of `database`, for reads of the past (boards as they stood,
    why a row shows what it shows, records' versions); boards as they stand come from memory."""
    read_wait_s: Seconds = 0.2
    """How long such a read waits for a replica that is behind what this process knows; past it the
    primary answers."""
    private_host: str = "127.0.0.1"
    """Where devices, officials and arena screens come in."""
    private_port: Port = 8080
    public_host: str = "127.0.0.1"
    """Where the public comes in: boards only."""
    public_port: Port = 8081
    players_host: str = "127.0.0.1"
    """Where users come in who write for themselves, with tokens (see `Players`)."""
    players_port: Port | None = None
    """Its port; without one there is no such listener."""
    lan: tuple[Door, ...] = ()
    """The listeners that are open to the network, on every address of this machine."""
    tls: bool = False
    """Whether the private and the public listener can be reached by HTTPS, too, with certificates
    of an authority that is made in the data folder; phones learn to trust it at `/trust`."""
    private_tls_port: Port = 8443
    public_tls_port: Port = 8444
    network_name: Annotated[
        str,
        spelled("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "lower case letters, digits, inner hyphens"),
    ] = "scoreboard"
    """The name at which a network finds this machine while a listener is open to it:
    `http://scoreboard.local:8081` (multicast DNS)."""
    shared: bool = False
    """Whether other processes, here or elsewhere, write and show the same ledger (Postgres)."""
    database_connections: Positive = 8
    """Connections of those who read the ledger. Every kind of work has its own (`database` lists
    them) and waits for these alone: 10 s, then 503 with Retry-After."""
    key_connections: Positive = 2
    """Those of who looks up keys and sessions..."""
    board_connections: Positive = 2
    """...of who reads saved boards..."""
    leaderboard_connections: Positive = 2
    """...and of who reads what the worker made of guesses."""
    stream_tops: tuple[Positive, ...] = (3, 5, 10, 20, 50)
    """The values of `?top=` that can be followed live; any can be read."""
    sign_every_s: Seconds = 60.0
    """How often the ledger's head is signed with the installation's key, if it has moved."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    limits: Limits = Limits()
    sessions: Sessions = Sessions()
    projection: Projection = Projection()
    players: Players = Players()
    egress: Egress = Egress()
    sources: Sources = Sources()

    @property
    def ledger_url(self) -> str:
        """Where the ledger and the registers are."""
        return self.database or f"sqlite:///{(Path(self.data) / 'ledger.db').as_posix()}"

    @property
    def boards_url(self) -> str:
        """Where the read models are."""
        return self.database or f"sqlite:///{(Path(self.data) / 'boards.db').as_posix()}"

    @property
    def predictions_url(self) -> str:
        """Where the worker's tables are."""
        return self.database or f"sqlite:///{(Path(self.data) / 'predictions.db').as_posix()}"


def load(
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    **overrides: Any,
) -> Settings:
    """Settings from the file, then the environment, then `overrides` (None is left out).

    Raises CannotStart with the name of the setting that is wrong.
    """
    raw: dict[str, Any] = {}
    path = file or Path("scoreboard.toml")
    if file is not None or path.exists():
        raw = _read_file(path)
    for name, text in environ.items():
        if name.startswith(PREFIX):
            _place(raw, name.removeprefix(PREFIX).lower().split("__"), text)
    raw.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise CannotStart(
            f"a setting is wrong: {in_words(str(error))}",
            hint="scoreboard/settings documents every setting",
        ) from error


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CannotStart(f"cannot read settings from {path}: {error}") from error


# Variables of the command line's client and of the tests: not settings.
CLIENT_VARIABLES = frozenset({"url", "key", "real_data", "test_postgres"})


def _place(raw: dict[str, Any], steps: list[str], text: str) -> None:
    if steps[0] in CLIENT_VARIABLES:
        return
    for step in steps[:-1]:
        raw = raw.setdefault(step, {})
    field = next(
        (
            f
            for s in (Settings, Limits, Projection, Players, Egress)
            for f in msgspec.structs.fields(s)
            if f.name == steps[-1]
        ),
        None,
    )
    listed = field is not None and "tuple" in str(field.type)
    raw[steps[-1]] = [part.strip() for part in text.split(",")] if listed else text
