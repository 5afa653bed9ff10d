"""`competition check`: what is wrong with a definition, line by line, before the doors open."""

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec

from scoreboard.cli.console import console
from scoreboard.cli.lines import JsonLines, Lines, TomlLines
from scoreboard.errors import BadInput
from scoreboard.facts.competition import Competition
from scoreboard.ingest.definitions import problems_in
from scoreboard.sports.registry import Sports


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def competition_check(context: click.Context, file: Path) -> None:
    """Say what is wrong with the definition in FILE (TOML or JSON); no server is needed.

    Each problem is one line: file, line, where it stands, what it is. All are named, unless the
    file cannot be read to its end. The exit code is 1 if there are any.
    """
    lines, written = read(file)
    problems = problems_in(written, Sports.installed())
    for problem in sorted(
        problems, key=lambda one: (lines.of(one.pointer or ""), str(one.pointer))
    ):
        where = f"{file}:{lines.of(problem.pointer or '')}:"
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


def read(file: Path) -> tuple[Lines, Any]:
    """Where everything in a definition stands, and what it says.

    Raises BadInput with file and line if it is no UTF-8, TOML or JSON.
    """
    raw = file.read_bytes()
    is_toml = file.suffix == ".toml"
    try:
        text = raw.decode()
        written = tomllib.loads(text) if is_toml else msgspec.json.decode(raw)
        return TomlLines(text) if is_toml else JsonLines(text), written
    except UnicodeDecodeError as error:
        where = f"{file}:{line_at(raw, error.start)}"
        raise BadInput(f"{where}: not UTF-8: {error.reason} ({raw[error.start]:#04x})") from error
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        where = f"{file}:{line_of(said, raw)}"
        raise BadInput(f"{where}: not {'TOML' if is_toml else 'JSON'}: {said}") from error


def line_of(said: str, raw: bytes) -> int:
    """The line that a parser's complaint is about; the last one where the text ends too early."""
    if line := re.search(r"at line (\d+)", said):
        return int(line[1])
    if byte := re.search(r"\(byte (\d+)\)", said):
        return line_at(raw, int(byte[1]))
    return line_at(raw.rstrip(), len(raw))


def line_at(raw: bytes, byte: int) -> int:
    """The line of a byte, from 1."""
    return raw.count(b"\n", 0, byte) + 1
