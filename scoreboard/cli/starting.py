"""What every way of starting a server does and says."""

import gc
from collections.abc import Mapping
from socket import socket

from scoreboard.cli.console import console
from scoreboard.http.listeners import urls_of
from scoreboard.settings import DOORS, Way

GARBAGE_OBJECTS = 20_000  # new containers between looks at the newest of them


def collect_garbage_rarely() -> None:
    """Let the collector of cycles alone with what lasts and with what goes by itself.

    Events, entries and boards hold no cycles; by default it would look at all of them at every few
    hundred.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 20)


def announce(sockets: Mapping[Way, socket], key: str | None = None, fingerprint: str = "") -> None:
    """Print the addresses, by what the authority for HTTPS is known, and a new admin key once."""
    purposes = {
        "private": "devices, officials, arena screens",
        "public": "boards only",
        "players": "users with tokens",
    }
    for way, bound_to in sockets.items():
        for url in urls_of(bound_to, "https" if way.endswith("-tls") else "http"):
            line = f"{DOORS[way]:8} {url}   {purposes[DOORS[way]]}"
            console.print(line, markup=False, soft_wrap=True)
    if fingerprint:
        console.print("phones learn to trust the https addresses at /trust on the others: SHA-256")
        console.print(fingerprint, markup=False)
    if key:
        announce_key(key)
        private = urls_of(sockets["private"], "http")[0]
        console.print(
            f"Begin at {private}/setup: log in with it, make a competition.", markup=False
        )


def announce_key(key: str) -> None:
    """Print a new admin key once."""
    console.print()
    console.print("The admin key, shown this once (keep it):", style="bold")
    console.print(key, markup=False, soft_wrap=True)
