"""Where in a TOML file a JSON pointer points: the line of the key, or of the table that it is in.

The standard library's parser does not say. A file is read as a row of statements, each as short as
it can be parsed by itself; which table a key belongs to is what the headers before it say.
"""

import tomllib
from typing import Any

from scoreboard.http.problem import escape


class Lines:
    """The lines of the keys and tables of a TOML text that can be parsed."""

    def __init__(self, text: str) -> None:
        self._found: dict[str, int] = {"": 1}
        self._lengths: dict[str, int] = {}  # of arrays of tables, by pointer
        table = ""
        lines = text.splitlines()
        first = 0
        while first < len(lines):
            last, said = statement(lines, first)
            if lines[first].lstrip().startswith("["):
                table = self._header(said, is_array=lines[first].lstrip().startswith("[["))
                self._found.setdefault(table, first + 1)
            else:
                self._keys(said, table, first + 1)
            first = last + 1

    def of(self, pointer: str) -> int:
        """The line of what a pointer points to, or of the nearest thing around it."""
        while pointer not in self._found:
            pointer = pointer.rpartition("/")[0]
        return self._found[pointer]

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
