"""Where the commands print: as wide as the terminal; whole where there is none.

Into a pipe or a log no table is cut to fit: whoever reads it there looks for what stands in it.
"""

import sys
from typing import TextIO

from rich.console import Console

WIDE = 1_000  # columns; nothing is wider than it must be


def console_on(stream: TextIO, *, stderr: bool = False) -> Console:
    """A console for one of the standard streams."""
    return Console(width=None if stream.isatty() else WIDE, stderr=stderr)


console = console_on(sys.stdout)
errors = console_on(sys.stderr, stderr=True)
