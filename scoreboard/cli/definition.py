"""`competition check`: what is wrong with a definition, line by line, before the doors open."""

from pathlib import Path

import click
import msgspec

from scoreboard.cli.console import console
from scoreboard.errors import BadInput
from scoreboard.facts.competition import Competition
from scoreboard.ingest.written import Unreadable, problems, read
from scoreboard.sports.registry import Sports


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def competition_check(context: click.Context, file: Path) -> None:
    """Say what is wrong with the definition in FILE (TOML or JSON); no server is needed.

    Each problem is one line: file, line, where it stands, what it is. All are named, unless the
    file cannot be read to its end. The exit code is 1 if there are any.
    """
    try:
        lines, written = read(file.read_bytes(), is_toml=file.suffix == ".toml")
    except Unreadable as error:
        raise BadInput(f"{file}:{error.line}: {error.message}") from error
    found = problems(lines, written, Sports.installed())
    for problem in found:
        hint = f" ({problem.hint})" if problem.hint else ""
        said = f"{file}:{problem.line}: {problem.pointer or '/'}: {problem.message}{hint}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    if found:
        context.exit(1)
    made = msgspec.convert(written, Competition)
    console.print(
        f"{made.slug}: {made.sport}, {len(made.entrants)} entrants, "
        f"{len(made.contests)} contests; nothing is wrong with it",
        markup=False,
        highlight=False,
    )
