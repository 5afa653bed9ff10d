"""The versions of a competition's rules, listed for everybody; officials see who and why.

What `?rules=` of a board takes are these versions. Rules are changed as any definition is: by
defining the competition again, or by an amendment of the record `competition`, with a preview.
"""

from collections.abc import Awaitable, Callable, Iterator
from itertools import chain
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from scoreboard.catalogue import Catalogue
from scoreboard.facts.instant import to_text
from scoreboard.facts.rules import Rules
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import COMPETITION, Endpoint, json_answer
from scoreboard.http.problem import escape
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger

PATH = "/api/v1/competitions/{competition}/rules"
IsOfficial = Callable[[Scope, str], Awaitable[bool]]


class RulesVersion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of the rules: what it says, and since which position of the ledger.

    `changed`: JSON pointers (RFC 6901) into this object to what the version before says otherwise.
    `actor` and `reason` are for officials.
    """

    version: int
    position: int
    received: str
    sport: str
    params: dict[str, Any]
    changed: list[str] = []
    actor: str = ""
    reason: str = ""


class RulesListed(Struct, frozen=True, kw_only=True):
    """All versions, oldest first; `in_force` is the one that boards are made by."""

    in_force: int
    rules: list[RulesVersion]


class RulesList:
    """The list on one listener; on the `public` one nobody is an official."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        catalogue: Catalogue,
        is_official: IsOfficial,
        *,
        public: bool,
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._is_official = is_official
        self._public = public

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="The versions of a competition's rules",
                tag="competitions",
                key_shows_more=not self._public,
                parameters=(COMPETITION,),
                answers=(json_answer(RulesListed, "oldest version first"), UNCHANGED),
            )
        ]

    async def _list(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._catalogue.catch_up(self._ledger.head.position)
        await self._gate.ensure_known(slug)
        official = not self._public and await self._is_official(request.scope, slug)
        rules = self._catalogue.rules(slug, public=not official)
        listed = RulesListed(
            in_force=rules[-1].version,
            rules=[
                ruled_of(one, before, for_officials=official)
                for before, one in zip(chain([None], rules), rules, strict=False)
            ],
        )
        return cacheable(request, listed)


def ruled_of(rules: Rules, before: Rules | None, *, for_officials: bool) -> RulesVersion:
    """A version of the rules as it is listed."""
    return RulesVersion(
        version=rules.version,
        position=rules.position,
        received=to_text(rules.received),
        sport=rules.sport,
        params=rules.params,
        changed=[] if before is None else changed(before, rules),
        actor=rules.actor if for_officials else "",
        reason=rules.reason if for_officials else "",
    )


def changed(before: Rules, after: Rules) -> list[str]:
    """Pointers to what two versions of the rules say differently."""
    one, other = ({"sport": rules.sport, "params": rules.params} for rules in (before, after))
    return list(differing(one, other))


def differing(one: dict[str, Any], other: dict[str, Any], under: str = "") -> Iterator[str]:
    """Pointers to the members that differ; of a list or a value the whole."""
    for name in dict.fromkeys((*one, *other)):
        pointer = f"{under}/{escape(name)}"
        ours, theirs = one.get(name), other.get(name)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            yield from differing(ours, theirs, pointer)
        elif (name in one) != (name in other) or ours != theirs:
            yield pointer
