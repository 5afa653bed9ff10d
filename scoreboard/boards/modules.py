"""Which ES modules a page needs in all, told to the browser in the page itself.

A browser learns what a module imports when it has it: three deep, that is three ways to the server
and back. `<link rel="modulepreload">` (HTML, section 4.6.7.12) names them all at once.
"""

import re
from collections.abc import Mapping, Sequence
from posixpath import dirname, join, normpath

SCRIPT = re.compile(rb'<script type="module" src="([^"]+)"></script>\n')
IMPORT = re.compile(rb'^(?:import|export)\b[^"\';]*["\'](\.[^"\']+)["\']', re.MULTILINE)


def imports_of(sources: Mapping[str, bytes]) -> dict[str, list[str]]:
    """What each of the files imports by itself; files by address."""
    return {
        path: [
            normpath(join(dirname(path), relative.decode())) for relative in IMPORT.findall(source)
        ]
        for path, source in sources.items()
        if path.endswith(".js")
    }


def with_preloads(page: bytes, imports: Mapping[str, Sequence[str]]) -> bytes:
    """An HTML page whose modules' imports are named behind its scripts.

    `imports`: see `imports_of`. KeyError if a page or a module names one that there is not.
    """
    scripts = [found.decode() for found in SCRIPT.findall(page)]
    needed: list[str] = []
    for script in scripts:
        _gather(script, imports, needed)
    links = "".join(
        f'<link rel="modulepreload" href="{path}">\n' for path in needed if path not in scripts
    )
    last = list(SCRIPT.finditer(page))[-1:]
    return page[: last[0].end()] + links.encode() + page[last[0].end() :] if last else page


def _gather(path: str, imports: Mapping[str, Sequence[str]], needed: list[str]) -> None:
    """Add a module and what it imports, each once."""
    if path in needed:
        return
    needed.append(path)
    for imported in imports[path]:
        _gather(imported, imports, needed)
