"""What each listener offers, put together from the rooms; with `app`, the only file that knows all.

private   devices, officials, arena screens: everything
public    boards and what explains them, and pages; nothing can be written
players   the same reads, and what users say of themselves, with tokens
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import ASGIApp, Scope

from scoreboard import __version__
from scoreboard.access.access import Access, token_of
from scoreboard.admin.approvals import Approvals
from scoreboard.admin.audit import Audit
from scoreboard.admin.competitions import Competitions
from scoreboard.admin.corrections import Corrections
from scoreboard.admin.export import Exports, Taking
from scoreboard.admin.keys import Keys
from scoreboard.admin.log import Log
from scoreboard.admin.log_streams import LogStreams
from scoreboard.admin.parked import ParkedContests
from scoreboard.admin.payloads import PayloadsDoor
from scoreboard.admin.previewing import Previewing
from scoreboard.admin.proof.bundle import Bundles
from scoreboard.admin.proposals import Proposals
from scoreboard.admin.reconciliation import Reconciling
from scoreboard.admin.rehearsals import Rehearsals
from scoreboard.admin.results import Results
from scoreboard.admin.reveal import Reveal
from scoreboard.admin.rules import RulesList
from scoreboard.admin.rulings import RulingsMade
from scoreboard.admin.sessions import Sessions
from scoreboard.admin.setup import Setup
from scoreboard.admin.signing import Signing
from scoreboard.admin.undo import Undo
from scoreboard.boards.answered import Answered
from scoreboard.boards.audience import Audience
from scoreboard.boards.explain import Explain
from scoreboard.boards.finding import Finding
from scoreboard.boards.http import Boards
from scoreboard.boards.lists import Lists
from scoreboard.boards.moments import Moments
from scoreboard.boards.pages import Pages
from scoreboard.boards.predictions import PredictionsDoors
from scoreboard.boards.print_forms import PrintFormsDoor
from scoreboard.boards.ranked import Ranked
from scoreboard.boards.server_time import ServerTime
from scoreboard.boards.sockets import Greet, Greeted, Sockets
from scoreboard.bus.subscription import Subscription
from scoreboard.catalogue import Catalogue
from scoreboard.http.endpoint import Endpoint
from scoreboard.http.headers import READS, WRITES
from scoreboard.http.openapi import with_document
from scoreboard.http.routes import build
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.reading import LedgerReader
from scoreboard.ops.desk import Desk
from scoreboard.ops.display_doors import DisplayDoors
from scoreboard.ops.displays import Displays
from scoreboard.ops.nearby import Nearby
from scoreboard.ops.siblings import Siblings
from scoreboard.ops.watching import Watching
from scoreboard.predictions.reading import Predictions
from scoreboard.predictions.showing import Leaderboards
from scoreboard.projections.explaining import Explaining
from scoreboard.projections.history import History
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import STANDINGS
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Door, Settings
from scoreboard.sources.claims import ClaimsDoor
from scoreboard.sources.http import Events
from scoreboard.sources.presence import Presence, PresenceDoor
from scoreboard.sports.registry import Sports

if TYPE_CHECKING:
    from scoreboard.access.player_access import PlayerAccess

CORS = {"private": (), "public": READS, "players": (*READS, *WRITES)}
"""By listener: the methods that pages from anywhere may use."""


class Parts(Protocol):
    """What doors need of the program."""

    settings: Settings
    ledger: Ledger
    past: LedgerReader
    sports: Sports
    catalogue: Catalogue
    access: Access
    log: LogStreams
    players: "PlayerAccess | None"
    gate: Gate
    projection: BoardsProjection
    history: History
    explaining: Explaining
    predictions: Predictions
    leaderboards: Leaderboards
    rehearsals: Rehearsals
    public: Audience
    officials: Audience
    reader: Subscription[Any]
    siblings: Siblings | None
    nearby: Nearby
    presence: Presence
    displays: Displays


def application(app: Parts, door: Door) -> ASGIApp:
    """The application of one listener."""
    guard = app.players.guard if door == "players" and app.players else app.access.guard
    built = build(endpoints(app, door), guard, cors=CORS[door])
    if door == "private":
        return built
    return Answered(built, app.projection.public_shelf, app.settings.limits.answered_bytes_max)


def endpoints(app: Parts, door: Door) -> list[Endpoint]:
    """What a listener offers: reads, and on two of them writes: officials', or users'."""
    private = door == "private"
    finding = Finding(
        app.projection,
        app.history,
        app.access.guard,
        app.access.is_official,
        app.public,
        app.officials if private else None,
        app.leaderboards.until_shown,
        app.catalogue.standing,
    )
    rooms: list[Any] = []
    if private:  # routes are tried in order: what comes most often comes first
        rooms.append(Events(app.gate, app.settings.limits, app.access, app.presence))
    if door == "players" and app.players is not None:
        rooms += _for_players(app, app.players, finding)
    rooms += [
        Boards(finding),
        Sockets(finding, app.settings.limits, _greeting(app, door)),
        Explain(finding, app.explaining),
        Moments(finding, app.history),
        Lists(finding, app.history),
        PrintFormsDoor(Path(app.settings.data), private=private),
        Competitions(
            app.gate,
            app.ledger,
            app.catalogue,
            app.sports,
            app.settings.limits,
            app.access.is_official,
            partial(_status_of, app.projection.public_shelf),
            public=not private,
        ),
        RulesList(app.gate, app.ledger, app.catalogue, app.access.is_official, public=not private),
        PredictionsDoors(
            app.predictions,
            app.access.is_official,
            app.leaderboards.hidden,
            public=not private,
        ),
        ServerTime(),
    ]
    if door != "players":
        rooms.append(DisplayDoors(app.displays, app.settings.limits, private=private))
        rooms.append(Pages(app.gate.standing, partial(_sport_of, app.catalogue), private=private))
    if private:
        rooms += _for_officials(app)
    table = [endpoint for room in rooms for endpoint in room.endpoints()]
    table += app.nearby.endpoints(private=private)
    return with_document(table, title=f"scoreboard, {door}", version=__version__)


def _status_of(shelf: Shelf, slug: str) -> str:
    """How far a competition is for the public; "" if its boards are not in memory."""
    standings = shelf.get(slug, STANDINGS)
    return standings.status if standings else ""


def _sport_of(catalogue: Catalogue, slug: str) -> str:
    """The sport of a competition; "" if there is none."""
    definition = catalogue.get(slug)
    return definition.sport if definition else ""


def _greeting(app: Parts, door: Door) -> Greet | None:
    """How a WebSocket's client is known on a listener; None where everybody is the public."""
    players = app.players

    async def by_key(scope: Scope) -> Greeted | None:
        principal = await app.access.visitor(scope)
        return None if principal is None else Greeted(principal.actor)

    async def by_token(scope: Scope) -> Greeted | None:
        assert players is not None
        if not token_of(scope):
            return None
        user = await players.known(scope)
        return Greeted(user.principal.actor, user.exp)

    return {"private": by_key, "players": by_token, "public": None}[door]


