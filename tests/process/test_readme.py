"""The README's tour followed word for word, on SQLite, on ports of its own."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import click
import pytest
import pytest_asyncio
from click.testing import CliRunner
from test_serve import FREE, Served, serving

from scoreboard.cli import main

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "README.md").read_text("utf-8").partition("## A tour")[2]
BLOCK = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
COMMANDS = [
    line.strip() for block in BLOCK.findall(TOUR) for line in block.replace("\\\n", "").splitlines()
]
# From here on commands speak of what this server does not have, or are of other servers.
END = "scoreboard reconcile SLUG"
WATCHED_S = "2"


def leaves(command: click.Command, path: str) -> Iterator[str]:
    """The words of every command that does something."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            if inner.hidden:
                continue
            yield from leaves(inner, f"{path} {name}")
    else:
        yield path


def parse(words: list[str]) -> None:
    """Read a command's words as it would itself, without doing it; UsageError if it cannot."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        context = click.Context(command, parent=context, info_name=name)
    if not isinstance(command, click.Group):
        command.make_context(command.name, words)


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = {path for path in leaves(main, "scoreboard") if re.search(rf"{path}\b", text)}
    assert set(leaves(main, "scoreboard")) - named == {"scoreboard parked list"}  # as `parked`


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("scoreboard")])
def test_every_command_of_the_tour_is_one_that_the_program_understands(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").symlink_to(ROOT / "config")
    for file in ("ledger.ndjson", "harbour-cup.zip"):
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    parse(shlex.split(line)[1:])


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving("--data", str(tmp_path / "scoreboard-data"), *FREE) as served:
        yield served


@pytest.fixture
def shell(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment in which `scoreboard` is this program and `curl` fails when it is refused.

    The same is this process's own, for commands that are called in it.
    """
    (tmp_path / "config").symlink_to(ROOT / "config")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, call in (
        ("scoreboard", f'exec {sys.executable} -m scoreboard "$@"'),
        ("curl", f'exec {shutil.which("curl")} --fail-with-body --silent "$@"'),
    ):
        script = programs / name
        script.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IEXEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SCOREBOARD_URL", served.urls("private")[0])
    monkeypatch.setenv("SCOREBOARD_KEY", served.key)
    monkeypatch.setenv("COLUMNS", "200")
    return dict(os.environ)


def done(command: str, shell: dict[str, str]) -> tuple[int, str, str]:
    """What a line of the tour comes to: its exit code, and what it printed on either stream.

    A command of the program is called in this process, which spares the start of one for each; what
    is watched, and what is of other programs, is left to a shell.
    """
    program, *words = shlex.split(command)
    if command.endswith("--watch"):
        command = f"timeout {WATCHED_S} {command}"
    elif program == "scoreboard":
        result = CliRunner().invoke(main, words, prog_name=program)
        return result.exit_code, result.stdout, result.stderr
    ended = subprocess.run(
        ["sh", "-c", command], env=shell, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_the_tour_works_as_it_is_written(served: Served, shell: dict[str, str]) -> None:
    assert COMMANDS[:2] == ["scoreboard serve", "export SCOREBOARD_KEY=sb_..."]  # `served` did it
    key_id = ""
    shown: dict[str, str] = {}
    for line in COMMANDS[2 : COMMANDS.index(END)]:
        command = line.replace("KEY_ID", key_id)
        for name, url in (("private", "8080"), ("public", "8081")):
            command = command.replace(f"http://127.0.0.1:{url}", served.urls(name)[0])
        code, printed, complained = done(command, shell)
        assert code == (124 if line.endswith("--watch") else 0), (line, printed, complained)
        shown[line] = printed
        if line.startswith("scoreboard key create"):
            key_id = printed.split("_")[1]
    assert "Anchor United" in shown["scoreboard board harbour-cup"]
    assert "yes" in shown["scoreboard verify"]
    assert "201" not in shown["scoreboard send harbour-cup ledger.ndjson"]
