"""How identifiers are spelled, as types that msgspec checks while it decodes.

A pattern costs more than all the rest of an event. So where an event names what is defined
elsewhere (`Ref`, `EventType`), decoding looks at the length alone: what is known is spelled well,
and ingest looks at the spelling of the rest (`is_id`).
"""

import re
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
