"""What every benchmark prints: tables, progress on stderr, and one last line of JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 110


class Figures:
    """Tables for people and, at the end, the same figures as one JSON object."""

    def __init__(self, bench: str) -> None:
        self._console = Console(width=WIDTH)
        self._json: dict[str, Any] = {"bench": bench}

    def table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table at once, so that a run that is cut off has shown what it had."""
        table = Table(title=title)
        for heading in headings:
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    def note(self, text: str) -> None:
        """A line below a table."""
        self._console.print(text, markup=False, highlight=False)

    def keep(self, name: str, value: float) -> None:
        """A figure for the last line."""
        self._json[name] = round(value, 3) if isinstance(value, float) else value

    def kept(self, name: str) -> Any:
        """A figure that was kept."""
        return self._json[name]

    def end(self) -> None:
        """Print the last line."""
        print(json.dumps(self._json), flush=True)


def progress(text: str) -> None:
    """Say on stderr what is being measured."""
    print(text, file=sys.stderr, flush=True)


def arguments(what: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has; `what` is its docstring."""
    parser = argparse.ArgumentParser(
        description=what, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    return parser


def at(share: float, times_s: Sequence[float]) -> float:
    """The quantile of times in seconds (0.5 for the median), in milliseconds."""
    ordered = sorted(times_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3
