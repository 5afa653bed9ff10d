"""Commands about the sports that are installed: what each takes and what it is told."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click
import msgspec
from msgspec import Struct
from rich.table import Table
from rich.text import Text

from scoreboard.cli.console import console
from scoreboard.errors import NotFound
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import FieldSport, Sport

REF = "#/$defs/{name}"
# Where a docstring says what fields are: "`ties`: the chain, in order." up to the next such.
FIELD = re.compile(
    r"(?P<names>(?:`\w+`(?:,? and |, )?)+): (?P<text>.*?)(?=\s(?:`\w+`(?:,? and |, )?)+: |$)"
)


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


def default_of(struct: type[Struct]) -> dict[str, Any]:
    """Defaults that are made anew each time, which a schema does not say."""
    return {
        field.name: msgspec.to_builtins(field.default_factory())
        for field in msgspec.structs.fields(struct)
        if field.default_factory is not msgspec.NODEFAULT
    }


def show_columns(made: Sport[Any]) -> None:
    """Print the columns of a sport's tables, as its parameters' defaults make them."""
    table = Table("figure", "label", "title", box=None, pad_edge=False)
    for column in made.columns:
        table.add_row(column.key, column.label, column.title + (" (main)" if column.main else ""))
    console.print(Text("\ncolumns", style="bold"))
    console.print(table)


def documented(doc: str) -> tuple[str, dict[str, str]]:
    """A struct's docstring told apart: what it is, and what each field that it names is."""
    flat = " ".join(inspect.cleandoc(doc).split())
    docs: dict[str, str] = {}
    about = flat
    for part in FIELD.finditer(flat):
        about = min(about, flat[: part.start()], key=len)
        docs |= dict.fromkeys(re.findall(r"`(\w+)`", part["names"]), part["text"])
    return about.strip(), docs


def spelled(schema: dict[str, Any]) -> str:
    """A field's type as people read it, from its JSON Schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(written(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(spelled(one) for one in schema["anyOf"])
    type_ = str(schema.get("type", "anything"))
    if type_ == "array":
        parts = schema.get("prefixItems")
        of = " then ".join(map(spelled, parts)) if parts else spelled(schema.get("items") or {})
        return f"list of {of}"
    if type_ == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"table of {spelled(schema['additionalProperties'])}"
    return " ".join([{"null": "nothing", "string": "text"}.get(type_, type_), *bounds(schema)])


def bounds(schema: dict[str, Any]) -> Iterator[str]:
    """The bounds of a number or a text."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        yield f"{'' if low is None else low}..{'' if high is None else high}"
    if "format" in schema:
        yield f"({schema['format']})"


def written(value: Any) -> str:
    """A default as TOML and JSON write it."""
    return "" if value is None else msgspec.json.encode(value).decode()
