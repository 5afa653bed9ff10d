"""Commands about the sports that are installed: what each takes and what it is told."""

import inspect
from typing import Any

import click
import msgspec
from msgspec import Struct
from rich.table import Table
from rich.text import Text

from scoreboard.cli.console import console
from scoreboard.errors import NotFound
from scoreboard.sports.described import default_of, documented, spelled, written
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import FieldSport, Sport

REF = "#/$defs/{name}"


@click.group()
def sport() -> None:
    """Sports that are installed."""


@sport.command("list")
def sport_list() -> None:
    """List them, and the rules that they follow."""
    table = Table("sport", "title", "rules")
    for name, found in sorted(Sports.installed().classes.items()):
        table.add_row(name, Text(found.title), Text(found.rulebook))
    console.print(table)


@sport.command("show")
@click.argument("name")
def sport_show(name: str) -> None:
    """Show what NAME takes: parameters, events and their fields, columns of its tables."""
    sports = Sports.installed()
    found = sports.classes.get(name)
    if found is None:
        raise NotFound(
            f"the sport {name} is not installed",
            hint=f"installed: {', '.join(sorted(sports.classes))}",
        )
    console.print(Text(f"{found.title} ({name}, version {found.version})", style="bold"))
    console.print(Text(found.rulebook))
    console.print(Text(f"\n{folding(found)}"))
    shown: set[str] = set()
    show_struct("params, in a competition's or a contest's [params]", found.Params, shown)
    for kind in found.fact_kinds:
        versions = len(kind.versions)
        more = f", dataversion {versions}" if versions > 1 else ""
        show_struct(f"event {kind.type}{more}", kind.newest, shown)
    made = sports.configured(name, {})
    show_columns(made)
    if sports.joins(name):
        console.print(Text(f"\njoined: {inspect.getdoc(found.join)}", style="bold"))


def folding(found: type[Sport[Any]]) -> str:
    """How the sport's facts are folded, in a sentence."""
    if found.apart:
        return "Facts are folded by the worker, into a leaderboard for any number of users."
    ordered = "in any order" if found.commutative else "in the sport's own order"
    of = (
        "each entrant by itself, in fields of any size"
        if issubclass(found, FieldSport)
        else ("contest by contest")
    )
    return f"Facts are folded {ordered}, {of}."


def show_struct(title: str, struct: type[Struct], shown: set[str]) -> None:
    """Print a struct's fields, and those of the structs in it that were not printed yet."""
    (_,), schemas = msgspec.json.schema_components([struct], ref_template=REF)
    for name in (struct.__name__, *(n for n in schemas if n != struct.__name__)):
        schema = schemas[name]
        if name != struct.__name__ and (name in shown or "properties" not in schema):
            continue
        shown.add(name)
        console.print(Text(f"\n{title if name == struct.__name__ else name}", style="bold"))
        about, docs = documented(schema.get("description", ""))
        if about:
            console.print(Text(about))
        table = Table("field", "type", "default", "", box=None, pad_edge=False)
        made = default_of(struct) if name == struct.__name__ else {}
        for field, found in schema.get("properties", {}).items():
            needed = field in schema.get("required", ())
            default = "needed" if needed else written(made.get(field, found.get("default")))
            about_it = docs.get(field) or found.get("description", "")
            table.add_row(field, Text(spelled(found)), Text(default), Text(about_it))
        if table.row_count:
            console.print(table)


def show_columns(made: Sport[Any]) -> None:
    """Print the columns of a sport's tables, as its parameters' defaults make them."""
    table = Table("figure", "label", "title", box=None, pad_edge=False)
    for column in made.columns:
        table.add_row(column.key, column.label, column.title + (" (main)" if column.main else ""))
    console.print(Text("\ncolumns", style="bold"))
    console.print(table)
    measured = Table("figure", "unit", "title", box=None, pad_edge=False)
    for measure in made.measures:
        measured.add_row(measure.key, measure.unit, measure.title)
    if measured.row_count:
        console.print(Text("\nrecords_to_beat, of", style="bold"))
        console.print(measured)
