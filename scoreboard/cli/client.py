"""Commands that speak to a running server over HTTP."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import click
import httpx2
import msgspec
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scoreboard.cli.console import console
from scoreboard.cli.lazy import LazyGroup
from scoreboard.errors import BadInput, ScoreboardError, Unavailable
from scoreboard.facts.document import merge

URL = click.option(
    "--url", envvar="SCOREBOARD_URL", default="http://127.0.0.1:8080", show_default=True
)


def _clean_key(_context: Any, _parameter: Any, key: str | None) -> str | None:
    """A key without the line break that files and shells add; it is never shown in an error."""
    key = key.strip() if key else key
    if key and not (key.isascii() and key.isprintable()):
        raise click.BadParameter("this is no key: keys look like sb_...")
    return key


KEY = click.option(
    "--key",
    envvar="SCOREBOARD_KEY",
    callback=_clean_key,
    help="An API key (or SCOREBOARD_KEY).",
)
TIMEOUT_S = 30.0


def call(method: str, url: str, path: str, key: str | None, **options: Any) -> httpx2.Response:
    """One request; what the server refuses becomes a clear error."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    headers |= options.pop("headers", {})
    try:
        response = httpx2.request(
            method, url.rstrip("/") + path, headers=headers, timeout=TIMEOUT_S, **options
        )
    except httpx2.TransportError as error:
        raise unanswered(url, error) from error
    if response.status_code >= 400:
        raise refusal(response)
    return response


def unanswered(url: str, error: httpx2.TransportError) -> Unavailable:
    """The error of a request that got no answer."""
    return Unavailable(
        f"no server answers at {url}: {error}", hint="start one with `scoreboard serve`"
    )


def refusal(response: httpx2.Response) -> ScoreboardError:
    """The server's problem as an error of ours."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    where = f" ({problem['pointer']})" if problem.get("pointer") else ""
    text = problem.get("detail") or f"the server answered {response.status_code}"
    after = response.headers.get("retry-after", "")
    return ScoreboardError(
        text + where,
        hint=problem.get("hint"),
        retry_after_s=float(after) if after.isdigit() else None,
    )


@click.group()
def key() -> None:
    """API keys of devices and officials."""


@key.command("create")
@URL
@KEY
@click.option("--role", type=click.Choice(["device", "official", "admin"]), required=True)
@click.option("--name", required=True, help="Who or what will hold it, such as pad-7.")
@click.option("--competition", help="The only competition that it may reach.")
def key_create(url: str, key: str | None, role: str, name: str, competition: str | None) -> None:
    """Make a key; it is shown this once."""
    wanted = {"role": role, "name": name} | ({"competition": competition} if competition else {})
    made = call("POST", url, "/api/v1/keys", key, json=wanted).json()
    console.print(made["key"], markup=False, soft_wrap=True)


@key.command("list")
@URL
@KEY
def key_list(url: str, key: str | None) -> None:
    """List all keys, the revoked ones too; secrets are shown nowhere."""
    columns = ("id", "name", "role", "competition", "created", "last_used", "revoked")
    table = Table(*(name.replace("_", " ") for name in columns))
    for row in call("GET", url, "/api/v1/keys", key).json():
        table.add_row(*(Text(row.get(name, "")) for name in columns))
    console.print(table)


@key.command("revoke")
@URL
@KEY
@click.argument("id_", metavar="ID")
def key_revoke(url: str, key: str | None, id_: str) -> None:
    """Take a key out of force at once, by the ID that the list shows."""
    call("DELETE", url, f"/api/v1/keys/{quote(id_, safe='')}", key)
    console.print(f"{id_} opens nothing any more", markup=False)


class Competitions(LazyGroup):
    """What is done to competitions; checking their definitions needs the sports."""

    places: ClassVar[dict[str, str]] = {"check": "definition:competition_check"}


@click.group(cls=Competitions)
def competition() -> None:
    """Competitions."""


@competition.command("create")
@URL
@KEY
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def competition_create(url: str, key: str | None, file: Path) -> None:
    """Define a competition from a TOML or JSON file, or change its definition."""
    data = file.read_bytes()
    if file.suffix == ".toml":
        try:
            tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{file}: {error}") from error
    media = "application/toml" if file.suffix == ".toml" else "application/json"
    answer = call(
        "POST", url, "/api/v1/competitions", key, content=data, headers={"Content-Type": media}
    )
    console.print(answer.text, markup=False, soft_wrap=True)


@competition.command("rules")
@URL
@KEY
@click.argument("slug")
def competition_rules(url: str, key: str | None, slug: str) -> None:
    """List the versions of a competition's rules; * is in force."""
    listed = call("GET", url, f"/api/v1/competitions/{slug}/rules", key).json()
    table = Table("", "version", "position", "received", "actor", "reason", "changed", "params")
    for row in listed["rules"]:
        in_force = "*" if row["version"] == listed["in_force"] else ""
        words = (row["received"], row.get("actor", ""), row.get("reason", ""))
        changed = "\n".join(row.get("changed", []))
        params = msgspec.json.encode(row["params"]).decode()
        table.add_row(
            in_force,
            str(row["version"]),
            str(row["position"]),
            *map(Text, (*words, changed, params)),
        )
    console.print(table)


