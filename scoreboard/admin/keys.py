"""API keys over HTTP: made, listed and revoked by admins."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import Access, principal_of
from scoreboard.access.keys import Key
from scoreboard.errors import Conflict
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import Id, Slug
from scoreboard.facts.roles import KeyRole
from scoreboard.http.body import read_struct
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.settings import Limits

PATH = "/api/v1/keys"


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made; bound to one competition if it names one."""

    name: Id
    role: KeyRole
    competition: Slug | None = None


class KeyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key without its secret. `key`, the whole text to send, is shown once: when it is made."""

    id: str
    name: str
    role: KeyRole
    created: str
    created_by: str
    competition: str | None = None
    revoked: str | None = None
    last_used: str | None = None
    key: str | None = None


class Keys:
    """Keys for admins."""

    def __init__(self, access: Access, limits: Limits) -> None:
        self._access = access
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="All keys, without secrets",
                tag="keys",
                role="admin",
                answers=(json_answer(list[KeyView], "oldest first"),),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._create,
                summary="Make a key; its secret is shown in this answer alone",
                tag="keys",
                role="admin",
                request=(Content(JSON, NewKey),),
                answers=(json_answer(KeyView, "the key", status=201),),
                refusals=(Conflict,),
            ),
            Endpoint(
                method="DELETE",
                path=PATH + "/{key}",
                handler=self._revoke,
                summary="Revoke a key at once",
                tag="keys",
                role="admin",
                answers=(Answer(status=204, description="it opens nothing any more"),),
            ),
        ]

    async def _list(self, request: Request) -> Response:
        views = [view_of(key) for key in await self._access.keys()]
        return uncached(views)

    async def _create(self, request: Request) -> Response:
        wanted = await read_struct(request, NewKey, self._limits.form_bytes_max)
        key, token = await self._access.create(
            name=wanted.name,
            role=wanted.role,
            competition=wanted.competition,
            by=principal_of(request).actor,
        )
        return uncached(view_of(key, token), 201)

    async def _revoke(self, request: Request) -> Response:
        await self._access.revoke(request.path_params["key"], by=principal_of(request).actor)
        return Response(status_code=204)


def view_of(key: Key, token: str | None = None) -> KeyView:
    """A key as it is shown."""
    return KeyView(
        id=key.id,
        name=key.name,
        role=key.role,
        created=to_text(key.created_us),
        created_by=key.created_by,
        competition=key.competition,
        revoked=None if key.revoked_us is None else to_text(key.revoked_us),
        last_used=None if key.last_used_us is None else to_text(key.last_used_us),
        key=token,
    )
