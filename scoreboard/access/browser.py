"""What a browser brings by itself: the session's cookie, and which page asks.

A browser sends the cookie whichever page makes it ask, so a request that lets it in and may change
something must come from a page of this server: `Sec-Fetch-Site: same-origin` (Fetch Metadata) or,
from a plain HTTP address, where browsers do not send that, an Origin equal to the Host. SameSite
alone would let another port of this host through, such as the public listener.

A name that is rebound to this address gains nothing: the browser keeps cookies by the name in the
address, so it has none for the rebound one.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from scoreboard.errors import Forbidden
from scoreboard.http.headers import READS


def cookie_of(scope: Scope, name: str) -> str:
    """The cookie of a request; "" if there is none."""
    for header, value in scope["headers"]:
        if header == b"cookie":
            found = cookie_parser(value.decode("latin-1")).get(name, "")
            if found:
                return found
    return ""


def set_cookie(response: Response, scope: Scope, name: str, value: str, max_age_s: int) -> None:
    """Let the browser keep the cookie, out of reach of scripts; an age of 0 takes it back."""
    origin = Headers(scope=scope).get("origin", "")
    response.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path="/",
        # TLS may end before us: then the page's own address tells.
        secure=scope.get("scheme") == "https" or origin.startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def ensure_own_page(scope: Scope) -> None:
    """Raise Forbidden for a write or a WebSocket's handshake that no page of this server makes."""
    if scope["type"] == "http" and scope["method"] in READS:
        return  # another page cannot read the answer: this listener has no CORS
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site") if scope["type"] == "http" else None
    own = site == "same-origin" if site else _is_own(headers)
    if not own:
        raise Forbidden(
            "a session counts only for pages of this server, and this request does not say that it "
            "comes from one",
            hint="send `Sec-Fetch-Site: same-origin` or an `Origin` equal to the Host, as browsers "
            "do; programs send `Authorization: Bearer sb_...`",
        )


def _is_own(headers: Headers) -> bool:
    host = headers.get("host", "")
    return bool(host) and urlsplit(headers.get("origin", "")).netloc.lower() == host.lower()
