"""How identifiers are spelled, as types that msgspec checks while it decodes.

A pattern costs more than all the rest of an event. So where an event names what is defined
elsewhere (`Ref`, `EventType`), decoding looks at the length alone: what is known is spelled well,
and ingest looks at the spelling of the rest (`is_id`).
"""

import re
from typing import Annotated, Any

from msgspec import Meta

SPELLINGS: dict[str, str] = {}
"""What each pattern asks for, in words, for whoever has spelled something otherwise."""


def spelled(pattern: str, description: str, **more: Any) -> Meta:
    """A whole text by a pattern, which is described in words; `more`: what Meta takes besides."""
    whole = rf"^{pattern}$(?!\n)"  # `$` alone would let a line break stand at the end
    SPELLINGS[whole] = description
    return Meta(pattern=whole, description=description, **more)


_BY_PATTERN = re.compile(r"Expected `str` matching regex (?P<pattern>'[^`]*'|\"[^`]*\")")


def in_words(message: str) -> str:
    """What msgspec says of a text that is spelled otherwise, in words instead of a pattern."""

    def words(said: re.Match[str]) -> str:
        for pattern, description in SPELLINGS.items():
            if repr(pattern) == said["pattern"]:
                return f"Expected {description}"
        return said[0]

    return _BY_PATTERN.sub(words, message)


# A competition's slug stands in addresses: lower case, digits and hyphens.
Slug = Annotated[
    str,
    spelled(
        "[a-z0-9][a-z0-9-]{0,62}",
        "lower case letters, digits and hyphens, at most 63, such as `wc-2018`",
    ),
]

ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

# Ids of contests, entrants and groups: stable, short, safe in an address without escaping.
Id = Annotated[
    str,
    spelled(ID_PATTERN, "letters, digits, dots, underscores and hyphens, at most 64"),
]

# An id of something that is defined elsewhere.
Ref = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        extra_json_schema={"pattern": rf"^{ID_PATTERN}$"},
        description="letters, digits, dots, underscores and hyphens, at most 64",
    ),
]

WITHOUT_ZERO = r"[^\x00]*"
NO_ZERO = "text without a zero character"
Digest = Annotated[str, spelled("[0-9a-f]{64}", "the digest of a preview: 64 hexadecimal digits")]

# What a source calls itself and its events; CloudEvents allows any non-empty text.
Text200 = Annotated[str, Meta(min_length=1, max_length=200)]
Text500 = Annotated[str, Meta(min_length=1, max_length=500)]
Line = Annotated[str, Meta(max_length=200)]

EventType = Annotated[
    str,
    Meta(
        max_length=80,
        extra_json_schema={"pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"},
        description="dotted lower case words, such as `football.goal`",
    ),
]

is_id = re.compile(ID_PATTERN).fullmatch

SYSTEM = "_system"
"""The stream of administrative acts: no slug can be spelled so."""
