"""How identifiers are spelled, and what is said of those that are spelled otherwise."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from scoreboard.facts.names import Id, Slug, in_words
from scoreboard.http.problem import from_validation


def said_of(value: object, kind: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, kind)
    return in_words(str(refused.value))


@pytest.mark.parametrize("text", ["pad one", "", "-pad", "pad\n", "p" * 65, "größe"])
def test_who_spells_an_id_otherwise_is_told_in_words(text: str) -> None:
    assert (
        said_of(text, Id) == "Expected letters, digits, dots, underscores and hyphens, at most 64"
    )


def test_the_field_stays_with_the_words() -> None:
    said = said_of({"slug": "Cup 1"}, dict[str, Slug])
    assert said.startswith("Expected lower case letters, digits and hyphens, at most 63")
    assert said.endswith(" - at `$[...]`")

    class Named(msgspec.Struct):
        name: Id

    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(b'{"name":"pad one"}', type=Named)
    problem = from_validation(refused.value)
    assert (problem.pointer, "letters, digits" in problem.message) == ("/name", True)


def test_other_messages_and_other_patterns_stay() -> None:
    assert said_of(1, str) == "Expected `str`, got `int`"
    assert "^[a-f]$" in said_of("x", Annotated[str, Meta(pattern="^[a-f]$")])
