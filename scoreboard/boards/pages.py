"""The pages for people: read once a process, kept in memory with their gzip for all listeners.

    web/pages/*.html       one file a page; `PLACES` says at which addresses and on which listeners
    web/static/shell/      what all pages share: style, elements, the connection, asking the server
    web/static/board/      boards as documents, followed live
    web/static/office/...  folders in `PRIVATE` are served on the private listener alone

A page is the same for everybody: its script reads what the reader may see. A page of a competition
that there is not, or that is over, is a 404 with words for people. All pages of a rehearsal say
that they are of one (`rehearsed.py`); a game of predictions, whose boards are others, has pages of
its own at the same addresses (`GAMES`). The header Page-Kind names such pages for the service
worker.

Names of files do not change with their content, so browsers are told to ask each time whether
theirs is still the newest (`no-cache`, RFC 9111 section 5.2.2.4); the ETag makes that a 304. Thus
an update of the program never mixes old scripts with new ones. A page names all modules that its
script imports, however deep, so that they are fetched at once and not one after the other; the
boards that it shows first are named in a Link header.

The policy lets a page load what this server serves and nothing else: no inline script or style, no
other host, no form, no frame.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Any, Literal, get_args
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.installed import ICONS, icon, version_of, with_install, worker
from scoreboard.boards.modules import imports_of, with_preloads
from scoreboard.boards.rehearsed import rehearsed
from scoreboard.catalogue import Standing
from scoreboard.http.cached import etag_of, none_match
from scoreboard.http.endpoint import Answer, Content, Endpoint
from scoreboard.http.zipped import BYTES_MIN, VARY, accepts_gzip, gzipped
from scoreboard.predictions.showing import LEADERBOARD
from scoreboard.sports.predictions import Predictions

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; "
)
ALONE, IN_DISPLAYS = "frame-ancestors 'none'", "frame-ancestors 'self'"
DISPLAY = f"frame-src 'self'; {ALONE}"
HEADERS = {"Cache-Control": "no-cache", **VARY}
UNKNOWN, OVER = "unknown.html", "over.html"
MANIFEST, WORKER = "manifest.webmanifest", "sw.js"
HELP = b'<a class="home" href="/help">Help</a>'
INDOORS = HELP + b' <a class="home" href="/desk">Desk</a> <a class="home" href="/setup">Set up</a>'
"""What the first page leads to on the private listener."""
PRIVATE = ("office", "pad")
"""The folders of `web/static` that the public listener does not have."""
PRIVATE_PARTS = tuple(f"/static/{folder}/" for folder in PRIVATE)
StandingOf = Callable[[str], Awaitable[Standing]]
"""What there is of a competition."""
SportOf = Callable[[str], str]
"""The sport of a competition that there is."""
KIND = "Page-Kind"
"""The header that says of what kind of competition a page is, if it is not any one's."""
Kind = Literal["", "game", "rehearsal"]
"""Games of predictions are not rehearsed."""
KINDS: tuple[Kind, ...] = get_args(Kind)


class Place(Struct, frozen=True):
    """A page's address (as in `Endpoint.path`), its file, and what it is for."""

    path: str
    file: str
    summary: str
    private: bool = False
    frames: str = IN_DISPLAYS
    """What its policy says of frames; pages where somebody works stand alone."""
    boards: tuple[str, ...] = ()
    """The boards that it shows first: browsers ask for them while they fetch the scripts."""

    @property
    def of_competition(self) -> bool:
        """Whether it is there only if the competition that its address names is."""
        return "{competition}" in self.path

    @property
    def policy(self) -> str:
        """Its Content-Security-Policy."""
        return POLICY + (ALONE if self.private else self.frames)


