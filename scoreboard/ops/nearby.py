"""Where this program is found in a venue: addresses, a plain name, QR codes, and trust for HTTPS.

    interfaces, asked every few seconds ─▶ changed ─▶ the server's certificate is made anew
                                                  ─▶ the name is announced anew (multicast DNS)
                                                  ─▶ log, and whoever asks for the addresses

A name and addresses are announced to the network only while a listener is open to it. Of several
processes on one machine the one that bound the ports announces.
"""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.errors import BadInput, NotFound
from scoreboard.http.body import read_struct
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.http.listeners import hosts_of, urls_of
from scoreboard.settings import DOORS, Door, Settings, Way
from scoreboard.telemetry import log

if TYPE_CHECKING:
    from scoreboard.http.authority import Authority
    from scoreboard.ops.announcing import Announcement

LOOK_EVERY_S = 5.0
CLOSE_S = 1.0  # to take a name back, at the stop
URL_CHARS_MAX = 512
SVG = "image/svg+xml"
CERTIFICATE = "application/x-x509-ca-cert"
PICTURE = Answer(status=200, description="the picture", contents=(Content(SVG, str),))


class Address(Struct, frozen=True, omit_defaults=True):
    """One way in; `own`: reached by this machine alone; `named`: by a name instead of a number."""

    listener: Door
    url: str
    tls: bool = False
    own: bool = False
    named: bool = False


class Trust(Struct, frozen=True):
    """What a phone needs to come in by HTTPS: ports by listener, and by what to know the authority.

    `fingerprint`: SHA-256 of the certificate; "" and no ports where there is no HTTPS.
    """

    fingerprint: str
    ports: dict[Door, int]


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """What a code shall lead to: begins with one of the addresses."""

    url: str


