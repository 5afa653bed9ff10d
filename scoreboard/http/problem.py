"""Errors as they leave by HTTP: problem+json (RFC 9457).

Every error of `scoreboard.errors` becomes `{type, title, status, detail, pointer?, hint?}`. Any
other exception becomes a 500 that says nothing but a reference, under which the log has the rest.
"""

import asyncio
import re
import secrets

import msgspec
import structlog
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard import telemetry
from scoreboard.errors import (
    BadInput,
    NotFound,
    Overtaken,
    ScoreboardError,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Unavailable,
)
from scoreboard.facts.names import in_words
from scoreboard.http.endpoint import PROBLEM

log = structlog.get_logger("scoreboard.http")
URN = "urn:scoreboard:problem:"
LINGER_S = 1.0


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal (RFC 9457, section 3), with a JSON pointer (RFC 6901) and a hint if there are any.

    `type` ends in the stable code; `hint` says what to do next; `later`: the positions of entries
    that are in the way.
    """

    type: str
    title: str
    status: int
    detail: str
    pointer: str | UnsetType = UNSET
    hint: str | UnsetType = UNSET
    retry_after_s: int | UnsetType = UNSET
    reference: str | UnsetType = UNSET
    later: list[int] | UnsetType = UNSET


def title_of(code: str) -> str:
    """The title of a code: `bad-input` is "Bad input"."""
    return code.replace("-", " ").capitalize()


def whole_seconds(seconds: float | None) -> int:
    """What stands in Retry-After: whole seconds, rounded up, at least 1."""
    return max(1, -int(-(seconds or 1.0) // 1))


def problem_of(error: ScoreboardError) -> Problem:
    """The problem that an error is outside."""
    retries = error.status in (429, 503)
    return Problem(
        type=URN + error.code,
        title=title_of(error.code),
        status=error.status,
        detail=error.message,
        pointer=UNSET if error.pointer is None else error.pointer,
        hint=UNSET if error.hint is None else error.hint,
        retry_after_s=whole_seconds(error.retry_after_s) if retries else UNSET,
        later=error.later if isinstance(error, Overtaken) else UNSET,
    )


def problem_response(error: ScoreboardError) -> Response:
    """The answer for an error, with Retry-After or WWW-Authenticate where HTTP asks for them."""
    headers = {}
    if error.status in (429, 503):
        headers["Retry-After"] = str(whole_seconds(error.retry_after_s))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="scoreboard"'
    if isinstance(error, TooLarge | TooSlow):
        headers["Connection"] = "close"
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    return Response(
        msgspec.json.encode(problem_of(error)), error.status, headers, media_type=PROBLEM
    )


class MethodNotAllowed(ScoreboardError):
    """The path exists, the method does not (RFC 9110, section 15.5.6)."""

    code = "method-not-allowed"
    status = 405

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(f"{method} is not offered here", hint=f"offered: {', '.join(allowed)}")
        self.allowed = allowed


def no_such_path(scope: Scope) -> NotFound:
    """The error for a path that no endpoint has."""
    return NotFound(f"there is nothing at {scope['path']}", hint="see /openapi.json")


# from msgspec's messages to pointers ------------------------------------------------------------

_AT = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_UNKNOWN = re.compile(r"contains unknown field `([^`]*)`")


def escape(step: str) -> str:
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises: not JSON or not what was expected, not UTF-8, nested without end."""


def from_validation(error: Exception, *, under: str = "") -> BadInput:
    """BadInput from one of the UNREADABLE errors; `under` is the pointer of what was decoded.

    `$.data.minute` becomes `/data/minute`; the pointer of a missing or unknown field is the
    field's own. Where msgspec does not name the step (`[...]`), the pointer ends before it.
    """
    message = str(error)
    if isinstance(error, RecursionError):
        return BadInput("nested too deeply", pointer=under)
    if not isinstance(error, msgspec.ValidationError):
        return BadInput(f"not JSON: {message}", pointer=under)
    pointer = under
    at = _AT.search(message)
    if at:
        for step in _STEP.finditer(at["path"]):
            if step["index"] == "...":
                break
            pointer += "/" + (step["index"] or escape(step["name"]))
        message = message[: at.start()]
    hint = None
    if missing := _MISSING.search(message):
        pointer += "/" + escape(missing[1])
        hint = f"add `{missing[1]}`"
    elif unknown := _UNKNOWN.search(message):
        pointer += "/" + escape(unknown[1])
        hint = "unknown fields are refused because they are mostly mistyped ones"
    return BadInput(in_words(message), pointer=pointer, hint=hint)


# the outermost layer ------------------------------------------------------------------------------


class Problems:
    """ASGI: whatever an application raises becomes a problem, unless it had begun to answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            if "\0" in scope["path"]:  # nothing has such a name, and no database looks it up
                raise no_such_path(scope)
            if b"%00" in scope["query_string"]:
                raise BadInput("a zero character is in no value", pointer="")
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if begun:
                log.exception("answer broken off", path=scope["path"])
                abort(scope)
                return
            if not isinstance(error, ScoreboardError):
                telemetry.REFUSED.labels("internal").inc()
                await _unknown(error, scope)(scope, receive, send)
                return
            telemetry.REFUSED.labels(error.code).inc()
            response = problem_response(error)
            if isinstance(error, TooLarge | TooSlow):
                await _linger(response, receive, send)
            else:
                await response(scope, receive, send)


def abort(scope: Scope) -> None:
    """Cut the connection at once, if the listener said how (see `listeners`)."""
    transport = scope.get("extensions", {}).get("scoreboard.transport")
    if transport is not None:
        transport.abort()


def _unknown(error: Exception, scope: Scope) -> Response:
    reference = secrets.token_hex(6)
    log.error("request failed", path=scope["path"], reference=reference, exc_info=error)
    problem = Problem(
        type=URN + "internal",
        title="Internal error",
        status=500,
        detail="this should not have happened",
        hint="the log has the details under this reference",
        reference=reference,
    )
    return Response(msgspec.json.encode(problem), 500, media_type=PROBLEM)


async def _linger(response: Response, receive: Receive, send: Send) -> None:
    """Answer while the sender is still sending: what comes is thrown away for a moment.

    Closing at once would reset the connection, and the sender would never see the answer.
    """
    start = {"type": "http.response.start", "status": response.status_code}
    await send({**start, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    try:
        async with asyncio.timeout(LINGER_S):
            while (message := await receive())["type"] == "http.request":
                if not message.get("more_body", False):
                    break
    except (TimeoutError, Unavailable):  # Unavailable: the server stops
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