PLACES = (
    Place("/", "index.html", "The competitions, for people"),
    Place("/help", "help.html", "Keys, signs and addresses of the pages, for people"),
    Place(
        "/c/{competition}",
        "competition.html",
        "A competition's boards, for people",
        boards=("standings", "contests"),
    ),
    Place("/c/{competition}/print", "print.html", "Results and start lists, for paper"),
    Place("/display/{display}", "display.html", "A screen without a keyboard", frames=DISPLAY),
    Place("/overlay", "overlays.html", "Which overlay, and its address"),
    Place("/overlay/{competition}", "overlay.html", "A transparent overlay for a video"),
    Place("/trust", "trust.html", "How a phone comes to trust this server's HTTPS"),
    Place("/desk", "desk.html", "The operator's desk", private=True),
    Place("/login", "login.html", "Where a key is shown once", private=True),
    Place("/log", "log.html", "What is said, as it comes", private=True),
    Place("/c/{competition}/log", "log.html", "The same of one competition", private=True),
    Place("/c/{competition}/corrections", "corrections.html", "Putting right", private=True),
    Place("/audit", "audit.html", "Who did what, and who was refused", private=True),
    Place("/keys", "keys.html", "Keys and sessions", private=True),
    Place("/rulings", "rulings.html", "What waits for an official", private=True),
    Place("/c/{competition}/rulings", "rulings.html", "The same of one competition", private=True),
    Place("/pad", "pads.html", "Which contest a device scores", private=True),
    Place("/setup", "setup.html", "A new competition", private=True),
    Place(
        "/setup/{competition}",
        "setup-competition.html",
        "A competition's entrants, contests and rules",
        private=True,
    ),
    Place("/pad/{competition}/{contest}", "pad.html", "The scorer's pad", private=True),
    Place("/c/{competition}/announcer", "announcer.html", "For the announcer", private=True),
    Place("/judge/{competition}/{contest}", "pad.html", "A judge's view", private=True),
    Place("/c/{competition}/contests/{contest}", "contest.html", "A contest, for people"),
    Place("/c/{competition}/entrants/{entrant}", "entrant.html", "An entrant, for people"),
)

GAMES = {
    "/c/{competition}": ("game.html", (LEADERBOARD,)),
    "/c/{competition}/entrants/{entrant}": ("player.html", (LEADERBOARD,)),
}
"""What games of predictions show instead, by address: the file, and the boards shown first."""


def of_kind(place: Place, kind: Kind) -> Place:
    """A place as it is in a kind of competitions."""
    if kind != "game" or place.path not in GAMES:
        return place
    file, boards = GAMES[place.path]
    return replace(place, file=file, boards=boards)