class Nearby:
    """Where one program is found."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sockets: Mapping[Way, socket.socket] = {}
        self._authority: Authority | None = None
        self._announced: Announcement | None = None
        self.tls: SSLContext | None = None

    def open(self, sockets: Mapping[Way, socket.socket]) -> None:
        """Take note of the ports; CannotStart if there shall be TLS and cannot be."""
        self._sockets = sockets
        if self._settings.tls:
            from scoreboard.http.authority import Authority

            self._authority = Authority(Path(self._settings.data), _machine())
            self.tls = self._authority.context(self._names())

    @property
    def fingerprint(self) -> str:
        """By what people know this installation's authority; "" without TLS."""
        return "" if self._authority is None else self._authority.fingerprint

    def addresses(self) -> list[Address]:
        """All ways in, named ones first, then by listener as they were opened."""
        found = [
            Address(DOORS[way], url, tls=_is_tls(way), own=_is_own(url))
            for way, bound in self._sockets.items()
            for url in urls_of(bound, "https" if _is_tls(way) else "http")
        ]
        return [*self._named(), *found]

    def _named(self) -> list[Address]:
        if self._announced is None or not self._announced.name:
            return []
        return [
            Address(
                DOORS[way], f"{scheme}://{self._announced.name}:{port}", _is_tls(way), named=True
            )
            for way, bound in self._sockets.items()
            if DOORS[way] in self._settings.lan
            for scheme, port in [("https" if _is_tls(way) else "http", bound.getsockname()[1])]
        ]

    async def run(self, stop: asyncio.Event, *, announces: bool | None = None) -> None:
        """Follow the machine's addresses until `stop` is set."""
        if announces is None:
            announces = not self._settings.shared
        if announces and self._settings.lan:
            from scoreboard.ops.announcing import Announcement

            self._announced = Announcement(self._settings.network_name)
        following = asyncio.create_task(self._follow())  # to take a name takes seconds
        try:
            await stop.wait()
        finally:
            following.cancel()
            if self._announced is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._announced.close(), CLOSE_S)

    async def _follow(self) -> None:
        known: list[str] = []
        while True:
            hosts = self._hosts()
            if hosts != known:
                await self._changed(hosts, first=not known)
                known = hosts
            await asyncio.sleep(LOOK_EVERY_S)

    async def _changed(self, hosts: list[str], *, first: bool) -> None:
        if not first:
            log.info("this machine's addresses changed", addresses=hosts)
            if self._authority is not None:
                self._authority.context(self._names())
        if self._announced is not None:
            ports: dict[str, int] = {
                door: bound.getsockname()[1]
                for door, bound in self._sockets.items()
                if door in self._settings.lan
            }
            await self._announced.tell([h for h in hosts if not _is_loopback(h)], ports)

    def _hosts(self) -> list[str]:
        """Every address at which any listener answers."""
        return sorted({host for bound in self._sockets.values() for host in hosts_of(bound)})

    def _names(self) -> list[str]:
        """What the server's certificate is for."""
        from scoreboard.http.authority import can_be_vouched_for

        machine = _machine()
        named = ["localhost", machine, f"{self._settings.network_name}.local"]
        if "." not in machine:
            named.append(f"{machine}.local")
        hosts = {"127.0.0.1", *self._hosts()}
        return [*dict.fromkeys(named), *sorted(filter(can_be_vouched_for, hosts))]

    # what is asked ------------------------------------------------------------------------------

    def endpoints(self, *, private: bool) -> list[Endpoint]:
        """What this room answers on a listener."""
        shared = [
            Endpoint(
                method="GET",
                path="/api/v1/trust",
                handler=self.trust,
                summary="How to come in by HTTPS",
                tag="nearby",
                answers=(json_answer(Trust, "ports, and the authority's fingerprint"), UNCHANGED),
            ),
            Endpoint(
                method="GET",
                path="/trust/authority.crt",
                handler=self.certificate,
                summary="The certificate of this installation's authority, for a phone to trust",
                tag="nearby",
                answers=(
                    Answer(
                        status=200,
                        description="the certificate (DER)",
                        contents=(Content(CERTIFICATE, {"type": "string", "format": "binary"}),),
                    ),
                ),
                refusals=(NotFound,),
            ),
        ]
        return [*shared, *self._for_the_venue()] if private else shared

    def _for_the_venue(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/addresses",
                handler=self.all,
                summary="Every address at which this program is reached",
                tag="nearby",
                answers=(json_answer(list[Address], "named ones first"), UNCHANGED),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/addresses/qr.svg",
                handler=self.qr,
                summary="A QR code of a page of this program",
                tag="nearby",
                parameters=(
                    Parameter(
                        name="url",
                        schema=str,
                        description="begins with one of the addresses",
                        required=True,
                    ),
                ),
                answers=(PICTURE,),
                refusals=(BadInput,),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/addresses/qr.svg",
                handler=self.secret_qr,
                summary="The same of a page whose address holds a key: in no log and no cache",
                tag="nearby",
                request=(Content(JSON, Wanted),),
                answers=(PICTURE,),
                refusals=(BadInput,),
            ),
        ]

    async def all(self, request: Request) -> Response:
        """Named addresses first."""
        return cacheable(request, self.addresses())

    async def qr(self, request: Request) -> Response:
        """A picture of one of our own addresses."""
        return self._picture(request.query_params.get("url", ""), "no-cache")

    async def secret_qr(self, request: Request) -> Response:
        """The same, kept nowhere."""
        wanted = await read_struct(request, Wanted, self._settings.limits.form_bytes_max)
        return self._picture(wanted.url, "no-store")

    def _picture(self, url: str, cached: str) -> Response:
        """Of our own addresses alone: this is no maker of codes for other sites."""
        known = any(url == a.url or url.startswith(f"{a.url}/") for a in self.addresses())
        if not known or len(url) > URL_CHARS_MAX:
            raise BadInput(
                "that is no address of this program",
                pointer="/url",
                hint="GET /api/v1/addresses lists what a url may begin with",
            )
        import segno

        picture = BytesIO()
        code = segno.make(url, error="m", micro=False)
        code.save(picture, kind="svg", scale=8, border=4, light="#fff", xmldecl=False)
        return Response(picture.getvalue(), media_type=SVG, headers={"Cache-Control": cached})

    async def trust(self, request: Request) -> Response:
        """Ports by listener; none without TLS."""
        ports = {
            DOORS[way]: bound.getsockname()[1]
            for way, bound in self._sockets.items()
            if _is_tls(way)
        }
        return cacheable(request, Trust(self.fingerprint, ports))

    async def certificate(self, _request: Request) -> Response:
        """For phones, which install it when it comes by this media type."""
        if self._authority is None:
            raise NotFound("there is no authority here", hint="scoreboard serve --tls makes one")
        disposition = 'attachment; filename="scoreboard.crt"'
        return Response(
            self._authority.der,
            media_type=CERTIFICATE,
            headers={"Content-Disposition": disposition, "Cache-Control": "no-cache"},
        )


def _machine() -> str:
    """This machine's own name, as certificates spell it."""
    name = socket.gethostname().rstrip(".").lower()
    return name if name.isascii() and name else "localhost"


def _is_tls(way: Way) -> bool:
    return way.endswith("-tls")


def _is_loopback(host: str) -> bool:
    return host in ("127.0.0.1", "::1")


def _is_own(url: str) -> bool:
    return "://127.0.0.1:" in url or "://[::1]:" in url
