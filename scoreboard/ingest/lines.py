"""Where in a file a JSON pointer points: the line of the key, or of what it is in.

The parsers do not say. TOML is read as a row of statements, each as short as it can be parsed by
itself; which table a key belongs to is what the headers before it say. JSON is read token by token.
"""

import re
import tomllib
from typing import Any

import msgspec

from scoreboard.http.problem import escape


class Lines:
    """The lines of what stands in a text, by pointer."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {"": 1}

    def of(self, pointer: str) -> int:
        """The line of what a pointer points to, or of the nearest thing around it."""
        while pointer not in self._found:
            pointer = pointer.rpartition("/")[0]
        return self._found[pointer]


class JsonLines(Lines):
    """The lines of the members and items of a JSON text that can be parsed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        around: list[tuple[str, int | None]] = []  # pointers; how many items, None in an object
        key: str | None = None
        line, seen = 1, 0
        for token in _TOKEN.finditer(text):
            said = token[0]
            line, seen = line + text.count("\n", seen, token.start()), token.start()
            pointer, items = around[-1] if around else ("", None)
            if said in "}]":
                around.pop()
            elif said == ",":
                key = None
                around[-1] = (pointer, None if items is None else items + 1)
            elif around and items is None and key is None:
                key = escape(msgspec.json.decode(said))
                self._found.setdefault(f"{pointer}/{key}", line)
            elif said != ":":
                if around:
                    pointer += f"/{key if items is None else items}"
                    self._found.setdefault(pointer, line)
                if said in "{[":
                    around.append((pointer, 0 if said == "[" else None))
                    key = None


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class TomlLines(Lines):
    """The lines of the keys and tables of a TOML text that can be parsed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._lengths: dict[str, int] = {}  # of arrays of tables, by pointer
        table = ""
        lines = text.replace("\r\n", "\n").split("\n")
        first = 0
        while first < len(lines):
            last, said = statement(lines, first)
            if lines[first].lstrip().startswith("["):
                table = self._header(said, is_array=lines[first].lstrip().startswith("[["))
                self._found.setdefault(table, first + 1)
            else:
                self._keys(said, table, first + 1)
            first = last + 1

    def _header(self, said: dict[str, Any], *, is_array: bool) -> str:
        """The pointer of the table that a header opens."""
        pointer = ""
        while said:
            ((name, inner),) = said.items()
            pointer += "/" + escape(name)
            opens = isinstance(inner, list)  # `[[name]]`: the last name of the header
            if opens and is_array:
                self._found.setdefault(pointer, 1)
                self._lengths[pointer] = self._lengths.get(pointer, 0) + 1
                inner = inner[0]
            if pointer in self._lengths:
                pointer += f"/{self._lengths[pointer] - 1}"
            said = inner
        return pointer

    def _keys(self, said: dict[str, Any], under: str, line: int) -> None:
        for name, value in said.items():
            pointer = f"{under}/{escape(name)}"
            self._found.setdefault(pointer, line)
            if isinstance(value, dict):
                self._keys(value, pointer, line)


def statement(lines: list[str], first: int) -> tuple[int, dict[str, Any]]:
    """The last line of the statement that begins on a line, and what it says by itself."""
    for last in range(first, len(lines)):
        try:
            return last, tomllib.loads("\n".join(lines[first : last + 1]))
        except tomllib.TOMLDecodeError:
            continue
    return len(lines) - 1, {}
