"""Headers on every answer: security, and CORS for reads."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard.telemetry import SENT_BYTES

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
# For answers that are data; a page brings a policy of its own.
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

# Reads are for everybody and never carry credentials, so that any page may make them.
CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After, Location"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, Cache-Control, If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}
READS = ("GET", "HEAD")
_sent = SENT_BYTES.labels("http")


class AnswerHeaders:
    """ASGI: the security headers on every answer, whose bytes are counted; with `cors`, reads from
    any origin.
    """

    def __init__(self, app: ASGIApp, *, cors: bool) -> None:
        self.app = app
        self.cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cors = self.cors and scope["method"] in READS
        if self.cors and is_preflight(scope):
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                headers.extend(SECURITY)
                if not any(name.lower() == POLICY[0] for name, _ in headers):
                    headers.append(POLICY)
                if cors:
                    headers.extend(CORS)
                message = {**message, "headers": headers}
            else:
                _sent.inc(len(message.get("body", b"")))
            await send(message)

        await self.app(scope, receive, with_headers)


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks beforehand whether it may read."""
    if scope["method"] != "OPTIONS":
        return False
    asked = dict(scope["headers"]).get(b"access-control-request-method", b"")
    return asked.decode("latin-1") in READS
