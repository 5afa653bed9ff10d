"""A definition as somebody wrote it, in TOML or JSON: what it says, and what is wrong with it."""

import re
import tomllib
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput
from scoreboard.ingest.definitions import problems_in
from scoreboard.ingest.lines import JsonLines, Lines, TomlLines
from scoreboard.sports.registry import Sports


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong on a line (from 1); `pointer`: where in the definition, "" for the whole."""

    line: int
    message: str
    pointer: str = ""
    hint: str = ""


class Unreadable(BadInput):
    """A text that is no UTF-8, TOML or JSON; `line` is where its reading ended."""

    code = "unreadable"

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message, pointer="")
        self.line = line


def read(raw: bytes, *, is_toml: bool) -> tuple[Lines, Any]:
    """Where everything in a definition stands, and what it says; raises Unreadable."""
    try:
        text = raw.decode()
        written = tomllib.loads(text) if is_toml else msgspec.json.decode(raw)
        return TomlLines(text) if is_toml else JsonLines(text), written
    except UnicodeDecodeError as error:
        said = f"not UTF-8: {error.reason} ({raw[error.start]:#04x})"
        raise Unreadable(said, line_at(raw, error.start)) from error
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        said_of = f"not {'TOML' if is_toml else 'JSON'}: {said}"
        raise Unreadable(said_of, line_of(said, raw)) from error


def problems(lines: Lines, written: Any, sports: Sports) -> list[Problem]:
    """All that is wrong with a definition that was read, by line."""
    found = [
        Problem(
            line=lines.of(one.pointer or ""),
            message=one.message,
            pointer=one.pointer or "",
            hint=one.hint or "",
        )
        for one in problems_in(written, sports)
    ]
    return sorted(found, key=lambda one: (one.line, one.pointer))


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
