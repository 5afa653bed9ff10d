"""Every mistake that keeps something that was parsed from being of a type, not the first alone.

msgspec stops at the first fault. Here each part is converted by itself: the fields of a table, the
items of a list, the values of a dictionary. A whole is looked at only if its parts are right.
"""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

from scoreboard.errors import BadInput
from scoreboard.http.problem import escape, from_validation


def problems_of(written: Any, type_: Any, under: str) -> list[BadInput]:
    """Everything wrong with what was parsed, each with a pointer; `under` is its own pointer."""
    found = list(_inside(written, plain(type_), under))
    if not found:
        try:
            msgspec.convert(written, type_)
        except msgspec.ValidationError as error:
            found.append(from_validation(error, under=under))
        except RecursionError as error:
            found.append(from_validation(error, under=under))
    return found


def _inside(written: Any, type_: Any, under: str) -> Iterator[BadInput]:
    """What is wrong with the parts of a whole."""
    arguments = get_args(type_)
    match written:
        case dict() if is_struct(type_):
            yield from _of_table(written, type_, under)
        case dict() if get_origin(type_) is dict:
            for name, value in written.items():
                yield from problems_of(value, arguments[1], f"{under}/{escape(str(name))}")
        case list() if get_origin(type_) is list:
            for index, item in enumerate(written):
                yield from problems_of(item, arguments[0], f"{under}/{index}")


def _of_table(written: dict[str, Any], type_: type[Struct], under: str) -> Iterator[BadInput]:
    fields = fields_of(type_)
    config = type_.__struct_config__
    for name, value in written.items():
        pointer = f"{under}/{escape(str(name))}"
        if name in fields:
            yield from problems_of(value, fields[name].type, pointer)
        elif config.forbid_unknown_fields and name != config.tag_field:
            yield BadInput(f"there is no field `{name}`", pointer=pointer, hint="is it mistyped?")
    for name, field in fields.items():
        if field.required and name not in written:
            pointer = f"{under}/{escape(name)}"
            yield BadInput(f"`{name}` is missing", pointer=pointer, hint=f"add `{name}`")


def lenient(written: Any, type_: type[Struct], placeholder: str) -> Any:
    """A struct of those fields that are right by themselves.

    In place of others that it needs stands the placeholder: it is for looking things up in alone.
    """
    made: dict[str, Any] = {}
    for name, field in fields_of(type_).items():
        value = written.get(name) if isinstance(written, dict) else None
        if value is not None and not problems_of(value, field.type, ""):
            made[field.name] = msgspec.convert(value, field.type)
        elif field.required:
            made[field.name] = placeholder
    return type_(**made)


def fields_of(type_: type[Struct]) -> dict[str, FieldInfo]:
    """The fields of a struct by the name that is written."""
    return {field.encode_name: field for field in msgspec.structs.fields(type_)}


def plain(type_: Any) -> Any:
    """A type without its bounds, and without None where there is one other possibility."""
    while get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    if get_origin(type_) in (Union, types.UnionType):
        others = [one for one in get_args(type_) if one is not types.NoneType]
        return plain(others[0]) if len(others) == 1 else type_
    return type_


def is_struct(type_: Any) -> bool:
    """Whether a type is a struct that is written as a table."""
    return isinstance(type_, type) and issubclass(type_, Struct)