class Page(Struct, frozen=True):
    """One file as it is sent; `media` is its Content-Type, `small` the body's gzip or nothing.

    `more`: headers of its own.
    """

    body: bytes
    small: bytes
    media: str
    etag: str
    policy: str
    more: dict[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        """Those of every answer with this file."""
        return {**HEADERS, **self.more, "Content-Security-Policy": self.policy}

    async def answer(self, request: Request) -> Response:
        """The file, or 304 if the client has it."""
        headers = {**self.headers, "ETag": self.etag}
        if not none_match(request.headers.get("if-none-match"), self.etag):
            return Response(status_code=304, headers=headers)
        headers["Content-Type"] = self.media
        if self.small and accepts_gzip(request.scope["headers"]):
            return Response(self.small, headers={**headers, "Content-Encoding": "gzip"})
        return Response(self.body, headers=headers)

    def instead(self, status: int) -> Response:
        """The file in place of what was asked for."""
        return Response(self.body, status, {**self.headers, "Content-Type": self.media})


class Site(Struct, frozen=True):
    """Everything under `scoreboard/web`, as it is sent: pages by place, parts by address.

    `indoors`: pages that say more on the private listener. `kinds`: those of competitions, by
    kind. `instead`: by how a competition stands, what is shown in place of its pages. `worker`:
    the source of the service worker, which knows what its listener has.
    """

    version: str
    places: dict[Place, Page]
    indoors: dict[Place, Page]
    kinds: dict[Kind, dict[Place, Page]]
    parts: dict[str, Page]
    instead: dict[str, Page]
    worker: bytes


class Pages:
    """All pages that a listener has."""

    def __init__(self, standing: StandingOf, sport: SportOf, *, private: bool = True) -> None:
        self._standing = standing
        self._sport = sport
        self._site = site()
        indoors = self._site.indoors if private else {}
        self._places = {
            place: indoors.get(place, page)
            for place, page in self._site.places.items()
            if private or not place.private
        }
        self._parts = parts_of(self._site, self._places, private)

    def endpoints(self) -> list[Endpoint]:
        """The pages, and one endpoint for each file that they are made of."""
        return [
            *(self._place(place) for place in self._places),
            *(
                endpoint(path, page, f"A part of the pages: {path.removeprefix('/static/')}")
                for path, page in self._parts.items()
            ),
        ]

    def _place(self, place: Place) -> Endpoint:
        page = self._places[place]
        found = endpoint(place.path, page, place.summary)
        if not place.of_competition:
            return found

        async def show(request: Request) -> Response:
            slug = request.path_params["competition"]
            standing = await self._standing(slug)
            if standing in self._site.instead:
                return self._site.instead[standing].instead(HTTPStatus.NOT_FOUND)
            kind = kind_of(standing, self._sport(slug))
            answer = await self._site.kinds[kind][place].answer(request)
            if boards := of_kind(place, kind).boards:
                answer.headers["Link"] = early(slug, boards)
            return answer

        none = Answer(
            status=404,
            description="a page that says that there is no such competition, or that it is over",
            contents=(Content("text/html", str),),
        )
        return replace(found, handler=show, answers=(*found.answers, none))


def kind_of(standing: Standing, sport: str) -> Kind:
    """Which pages a competition has."""
    if standing == "rehearsal":
        return standing
    return "game" if sport == Predictions.name else ""


def early(slug: str, boards: Sequence[str]) -> str:
    """A Link header (RFC 8288) by which a browser asks for boards before any script does."""
    at = f"/api/v1/competitions/{quote(slug, safe='')}/boards"
    return ", ".join(f"<{at}/{board}>; rel=preload; as=fetch; crossorigin" for board in boards)


@cache
def site() -> Site:
    """All files of this program, read and zipped once."""
    web = files("scoreboard") / "web"
    found = static_files(web / "static")
    sources = {path: file.read_bytes() for path, file in found.items()}
    sources |= {path: icon(size) for path, size in ICONS.items()}
    every = [of_kind(place, kind) for place in PLACES for kind in KINDS]
    names = {UNKNOWN, OVER, MANIFEST, WORKER, *(place.file for place in every)}
    written = {name: (web / "pages" / name).read_bytes() for name in names}
    version, imports = version_of(sources | written), imports_of(sources)

    @cache
    def page(name: str, policy: str) -> Page:
        whole = with_install(written[name], version)
        return made(name, with_preloads(whole, imports), policy)

    @cache
    def of_competitions(name: str, policy: str, kind: Kind) -> Page:
        found = page(name, policy)
        if kind == "rehearsal":
            found = made(name, rehearsed(found.body), policy)
        return replace(found, more={KIND: kind}) if kind else found

    parts = {path: made(path, body) for path, body in sources.items()}
    return Site(
        version=version,
        places={place: page(place.file, place.policy) for place in PLACES},
        indoors={
            place: made(
                place.file, page(place.file, place.policy).body.replace(HELP, INDOORS), place.policy
            )
            for place in PLACES
            if place.path == "/"
        },
        kinds={
            kind: {
                place: of_competitions(of_kind(place, kind).file, place.policy, kind)
                for place in PLACES
                if place.of_competition
            }
            for kind in KINDS
        },
        parts=parts | {f"/{MANIFEST}": made(MANIFEST, written[MANIFEST])},
        instead={
            "unknown": page(UNKNOWN, POLICY + IN_DISPLAYS),
            "over": page(OVER, POLICY + IN_DISPLAYS),
        },
        worker=written[WORKER],
    )


def parts_of(whole: Site, places: Mapping[Place, Page], private: bool) -> Mapping[str, Page]:
    """The files of which a listener's pages are made, and the worker that knows them."""
    parts = {
        path: page
        for path, page in whole.parts.items()
        if private or not path.startswith(PRIVATE_PARTS)
    }
    kept = {path: page.etag for path, page in parts.items()}
    etags = {place.path: [page.etag] for place, page in places.items()}
    for of_competitions in whole.kinds.values():
        for place, page in of_competitions.items():
            if place in places and page.etag not in etags[place.path]:
                etags[place.path].append(page.etag)
    return parts | {f"/{WORKER}": made(WORKER, worker(whole.worker, whole.version, kept, etags))}


def endpoint(path: str, page: Page, summary: str) -> Endpoint:
    """The endpoint of one file."""
    media = page.media.partition(";")[0]
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
                contents=(Content(media, dict[str, Any] if media.endswith("json") else str),),
            ),
            Answer(status=304, description="what you have is what it is"),
        ),
    )


def static_files(static: Traversable) -> dict[str, Traversable]:
    """The files in the folders of `static`, however deep, by the address that they have."""
    found: dict[str, Traversable] = {}
    folders = [("/static", static)]
    for path, folder in folders:
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir():
                folders.append((f"{path}/{entry.name}", entry))
            elif PurePosixPath(entry.name).suffix in MEDIA_TYPES:
                found[f"{path}/{entry.name}"] = entry
    return found


def made(name: str, body: bytes, policy: str = POLICY + ALONE) -> Page:
    """A file with its media type, told by its name, an ETag of its content, and its gzip."""
    small = gzipped(body) if len(body) >= BYTES_MIN else b""
    return Page(body, small, MEDIA_TYPES[PurePosixPath(name).suffix], etag_of(body), policy)
