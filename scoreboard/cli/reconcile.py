"""What devices observed and officials decided that could not be joined: shown, and ruled on."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec
from rich.table import Table
from rich.text import Text

from scoreboard.cli.client import KEY, URL, call
from scoreboard.cli.console import console
from scoreboard.errors import BadInput

PAGE = 500


@click.command()
@URL
@KEY
@click.argument("slug")
@click.option("--contest", help="Only what waits in this contest.")
@click.option("--link", nargs=2, metavar="OBSERVED DECIDED", help="They belong together.")
@click.option("--unlink", nargs=2, metavar="OBSERVED DECIDED", help="They do not.")
@click.option("--dismiss", metavar="RECORD", help="It is joined with nothing and need not wait.")
@click.option("--reason", help="Why, with a ruling.")
@click.option("--rulings", "ruled", is_flag=True, help="Show what has been ruled instead.")
def reconcile(
    url: str,
    key: str | None,
    slug: str,
    contest: str | None,
    link: tuple[str, str] | None,
    unlink: tuple[str, str] | None,
    dismiss: str | None,
    reason: str | None,
    ruled: bool,
) -> None:
    """Show what waits in SLUG because it could not be joined, or rule on it."""
    path = f"/api/v1/competitions/{slug}/reconciliation"
    rulings = list(rulings_of(link, unlink, dismiss))
    if ruled and not rulings:
        console.print(ruled_table(pages(url, path + "/rulings", key, "rulings")))
        return
    if not rulings:
        query = {"contest": contest} if contest else {}
        console.print(table_of(pages(url, path, key, "waiting", **query)))
        return
    if len(rulings) > 1 or not reason:
        raise BadInput("one ruling at a time, with its --reason")
    said = call("POST", url, path, key, json={**rulings[0], "reason": reason}).json()
    console.print(f"in the ledger at {said['position']}")


def rulings_of(
    link: tuple[str, str] | None, unlink: tuple[str, str] | None, dismiss: str | None
) -> Iterator[dict[str, str]]:
    """The rulings that options ask for, as they are sent."""
    for action, pair in (("link", link), ("unlink", unlink)):
        if pair:
            yield {"action": action, "observed": pair[0], "decided": pair[1]}
    if dismiss:
        yield {"action": "dismiss", "record": dismiss}


def pages(
    url: str, path: str, key: str | None, name: str, **query: Any
) -> Iterator[dict[str, Any]]:
    """Everything in a list, page by page."""
    while True:
        page = call("GET", url, path, key, params={"limit": PAGE, **query}).json()
        yield from page[name]
        if "next" not in page:
            return
        query["after"] = page["next"]


def table_of(rows: Iterator[dict[str, Any]]) -> Table:
    """What waits as a table: who said what, why it waits, and what it could be joined with."""
    table = Table("contest", "record", "side", "entrant", "why", "said", "candidates")
    for row in rows:
        table.add_row(
            row["contest"],
            Text(row["record"]),
            row["side"],
            row.get("entrant", ""),
            row["why"],
            Text(msgspec.json.encode(row["said"]).decode()),
            Text("\n".join(map(candidate, row["candidates"]))),
        )
    return table


def ruled_table(rows: Iterator[dict[str, Any]]) -> Table:
    """What was ruled as a table: where, what, by whom, why, and whether it counts."""
    table = Table("position", "contest", "ruling", "records", "actor", "reason", "in force")
    for row in rows:
        table.add_row(
            str(row["position"]),
            row["contest"],
            row["type"],
            Text(" ".join(row.get("data", {}).values())),
            Text(row["actor"]),
            Text(row.get("reason", "")),
            "yes" if row["in_force"] else "no",
        )
    return table


def candidate(one: dict[str, Any]) -> str:
    """A candidate in a line: its record, how far it is, of whom, and whether it is taken."""
    far = f" {one['distance_ms'] / 1_000:g} s" if "distance_ms" in one else ""
    of = f" ({one['entrant']})" if "entrant" in one else ""
    return f"{one['record']}{far}{of}" + (" taken" if one.get("taken") else "")
