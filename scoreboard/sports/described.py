"""What a sport's structs take, field by field, in words: from their types and docstrings."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

# Where a docstring says what fields are: "`ties`: the chain, in order." up to the next such.
FIELD = re.compile(
    r"(?P<names>(?:`\w+`(?:,? and |, )?)+): (?P<text>.*?)(?=\s(?:`\w+`(?:,? and |, )?)+: |$)"
)


class Taken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parameter: its JSON Schema, its default, and what it is for (`type`, `about`: words)."""

    name: str
    type: str
    about: str
    schema: dict[str, Any]
    default: Any = None


def parameters(struct: type[Struct]) -> list[Taken]:
    """What a sport's `Params` take."""
    (_,), schemas = msgspec.json.schema_components([struct], ref_template="{name}")
    schema = schemas[struct.__name__]
    _, docs = documented(schema.get("description", ""))
    made = default_of(struct)
    taken = []
    for name, found in schema.get("properties", {}).items():
        about = docs.get(name) or found.get("description", "")
        whole = found
        if "$ref" in found:
            whole = schemas[found["$ref"]]
        default = made.get(name, found.get("default"))
        taken.append(
            Taken(name=name, type=spelled(found), about=about, schema=whole, default=default)
        )
    return taken


def default_of(struct: type[Struct]) -> dict[str, Any]:
    """Defaults that are made anew each time, which a schema does not say."""
    return {
        field.name: msgspec.to_builtins(field.default_factory())
        for field in msgspec.structs.fields(struct)
        if field.default_factory is not msgspec.NODEFAULT
    }


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
