"""The folder of real data: `SCOREBOARD_REAL_DATA`, or `../shared/data/real` beside the project."""

import os
from pathlib import Path

import pytest


def folder(name: str) -> Path:
    """One competition's folder; without it tests fail in CI and are skipped elsewhere."""
    beside = Path(__file__).parents[2].parent / "shared" / "data" / "real"
    found = Path(os.environ.get("SCOREBOARD_REAL_DATA") or beside) / name
    if found.exists():
        return found
    missing = f"the real data is missing: {found} (set SCOREBOARD_REAL_DATA)"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
