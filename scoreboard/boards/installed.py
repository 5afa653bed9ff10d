"""What lets a page be installed and opened offline, where the browser trusts the address.

    /manifest.webmanifest        how the program is called and looks (W3C Application Manifest)
    /static/shell/icon-192.png   the icon in the sizes that browsers ask for, drawn at the start
    /sw.js                       the service worker, with the ETags of all files of this program

The worker knows its program by `version`, which every page names, so that a page's ETag changes
with any file: a page of another program is told at once, and nothing old is ever joined to it.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping, Sequence

import msgspec

ICONS = {f"/static/shell/icon-{size}.png": size for size in (192, 512)}
PALETTE = b"\x10\x23\x3f\x9d\xb7\xd9\xff\xff\xff"
GROUND, BAR, HIGHEST = b"\0", b"\1", b"\2"
BARS = ((5, 17, BAR), (13, 6, HIGHEST), (21, 12, BAR))
"""Left and top of the icon's bars, 6 wide and down to 27, of 32, as in `icon.svg`."""
HEAD = (
    '<meta name="program" content="{version}">\n'
    '<link rel="manifest" href="/manifest.webmanifest">\n'
    '<script type="module" src="/static/shell/install.js" fetchpriority="low"></script>\n'
    "</head>"
)
PARAMETER = re.compile(r"\\\{[a-z_]+\\\}")


def icon(size: int) -> bytes:
    """The icon as a PNG (ISO/IEC 15948) of `size` by `size` pixels, each a byte: which colour."""
    unit = size / 32
    rows = []
    for y in range(size):
        row = bytearray(GROUND * size)
        for left, top, colour in BARS:
            if top * unit <= y < 27 * unit:
                start, end = round(left * unit), round((left + 6) * unit)
                row[start:end] = colour * (end - start)
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows), 9)
    parts = ((b"IHDR", header), (b"PLTE", PALETTE), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)


def version_of(sources: Mapping[str, bytes]) -> str:
    """What tells these files, by address, from those of any other program."""
    said = hashlib.sha256()
    for path, body in sorted(sources.items()):
        said.update(f"{path} {len(body)}\n".encode() + body)
    return said.hexdigest()[:16]


def with_install(page: bytes, version: str) -> bytes:
    """A page that names its program, the manifest, and the script that starts the worker."""
    return page.replace(b"</head>", HEAD.format(version=version).encode(), 1)


def worker(
    source: bytes, version: str, files: Mapping[str, str], pages: Mapping[str, Sequence[str]]
) -> bytes:
    """The service worker with what it keeps: ETags of files by address, of pages by pattern.

    A page may have several, by the kind of its competition.
    """
    patterns = {
        "^" + PARAMETER.sub("[^/]+", re.escape(path)) + "$": etags for path, etags in pages.items()
    }
    known = {"VERSION": version, "FILES": files, "PAGES": patterns}
    said = "".join(
        f"const {name} = {msgspec.json.encode(value).decode()};\n" for name, value in known.items()
    )
    return said.encode() + source
