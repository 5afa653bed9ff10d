"""The command line: each command calls one function.

__init__.py  the commands' group, settings and errors
serving.py   serve, verify, rebuild: on the databases themselves
working.py   worker: the bulk work beside a server, in a process of its own
processes.py  serve --processes: the children, and one that watches them
starting.py  what every way of starting a server does and says
client.py    key, competition, board, parked: over HTTP to a running server
sports.py    sport list, sport show
definition.py  competition check: offline, each mistake with its line
transfer.py  send, export: whole files, over HTTP as well
proof.py     export --bundle, verify BUNDLE: with all that proves a competition
reconcile.py  reconcile: what was observed and decided and could not be joined
follow.py    feed: what another system says, followed over HTTP or read from a file
demo.py      demo: a made-up tournament, played live over the server's own door
lazy.py      commands that are imported when they are called
console.py   where all of them print
"""

from pathlib import Path
from typing import ClassVar

import click

from scoreboard import __version__
from scoreboard.cli.lazy import LazyGroup
from scoreboard.errors import ScoreboardError


class Commands(LazyGroup):
    """Commands whose errors are one clear line and a hint, never a traceback."""

    places: ClassVar[dict[str, str]] = {
        "board": "client:board",
        "competition": "client:competition",
        "demo": "demo:demo",
        "export": "transfer:export",
        "feed": "follow:feed",
        "key": "client:key",
        "one-of-many": "processes:one_of_many",
        "parked": "client:parked",
        "rebuild": "serving:rebuild",
        "reconcile": "reconcile:reconcile",
        "send": "transfer:send",
        "serve": "serving:serve",
        "sport": "sports:sport",
        "verify": "serving:verify",
        "worker": "working:worker",
    }

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ScoreboardError as error:
            from scoreboard.cli.console import errors

            line = f"error: {error.message}"
            errors.print(line, style="bold red", markup=False, soft_wrap=True)
            if error.hint:
                errors.print(f"hint: {error.hint}", markup=False, soft_wrap=True)
            ctx.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="scoreboard")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings in TOML; scoreboard.toml in this folder by default.",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """A live scoreboard that can prove itself."""
    ctx.obj = config
