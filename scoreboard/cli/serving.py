"""Commands that work on the databases themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scoreboard import settings as settings_
from scoreboard.app import App, bound
from scoreboard.bus.subscription import BATCH_ENTRIES_MAX
from scoreboard.cli.console import console
from scoreboard.cli.processes import serve_many
from scoreboard.cli.starting import announce, announce_key, collect_garbage_rarely
from scoreboard.errors import Broken
from scoreboard.http.listeners import loop_factory, stop_on_signals
from scoreboard.ledger.verify import Report
from scoreboard.ledger.verify import verify as verify_ledger
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports
from scoreboard.telemetry import configure_logging
from scoreboard.worker import make_anew

if TYPE_CHECKING:  # `serve` begins without what draws bars and tables
    from rich.progress import Progress
    from rich.table import Table

DATA = click.option("--data", help="The folder of the SQLite files (scoreboard-data).")
DATABASE = click.option("--database", help="A Postgres URL instead of SQLite.")


@click.command()
@DATA
@DATABASE
@click.option("--private-port", type=int, help="For devices and officials (8080).")
@click.option("--public-port", type=int, help="For the public: boards only (8081).")
@click.option("--players-port", type=int, help="For users with tokens (off without it).")
@click.option(
    "--lan",
    type=click.Choice(["private", "public", "players"]),
    multiple=True,
    help="Open this listener to the network; give it again for another.",
)
@click.option(
    "--tls",
    is_flag=True,
    default=None,
    help="HTTPS, too, with an authority of one's own; phones learn to trust it at /trust.",
)
@click.option(
    "--new-admin-key", is_flag=True, help="Make one more admin key and show it: the first was lost."
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    help="So many processes on the same ports (Postgres): one makes the boards, all serve.",
)
@click.pass_obj
def serve(
    config: Path | None,
    /,
    lan: tuple[str, ...],
    new_admin_key: bool,
    processes: int,
    **options: Any,
) -> None:
    """Run the server until Ctrl+C."""
    settings = settings_.load(config, lan=lan or None, **options)
    configure_logging(settings.log_level)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        if processes > 1:
            runner.run(serve_many(settings, processes))
        else:
            runner.run(serve_until_stopped(settings, new_admin_key=new_admin_key))


async def serve_until_stopped(settings: Settings, *, new_admin_key: bool = False) -> None:
    """Open everything, say where, serve until a signal, close everything."""
    stop = asyncio.Event()
    with stop_on_signals(stop), bound(settings) as sockets:
        app = await App.open(settings, new_admin_key=new_admin_key)
        collect_garbage_rarely()
        try:
            listeners = app.listeners(sockets)
            app.on_admin_key = announce_key
            await app.run(
                listeners,
                stop,
                lambda: announce(sockets, app.admin_key, app.nearby.fingerprint),
            )
        finally:
            await app.close()


@click.command()
@DATA
@DATABASE
@click.option("--fingerprint", help="Of the key that must have signed the bundle.")
@click.argument(
    "bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.pass_obj
def verify(
    config: Path | None, /, bundle: Path | None, fingerprint: str | None, **options: Any
) -> None:
    """Check the ledger: chain, versions, counts, signatures.

    With a BUNDLE (from `scoreboard export --bundle`): that file alone, offline, and that its
    boards are what its entries come to.
    """
    if bundle is not None:
        from scoreboard.cli.proof import verify_bundle

        verify_bundle(bundle, fingerprint)
        return
    if fingerprint is not None:
        raise click.UsageError("--fingerprint goes with a bundle")
    settings = settings_.load(config, **options)
    with progress_bar("verifying") as bar:
        task = bar.add_task("verifying", total=None)
        report = asyncio.run(
            verify_ledger(
                settings, lambda done, total: bar.update(task, completed=done, total=total)
            )
        )
    console.print(table_of(report))
    if not report.ok:
        raise Broken(
            f"position {report.bad_position}: {report.reason}",
            hint="compare with a backup or a standby from before; nothing was changed",
        )


def table_of(report: Report) -> Table:
    """What was walked."""
    from rich.table import Table

    table = Table("ledger", "entries", "records", "erased", "signed heads", "verified")
    table.add_row(
        report.ledger,
        str(report.entries),
        str(report.records),
        str(report.erased),
        str(report.signed_heads),
        "yes" if report.ok else "NO",
    )
    return table


@click.command()
@DATA
@DATABASE
@click.pass_obj
def rebuild(config: Path | None, /, **options: Any) -> None:
    """Drop every read model and make it again from the ledger (stop the server first)."""
    settings = settings_.load(config, **options)
    asyncio.run(rebuild_all(settings))


async def rebuild_all(settings: Settings, sports: Sports | None = None) -> None:
    """Fold the whole ledger anew."""
    app = await App.open(settings, sports, anew=True)
    collect_garbage_rarely()
    try:
        head = app.ledger.head.position
        with progress_bar("rebuilding") as bar:
            task = bar.add_task("rebuilding", total=head)
            while app.projection.position < head:
                entries = await app.ledger.read(app.projection.position, limit=BATCH_ENTRIES_MAX)
                await app.projection.handle(entries)
                bar.update(task, completed=app.projection.position)
        if app.leaderboards.games():
            await make_anew(settings, app.sports)
        console.print(f"boards are made again from {head} entries")
    finally:
        await app.close()


def progress_bar(_what: str) -> Progress:
    """How far long work has come."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )
