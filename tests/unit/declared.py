"""The sports that the project declares, whether or not this checkout is the installed one."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

from scoreboard.sports.registry import GROUP, Sports

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def declared_sports() -> Sports:
    """All sports named by the project's own entry points."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    named = project["entry-points"][GROUP]
    return Sports({name: EntryPoint(name, value, GROUP).load() for name, value in named.items()})
