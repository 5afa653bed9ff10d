"""Headers on every answer: security, and CORS for reads."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard.telemetry import SENT_BYTES

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
# For answers that are data; a page brings a policy of its own.
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

# Reads are for everybody, users' writes carry their token by themselves, and no listener that has
# CORS looks at cookies: so any page may make them.
CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After, Location"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
READS = ("GET", "HEAD")
WRITES = ("POST", "PATCH")
OF_READS = "Accept, Cache-Control, If-None-Match, Last-Event-ID"
OF_WRITES = "Authorization, Content-Type, Idempotency-Key"
_sent = SENT_BYTES.labels("http")


class AnswerHeaders:
    """ASGI: the security headers on every answer, whose bytes are counted; the methods of
    `cors` from any origin.
    """

    def __init__(self, app: ASGIApp, *, cors: Sequence[str]) -> None:
        self.app = app
        self.cors = frozenset(cors)
        writes = not self.cors <= set(READS)
        self.preflight = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": ", ".join(cors),
            "Access-Control-Allow-Headers": f"{OF_READS}, {OF_WRITES}" if writes else OF_READS,
            "Access-Control-Max-Age": "86400",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cors = scope["method"] in self.cors
        if asked_before(scope) in self.cors:
            await Response(status_code=204, headers=self.preflight)(scope, receive, send)
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


def asked_before(scope: Scope) -> str:
    """The method that a browser asks for beforehand (Fetch, CORS-preflight); "" if none."""
    if scope["method"] != "OPTIONS":
        return ""
    asked: bytes = dict(scope["headers"]).get(b"access-control-request-method", b"")
    return asked.decode("latin-1")
