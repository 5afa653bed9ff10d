"""The pages for people: read once at the start, kept in memory, the same on both listeners.

    /                 the competitions
    /c/{competition}  one competition; its script reads the boards, so the page is always the same;
                      404 and a page that says so if there is none
    /static/...       styles, scripts and the icon

Names of files do not change with their content, so browsers are told to ask each time whether
theirs is still the newest (`no-cache`, RFC 9111 section 5.2.2.4); the ETag makes that a 304. Thus
an update of the program never mixes old scripts with new ones.

The policy lets a page load what this server serves and nothing else: no inline script or style, no
other host, no form, no frame.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.errors import NotFound
from scoreboard.http.cached import etag_of, none_match
from scoreboard.http.endpoint import Answer, Content, Endpoint

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
EnsureKnown = Callable[[str], Awaitable[None]]
"""Raises NotFound for a competition that there is not."""


class Page(Struct, frozen=True):
    """One file as it is sent; `media` is its Content-Type."""

    body: bytes
    media: str
    etag: str

    async def answer(self, request: Request) -> Response:
        """The file, or 304 if the client has it."""
        headers = {**HEADERS, "ETag": self.etag}
        if not none_match(request.headers.get("if-none-match"), self.etag):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers={**headers, "Content-Type": self.media})

    def instead(self, status: int) -> Response:
        """The file in place of what was asked for."""
        return Response(self.body, status, {**HEADERS, "Content-Type": self.media})


class Pages:
    """All files of `scoreboard/web`."""

    def __init__(self, ensure_known: EnsureKnown) -> None:
        web = files("scoreboard") / "web"
        self._ensure_known = ensure_known
        self._unknown = read(web / "unknown.html")
        self._home = read(web / "index.html")
        self._competition = read(web / "competition.html")
        self._static = {
            file.name: read(file)
            for file in sorted((web / "static").iterdir(), key=lambda file: file.name)
            if PurePosixPath(file.name).suffix in MEDIA_TYPES
        }

    def endpoints(self) -> list[Endpoint]:
        """The pages, and one endpoint for each file that they are made of."""
        return [
            endpoint("/", self._home, "The competitions, for people"),
            self._competitions_own(),
            *(
                endpoint(f"/static/{name}", page, f"A part of the pages: {name}")
                for name, page in self._static.items()
            ),
        ]

    def _competitions_own(self) -> Endpoint:
        found = endpoint(
            "/c/{competition}", self._competition, "A competition's boards, for people"
        )
        none = Answer(
            status=404,
            description="a page that says that there is no such competition",
            contents=(Content("text/html", str),),
        )
        return replace(found, handler=self._show, answers=(*found.answers, none))

    async def _show(self, request: Request) -> Response:
        try:
            await self._ensure_known(request.path_params["competition"])
        except NotFound:
            return self._unknown.instead(404)
        return await self._competition.answer(request)


def endpoint(path: str, page: Page, summary: str) -> Endpoint:
    """The endpoint of one file."""
    return Endpoint(
        method="GET",
        path=path,
        handler=page.answer,
        summary=summary,
        tag="pages",
        answers=(
            Answer(
                status=200,
                description="the file",
                contents=(Content(page.media.partition(";")[0], str),),
            ),
            Answer(status=304, description="what you have is what it is"),
        ),
    )


def read(file: Traversable) -> Page:
    """A file of the package with its media type, told by its name, and an ETag of its content."""
    body = file.read_bytes()
    return Page(body, MEDIA_TYPES[PurePosixPath(file.name).suffix], etag_of(body))
