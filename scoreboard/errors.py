"""Every error that this program raises on purpose.

    ScoreboardError
    ├── BadInput            422  what was sent cannot be understood; names the field
    ├── UnsupportedMedia    415  a content type that no reader takes
    ├── Unauthenticated     401  no key, or a key that is not known
    ├── Forbidden           403  the key's role does not reach this far
    ├── NotFound            404
    ├── Conflict            409  the same identity said something else before
    │   └── Overtaken            later entries are in the way; names them
    ├── Stale               412  something moved since the caller looked
    ├── TooLarge            413
    ├── NotDone             424  sound by itself, but the rest of its atomic batch was not
    ├── UpgradeRequired     426  the address is for another protocol
    ├── TooFast             429  a rate limit; says when to come back
    ├── Unavailable         503  a store cannot be written now; nothing was half done
    │   └── Fenced               this process was replaced as the ledger's writer
    ├── Broken              500  the ledger does not verify
    └── CannotStart              a port, a folder or a setting; one clear line for the operator

`code` is stable and meant for programs, `message` is safe to show to anybody, `hint` says what to
do next. `status` is the HTTP status code that the error has wherever it leaves by HTTP.
"""

from collections.abc import Sequence
from typing import Any


class ScoreboardError(Exception):
    """The root: a safe message, a stable code and a hint for whoever must act on it."""

    code = "error"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        pointer: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.retry_after_s = retry_after_s


class BadInput(ScoreboardError):
    """What was sent is malformed; `pointer` is the JSON pointer (RFC 6901) to the field."""

    code = "bad-input"
    status = 422


class UnsupportedMedia(ScoreboardError):
    """The content type is none that this door reads."""

    code = "unsupported-media"
    status = 415


class Unauthenticated(ScoreboardError):
    """No key was sent, or the key is unknown or revoked."""

    code = "unauthenticated"
    status = 401


class Forbidden(ScoreboardError):
    """The key is good, its role or its competition is not."""

    code = "forbidden"
    status = 403


class NotFound(ScoreboardError):
    """What was asked for does not exist (or does not exist for this audience)."""

    code = "not-found"
    status = 404


class Conflict(ScoreboardError):
    """The same identity (competition, source, id) came before with other content."""

    code = "conflict"
    status = 409


class Overtaken(Conflict):
    """What was asked for has later entries on top of it; `later`: their positions."""

    def __init__(self, message: str, later: Sequence[int], **more: Any) -> None:
        super().__init__(message, **more)
        self.later = list(later)


class Stale(ScoreboardError):
    """The caller's basis or version was overtaken; look again and repeat."""

    code = "stale"
    status = 412


class TooLarge(ScoreboardError):
    """A body, batch or line is over its named bound."""

    code = "too-large"
    status = 413


class TooSlow(ScoreboardError):
    """The body did not come within its named bound of time."""

    code = "too-slow"
    status = 408


class UpgradeRequired(ScoreboardError):
    """The address is for another protocol than the one that it was asked by."""

    code = "upgrade-required"
    status = 426


class NotDone(ScoreboardError):
    """Sound by itself, but another event of the same atomic batch was refused."""

    code = "not-done"
    status = 424


class TooFast(ScoreboardError):
    """A rate limit was hit; nothing was done."""

    code = "too-fast"
    status = 429


class Unavailable(ScoreboardError):
    """A store cannot be written or read now; nothing was half done, repeat after a while."""

    code = "unavailable"
    status = 503


class Fenced(Unavailable):
    """Another process took over the ledger: this one must not write any more."""

    code = "fenced"


class Broken(ScoreboardError):
    """The ledger does not verify."""

    code = "broken"


class CannotStart(ScoreboardError):
    """The program cannot start; the message is one line for the operator."""

    code = "cannot-start"