@click.command()
@URL
@click.argument("slug")
@click.argument("name", default="standings")
@click.option("--watch", is_flag=True, help="Follow it live until Ctrl+C.")
@click.option("--rules", type=click.IntRange(1), help="By this version of the rules.")
def board(url: str, slug: str, name: str, watch: bool, rules: int | None) -> None:
    """Print a board as a table."""
    if watch and rules is not None:
        raise click.UsageError("--watch shows the rules in force: leave out --rules")
    path = f"/api/v1/competitions/{slug}/boards/{name}"
    shown = call("GET", url, path, None, params={"rules": rules} if rules else {}).json()
    if not watch:
        console.print(table_of(shown))
        return
    try:
        asyncio.run(follow(url + path + "/stream", shown))
    except KeyboardInterrupt:
        return


async def follow(url: str, shown: dict[str, Any]) -> None:
    """Keep a board's table up to date; reconnects with the version that it holds."""
    timeout = httpx2.Timeout(TIMEOUT_S, read=60.0)
    with Live(table_of(shown), console=console, auto_refresh=False) as live:
        async with httpx2.AsyncClient(timeout=timeout) as client:
            while True:
                headers = {"Last-Event-ID": shown["version"]}
                try:
                    async with client.stream("GET", url, headers=headers) as response:
                        async for event, data in events_of(response):
                            shown = changed(shown, event, data)
                            live.update(table_of(shown), refresh=True)
                except httpx2.TransportError:
                    await asyncio.sleep(1.0)


async def events_of(response: httpx2.Response) -> Any:
    """Server-sent events of a response: name and decoded data."""
    event = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, msgspec.json.decode(line.removeprefix("data: ").encode())


def changed(shown: dict[str, Any], event: str, data: dict[str, Any]) -> dict[str, Any]:
    """The board after one event of its stream."""
    if event == "snapshot":
        return data
    if event == "patch" and data["before"] == shown["version"]:
        envelope = {k: v for k, v in data.items() if k not in ("merge", "before")}
        return {**envelope, "content": merge(shown["content"], data["merge"])}
    return shown


def table_of(shown: dict[str, Any]) -> Table:
    """A board as a table."""
    content = shown["content"]
    columns = content.get("columns", [])
    table = Table(title=f"{content.get('title', '')}  ({shown['status']}, as of {shown['as_of']})")
    rows = content.get("rows", {})
    if not columns:
        table.add_column("")
        table.add_column("")
        for key_, row in sorted(rows.items(), key=lambda r: (r[1].get("order", 0), r[0])):
            table.add_row(key_, str(row.get("text") or row.get("line") or row))
        return table
    for heading in ("group", "rank", "name"):
        table.add_column(heading)
    for column in columns:
        table.add_column(column["label"], justify="right")
    order = sorted(rows.items(), key=lambda r: (r[1].get("group", ""), r[1]["rank"], r[0]))
    for _key, row in order:
        figures = [str(row["figures"].get(column["key"], "")) for column in columns]
        rank = "-" if row.get("unplaced") else str(row["rank"])
        table.add_row(row.get("group", ""), rank, row["name"], *figures)
    return table


@click.group(invoke_without_command=True)
@URL
@KEY
@click.pass_context
def parked(context: click.Context, url: str, key: str | None) -> None:
    """Contests that wait because an entry of theirs could not be folded."""
    if context.invoked_subcommand is None:
        show_parked(url, key)


@parked.command("list")
@URL
@KEY
def parked_list(url: str, key: str | None) -> None:
    """List them: where they wait, and why."""
    show_parked(url, key)


@parked.command("retry")
@URL
@KEY
@click.argument("slug")
@click.argument("position", type=int)
@click.option("--reason", required=True, help="Why it should work now.")
def parked_retry(url: str, key: str | None, slug: str, position: int, reason: str) -> None:
    """Fold the contest that waits at POSITION again."""
    decide(url, key, slug, position, {"action": "retry", "reason": reason})


@parked.command("skip")
@URL
@KEY
@click.argument("slug")
@click.argument("position", type=int)
@click.option("--reason", required=True, help="Why the entry may be passed over.")
def parked_skip(url: str, key: str | None, slug: str, position: int, reason: str) -> None:
    """Let the fold pass over the entry at POSITION; it stays in the ledger."""
    decide(url, key, slug, position, {"action": "skip", "reason": reason})


def decide(url: str, key: str | None, slug: str, position: int, decision: dict[str, str]) -> None:
    """Send an official's decision and say where it stands."""
    path = f"/api/v1/competitions/{slug}/parked/{position}"
    decided = call("POST", url, path, key, json=decision).json()
    console.print(f"in the ledger at {decided['position']}")


def show_parked(url: str, key: str | None) -> None:
    """Print the contests that wait."""
    table = Table("competition", "contest", "position", "attempts", "since", "error")
    for row in call("GET", url, "/api/v1/parked", key).json()["parked"]:
        table.add_row(
            row["competition"],
            row.get("contest", ""),
            str(row["position"]),
            str(row["attempts"]),
            row["since"],
            Text(row["error"]),
        )
    console.print(table)
