"""Who was refused of late: one line for an address and a reason, however often it tries.

So many lines are kept in memory, those of longest ago go first: a flood costs neither disk nor
memory. Each process keeps its own, until it ends: whoever is a stranger to this installation cannot
make it write, and a ledger never forgets. The program's log, which is cut where it is kept, has
every attempt by itself.
"""

from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.errors import ScoreboardError

TEXT_CHARACTERS_MAX = 200
"""Of what was asked for, and of a competition in its address: whoever asks chooses both."""


class Refusal(Struct, frozen=True, kw_only=True):
    """Attempts from an address that were refused for a reason; `what`: the last; microseconds.

    `competition`: whose address was asked for, "" if it was no competition's.
    """

    address: str
    competition: str
    code: str
    reason: str
    what: str
    count: int
    first_us: int
    last_us: int


class Refusals:
    """Refused attempts in groups."""

    def __init__(self, kept_max: int, *, clock: Callable[[], int]) -> None:
        self._kept_max = kept_max
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str, str], Refusal] = OrderedDict()

    def note(self, address: str, error: ScoreboardError, what: str, competition: str = "") -> None:
        """One more attempt was refused."""
        what, competition = what[:TEXT_CHARACTERS_MAX], competition[:TEXT_CHARACTERS_MAX]
        now, group = self._clock(), (address, error.message, competition)
        known = self._kept.get(group)
        self._kept[group] = (
            Refusal(
                address=address,
                competition=competition,
                code=error.code,
                reason=error.message,
                what=what,
                count=1,
                first_us=now,
                last_us=now,
            )
            if known is None
            else replace(known, what=what, count=known.count + 1, last_us=now)
        )
        self._kept.move_to_end(group)
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    def newest(self, competition: str | None = None) -> list[Refusal]:
        """All that is kept, or what is of one competition, the newest first."""
        found = reversed(self._kept.values())
        return [one for one in found if competition in (None, one.competition)]
