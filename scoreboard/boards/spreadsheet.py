"""Tables as CSV (RFC 4180, UTF-8), safe to be opened in a spreadsheet.

A spreadsheet takes a cell that begins with one of `DANGEROUS` for a formula, and a name can be
anything: such a cell gets an apostrophe in front, unless it is a number.
"""

import csv
import io
import re
from typing import Any

import msgspec

from scoreboard.boards.sheets import FIGURES, Sheet, cell

BOM = b"\xef\xbb\xbf"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
STAMP = ("ledger_position", "as_of", "state", "frozen")
"""The last columns, the same in every row: a row that is copied keeps its stamp."""


def csv_of(sheet: Sheet, *, bom: bool) -> bytes:
    """The table with a line of headings; `bom` for programs that do not expect UTF-8."""
    out = io.StringIO()
    lines = csv.writer(out)
    keys = [column.key for column in sheet.columns]
    taken = {key for key in keys if not key.startswith(FIGURES)} | set(STAMP)
    lines.writerow(safe(heading(key, taken)) for key in [*keys, *STAMP])
    stamp = (sheet.position, sheet.as_of, sheet.state, sheet.frozen)
    for row in sheet.rows:
        lines.writerow(safe(text(value)) for value in [*(cell(row, key) for key in keys), *stamp])
    return (BOM if bom else b"") + out.getvalue().encode()


def heading(key: str, taken: set[str]) -> str:
    """The name of a column: a figure's own, unless another column is called so."""
    short = key.removeprefix(FIGURES)
    return key if short in taken else short


def text(value: Any) -> str:
    """A value in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def safe(said: str) -> str:
    """A cell that no spreadsheet runs."""
    if said.startswith(DANGEROUS) and not NUMBER.fullmatch(said):
        return "'" + said
    return said
