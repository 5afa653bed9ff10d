"""`competition check`: what is wrong with a definition, line by line, before the doors open."""

import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec

from scoreboard.cli.console import console
from scoreboard.cli.lines import Lines
from scoreboard.errors import BadInput
from scoreboard.facts.competition import Competition
from scoreboard.ingest.definitions import problems_in
from scoreboard.sports.registry import Sports


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def competition_check(context: click.Context, file: Path) -> None:
    """Say what is wrong with the definition in FILE (TOML or JSON); no server is needed.

    Each problem is one line: file, line (of TOML), where it stands, what it is. The exit code is 1
    if there are any.
    """
    text, written = read(file)
    lines = Lines(text) if file.suffix == ".toml" else None
    problems = problems_in(written, Sports.installed())
    for problem in sorted(problems, key=lambda one: (line_of(lines, one), one.pointer or "")):
        line = line_of(lines, problem)
        where = f"{file}:{line}:" if line else f"{file}:"
        hint = f" ({problem.hint})" if problem.hint else ""
        said = f"{where} {problem.pointer or '/'}: {problem.message}{hint}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    if problems:
        context.exit(1)
    found = msgspec.convert(written, Competition)
    console.print(
        f"{found.slug}: {found.sport}, {len(found.entrants)} entrants, "
        f"{len(found.contests)} contests; nothing is wrong with it",
        markup=False,
        highlight=False,
    )


def read(file: Path) -> tuple[str, Any]:
    """A definition's text and what it says; BadInput with the line if it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            return text, tomllib.loads(text)
        return text, msgspec.json.decode(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BadInput(f"{file}: {error}") from error


def line_of(lines: Lines | None, problem: BadInput) -> int:
    """The line of a problem; 0 where none is known."""
    return lines.of(problem.pointer or "") if lines else 0
