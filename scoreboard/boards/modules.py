"""Which ES modules a page needs in all, told to the browser in the page itself.

A browser learns what a module imports when it has it: three deep, that is three ways to the server
and back. `<link rel="modulepreload">` (HTML, section 4.6.7.12) names them all at once.
"""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

SCRIPT = re.compile(rb'<script type="module" src="([^"]+)"></script>\n')
IMPORT = re.compile(rb'^(?:import|export)\b[^"\';]*["\'](\.[^"\']+)["\']', re.MULTILINE)


def with_preloads(page: bytes, sources: Mapping[str, bytes]) -> bytes:
    """An HTML page whose modules' imports are named behind its scripts.

    `sources`: the files by address. KeyError if a page or a module names one that there is not.
    """
    scripts = [found.decode() for found in SCRIPT.findall(page)]
    needed: list[str] = []
    for script in scripts:
        _gather(script, sources, needed)
    links = "".join(
        f'<link rel="modulepreload" href="{path}">\n' for path in needed if path not in scripts
    )
    last = list(SCRIPT.finditer(page))[-1:]
    return page[: last[0].end()] + links.encode() + page[last[0].end() :] if last else page


def _gather(path: str, sources: Mapping[str, bytes], needed: list[str]) -> None:
    """Add a module and what it imports, each once."""
    if path in needed:
        return
    needed.append(path)
    for relative in IMPORT.findall(sources[path]):
        _gather(normpath(join(dirname(path), relative.decode())), sources, needed)
