"""Each room's docstring names its modules, so that a newcomer finds the one for a change."""

import ast
import re
from pathlib import Path

import pytest

import scoreboard

ROOMS = sorted(
    path.parent
    for path in Path(scoreboard.__file__).parent.glob("*/__init__.py")
    if len(list(path.parent.glob("*.py"))) > 2
)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_tells_of_its_modules_and_of_no_others(room: Path) -> None:
    told = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    there = {path.name for path in room.glob("*.py")} - {"__init__.py"}
    there |= {f"{path.parent.name}/" for path in room.glob("*/__init__.py")}
    named = set(re.findall(r"\b[a-z0-9_]+(?:\.py\b|/(?= ))", told)) - {"__init__.py"}
    assert named == there
