"""What a query about a board asks for: a view, boards to be followed together, other rules."""

from typing import Annotated, Any

from msgspec import Meta

from scoreboard.boards.select import View
from scoreboard.errors import BadInput
from scoreboard.http.body import whole_number
from scoreboard.http.endpoint import Parameter

TOP_MAX = 500
STREAM_BOARDS_MAX = 4  # followed over one connection
POSITION_MAX = 2**62
VIEW = (
    Parameter(
        name="top",
        schema=Annotated[int, Meta(ge=1, le=TOP_MAX)],
        description="only the first so many rows",
    ),
    Parameter(name="group", schema=str, description="only the rows of one group"),
    Parameter(name="around", schema=str, description="an entrant with its neighbours"),
)
AT = Parameter(
    name="at",
    schema=str,
    description="the board as it stood: a position, or a time (RFC 3339) by the server's clock",
)
RULES = Parameter(
    name="rules",
    schema=Annotated[int, Meta(ge=1)],
    description="the same facts by another version of the rules, from their list",
)
BOARDS = Parameter(
    name="boards",
    schema=str,
    required=True,
    description=f"the boards, whole, at most {STREAM_BOARDS_MAX}: `standings,contests`",
)
AFTER = Parameter(
    name="after",
    schema=Annotated[int, Meta(ge=0)],
    description="wait (bounded) until the board has come so far: the position of one's own write",
)


def view_of(query: Any) -> View:
    """The view that a query asks for; BadInput for a number that is none."""
    top = query.get("top")
    if top is not None and whole_number(top, "top", TOP_MAX) == 0:
        raise BadInput("the top of nobody", pointer="/top", hint=f"1 to {TOP_MAX}")
    return View(
        top=None if top is None else int(top),
        group=query.get("group"),
        around=query.get("around"),
    )


def rules_of(query: Any) -> int | None:
    """The version of the rules that a query asks for; BadInput for a number that is none."""
    asked = query.get("rules")
    return None if asked is None else whole_number(asked, "rules", POSITION_MAX)


def names_in(boards: str) -> list[str]:
    """The boards that are to be followed together; BadInput for none, too many or one twice."""
    names = boards.split(",")
    if "" in names or len(names) > STREAM_BOARDS_MAX or len(set(names)) < len(names):
        raise BadInput(
            "these are no boards to follow together",
            pointer="/boards",
            hint=f"name 1 to {STREAM_BOARDS_MAX} different ones, such as standings,contests",
        )
    return names


def refuse_past(query: Any) -> None:
    """BadInput for a stream of what stood, or by other rules."""
    if "at" in query:
        raise BadInput("what stood does not change", pointer="/at", hint="read it instead")
    if "rules" in query:
        raise BadInput(
            "there is no stream by other rules", pointer="/rules", hint="read the board instead"
        )
