"""How identifiers are spelled, as types that msgspec checks while it decodes."""

from typing import Annotated

from msgspec import Meta

# `$` alone would let a line break stand at the end (Python's `re`).

# A competition's slug stands in addresses: lower case, digits and hyphens.
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$(?!\n)",
        description="lower case letters, digits and hyphens, at most 63, such as `wc-2018`",
    ),
]

ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

# Ids of contests, entrants and groups: stable, short, safe in an address without escaping.
Id = Annotated[
    str,
    Meta(
        pattern=rf"^{ID_PATTERN}$(?!\n)",
        description="letters, digits, dots, underscores and hyphens, at most 64",
    ),
]

# What a source calls itself and its events; CloudEvents allows any non-empty text.
Text200 = Annotated[str, Meta(min_length=1, max_length=200)]
Text500 = Annotated[str, Meta(min_length=1, max_length=500)]
Line = Annotated[str, Meta(max_length=200)]

EventType = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$(?!\n)",
        max_length=80,
        description="dotted lower case words, such as `football.goal`",
    ),
]

SYSTEM = "_system"
"""The stream of administrative acts: no slug can be spelled so."""
