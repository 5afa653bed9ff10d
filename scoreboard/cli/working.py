"""The worker's command, apart from the server's: its process loads no more than it needs."""

import asyncio
from pathlib import Path
from typing import Any

import click

from scoreboard import settings as settings_
from scoreboard.http.listeners import loop_factory
from scoreboard.telemetry import configure_logging
from scoreboard.worker import settings_from_parent, work


@click.command()
@click.option("--data", help="The folder of the SQLite files (scoreboard-data).")
@click.option("--database", help="A Postgres URL instead of SQLite.")
@click.option("--supervised", is_flag=True, help="As a child: settings come in, and the end.")
@click.pass_obj
def worker(config: Path | None, /, supervised: bool, **options: Any) -> None:
    """Do the bulk work beside a server (`serve` starts one by itself)."""
    settings = settings_from_parent() if supervised else settings_.load(config, **options)
    configure_logging(settings.log_level)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(work(settings, supervised=supervised))
