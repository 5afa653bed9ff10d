"""Whole files of events: sent into a server, and the ledger taken out of one.

`send` takes NDJSON of events as a device says them, and the lines of an export as well: then the
same things are said again, by the key that sends them, to another ledger.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click
import httpx2
import msgspec
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from scoreboard.admin.export import PATH, UPTO, Line
from scoreboard.cli.client import KEY, URL, call, refusal, unanswered
from scoreboard.cli.console import console, errors
from scoreboard.errors import BadInput, ScoreboardError, Unavailable
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import SYSTEM
from scoreboard.http.problem import UNREADABLE

BATCH_EVENTS = 1_000
BOM = b"\xef\xbb\xbf"
TRIES = 8
AGAIN = (429, 503)
READ_S = 60.0
_line = msgspec.json.Decoder(Line)
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


@click.command()
@URL
@KEY
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def send(url: str, key: str | None, slug: str, file: Path) -> None:
    """Post the events of an NDJSON file; can be repeated without doubling anything."""
    counts: dict[str, int] = {}
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=console) as bar:
        task = bar.add_task("sending", total=file.stat().st_size)
        for numbers, events, size in batches(file):
            answer = post(url, key, slug, b"[" + b",".join(events) + b"]") if events else []
            for number, result in zip(numbers, answer, strict=True):
                count(counts, result, number)
            bar.advance(task, size)
    table = Table("answer", "events")
    for status, number in sorted(counts.items()):
        table.add_row(status, str(number))
    console.print(table)
    if any(status[0] in "45" for status in counts):
        raise SystemExit(1)


def post(url: str, key: str | None, slug: str, body: bytes) -> list[dict[str, Any]]:
    """Post a batch and return its results; waits and repeats when the server asks for it."""
    headers = {"Content-Type": "application/json"}
    for left in reversed(range(TRIES)):
        try:
            answer = call(
                "POST", url, f"/api/v1/competitions/{slug}/events", key, content=body,
                headers=headers,
            )  # fmt: skip
        except ScoreboardError as error:
            if error.retry_after_s is None or not left:
                raise
            time.sleep(error.retry_after_s)
        else:
            results: list[dict[str, Any]] = answer.json()["results"]
            return results
    raise AssertionError("the last try returned or raised")


def batches(file: Path) -> Iterator[tuple[list[int], list[bytes], int]]:
    """Events with the numbers of their lines, and how many bytes of the file they took."""
    numbers: list[int] = []
    events: list[bytes] = []
    size = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            size += len(line)
            text = line.removeprefix(BOM) if number == 1 else line
            try:
                event = event_of(text.strip())
            except UNREADABLE as error:
                raise BadInput(
                    f"line {number} of {file} is not a JSON object: {error}",
                    hint="mend it and send the file again: nothing is doubled",
                ) from error
            if event is not None:
                numbers.append(number)
                events.append(event)
            if len(events) == BATCH_EVENTS:
                yield numbers, events, size
                numbers, events, size = [], [], 0
    yield numbers, events, size


def event_of(line: bytes) -> bytes | None:
    """The event of a line: as it stands, or as an exported entry says it; None if it says none.

    An exported entry says none if it is of the ledger itself, of another competition than was
    exported, or erased. Its device's clock is corrected by the skew that was measured then.
    """
    if not line:
        return None
    fields = _raw_object.decode(line)
    if "leaf" in fields and "id" not in fields:
        return None
    if not {"position", "hash", "digest"} <= fields.keys():
        return line
    entry = _line.decode(line)
    if entry.source == SYSTEM or entry.data is None:
        return None
    event = {
        "specversion": "1.0",
        "id": entry.id,
        "source": entry.source,
        "type": entry.type,
        "time": happened(entry),
        "subject": entry.subject,
        "contest": entry.contest,
        "record": None if entry.record == f"{entry.source}/{entry.id}" else entry.record,
        "place": entry.place,
        "action": entry.action,
        "reason": entry.reason,
        "dataversion": entry.schema,
        "data": msgspec.Raw(entry.data.encode()),
    }
    extensions = msgspec.json.decode(entry.extensions) if entry.extensions else {}
    said = {name: value for name, value in event.items() if value is not None}
    return msgspec.json.encode(extensions | said)


def happened(entry: Line) -> str | None:
    """The device's time, corrected; None if it gave none."""
    if entry.time is None:
        return None
    return to_text(entry.time if entry.sent is None else entry.time + entry.received - entry.sent)


def count(counts: dict[str, int], result: dict[str, Any], line: int) -> None:
    """Count an answer, and show a refusal with its line."""
    status = str(result["status"])
    counts[status] = counts.get(status, 0) + 1
    if result["status"] >= 400:
        problem = result.get("problem", result)
        console.print(f"line {line}: {problem.get('detail', problem)}", markup=False)


@click.command()
@URL
@KEY
@click.argument(
    "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), required=False
)
@click.option("--competition", help="Of the others only what the chain needs.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a proof of one competition, a zip for `scoreboard verify`.",
)
@click.option("--after", type=int, default=0, help="Begin after this position.")
@click.option("--upto", type=int, help="End with this position (the newest).")
def export(
    url: str, key: str | None, file: Path | None, bundle: Path | None, **wanted: Any
) -> None:
    """Write the ledger as NDJSON to FILE (- for the standard output), ready to be checked.

    With --bundle FILE.zip, and the competition where FILE stands: its entries, boards and signed
    heads in one file.
    """
    if bundle is not None:
        if file is None or wanted["after"] or wanted["upto"] or wanted["competition"]:
            raise click.UsageError("--bundle FILE.zip takes a COMPETITION and nothing else")
        from scoreboard.cli.proof import take_bundle

        take_bundle(url, key, bundle, str(file))
        return
    if file is None:
        raise click.UsageError("name the FILE to write to")
    params = {name: value for name, value in wanted.items() if value is not None}
    to_stdout = str(file) == "-"
    # The bar must not stand among the lines.
    shown = errors if to_stdout else console
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=shown,
    ) as bar:
        if to_stdout:
            download(url, key, params, sys.stdout.buffer, bar)
            return
        unfinished = file.with_name(file.name + ".part")
        with unfinished.open("wb") as out:
            download(url, key, params, out, bar)
        unfinished.replace(file)


def download(
    url: str, key: str | None, params: dict[str, Any], out: IO[bytes], bar: Progress
) -> None:
    """Write an export as it comes; Unavailable if it was broken off."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = httpx2.Timeout(READ_S)
    begun = False
    try:
        with httpx2.stream(
            "GET", url + PATH, params=params, headers=headers, timeout=timeout
        ) as response:
            if response.status_code >= 400:
                response.read()
                raise refusal(response)
            begun = True
            total = int(response.headers[UPTO]) - params["after"]
            task = bar.add_task("exporting", total=max(0, total))
            for part in response.iter_bytes():
                out.write(part)
                bar.advance(task, part.count(b"\n"))
    except httpx2.TransportError as error:
        if not begun:
            raise unanswered(url, error) from error
        raise Unavailable(
            "the export was broken off", hint="repeat it with --after the last whole line"
        ) from error
