"""Bundles on the command line: taken from a server, and checked without one."""

import asyncio
from pathlib import Path

import httpx2
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from scoreboard.admin.proof.bundle import FINGERPRINT, PATH, POSITION
from scoreboard.admin.proof.checking import Checked, check_bundle
from scoreboard.cli.client import refusal, unanswered
from scoreboard.cli.console import console
from scoreboard.errors import Broken, Unavailable
from scoreboard.sports.registry import Sports

READ_S = 300.0  # before the first byte a large competition is folded again


def take_bundle(url: str, key: str | None, file: Path, competition: str) -> None:
    """Write a competition's bundle to a file, whole or not at all."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    unfinished = file.with_name(file.name + ".part")
    address = url + PATH.replace("{competition}", competition)
    begun = False
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    try:
        with (
            httpx2.stream("GET", address, headers=headers, timeout=READ_S) as response,
            Progress(*columns, console=console) as bar,
        ):
            if response.status_code >= 400:
                response.read()
                raise refusal(response)
            begun = True
            task = bar.add_task("bundling", total=None)
            with unfinished.open("wb") as out:
                for part in response.iter_bytes():
                    out.write(part)
                    bar.advance(task, len(part))
    except httpx2.TransportError as error:
        unfinished.unlink(missing_ok=True)
        if not begun:
            raise unanswered(url, error) from error
        raise Unavailable("the bundle was broken off", hint="ask for it again") from error
    unfinished.replace(file)
    said = response.headers
    console.print(f"{file}: {competition} up to position {said[POSITION]}", markup=False)
    console.print(f"signed by the key with the fingerprint\n{said[FINGERPRINT]}")
    console.print("Tell it to whoever checks the bundle by another way than you send the file.")


def verify_bundle(file: Path, fingerprint: str | None) -> None:
    """Check a bundle and say what came of it; Broken if anything is not good."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as bar:
        tasks = {}

        def progress(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        checked = asyncio.run(check_bundle(file, Sports.installed(), progress))
    console.print(table_of(checked))
    if checked.fingerprint:
        console.print(f"signed by the key with the fingerprint\n{checked.fingerprint}")
    if not checked.ok:
        raise Broken(f"{checked.bad}: {checked.reason}", hint="ask the organisers for another copy")
    if fingerprint is None:
        console.print("Compare it with the one that the organisers told you.")
    elif plain(fingerprint) != plain(checked.fingerprint):
        raise Broken("it was signed by another key", hint=f"expected {fingerprint}")
    if checked.frozen:
        console.print("The competition was frozen for the public: this is what officials saw.")


def plain(fingerprint: str) -> str:
    """A fingerprint without what makes it legible."""
    return fingerprint.replace(" ", "").replace(":", "").lower()


def table_of(checked: Checked) -> Table:
    """What was checked."""
    rows = {
        "competition": checked.competition,
        "ledger": checked.ledger,
        "up to position": str(checked.position),
        "made": checked.made,
        "entries": str(checked.entries),
        "leaves of others": str(checked.leaves),
        "records": str(checked.records),
        "erased": str(checked.erased),
        "signed heads": str(checked.signed_heads),
        "boards": str(checked.boards),
        "verified": "yes" if checked.ok else "NO",
    }
    table = Table(show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    return table