def _for_players(app: Parts, access: "PlayerAccess", finding: Finding) -> list[Any]:
    from scoreboard.sources.player_routes import PlayerRoutes
    from scoreboard.sources.players import PlayersDoor

    door = PlayersDoor(app.gate, access, app.settings)
    return [door, PlayerRoutes(door, Ranked(finding, app.projection), app.settings)]


def _for_officials(app: Parts) -> list[Any]:
    previewing = Previewing(app.gate, app.ledger, app.projection)
    proposals = Proposals(app.gate, app.ledger, app.catalogue, previewing, app.settings.limits)
    signing = Signing(app.gate, app.ledger, previewing, proposals, app.settings.limits)
    taking = Taking(app.gate, app.ledger, app.settings.limits)
    return [
        Corrections(app.gate, app.ledger, app.past, app.catalogue, app.settings.limits),
        signing,
        Undo(app.gate, app.ledger, previewing, signing, app.settings.limits),
        Approvals(app.gate, app.catalogue, proposals, app.settings.limits),
        PayloadsDoor(app.gate, app.catalogue, app.sports),
        Results(app.gate, app.ledger, app.catalogue, app.projection),
        Reveal(app.gate, app.ledger, app.projection, app.settings.limits),
        Reconciling(app.gate, app.ledger, app.projection, app.settings.limits),
        RulingsMade(app.gate, app.past),
        Keys(app.access, app.settings.limits),
        ClaimsDoor(app.gate, app.ledger, app.settings.limits.form_bytes_max),
        Sessions(app.access, app.settings),
        Setup(app.sports, app.settings.limits),
        app.rehearsals,
        Log(app.gate, app.log, app.settings.limits),
        Audit(app.gate, app.ledger, app.access.refusals, app.settings.limits),
        Exports(app.ledger, app.settings.limits, taking),
        Bundles(app.ledger, app.history, app.settings.limits, taking),
        ParkedContests(
            app.ledger, app.projection.parking, app.predictions.parked, app.settings.limits
        ),
        PresenceDoor(app.presence, app.settings.limits.form_bytes_max),
        Desk(
            app.settings,
            app.ledger,
            lambda: app.reader,
            lambda: len(app.projection.parking.waiting),
            lambda: app.public.streams.open + app.officials.streams.open,
        ),
        Watching(app.settings, app.ledger, lambda: app.reader, app.siblings),
    ]
