"""Who speaks, and how far a role reaches. The one place where that is decided.

    player    says of itself what a competition lets users say (by token, never by key)
    device    sends events, corrects what it said itself
    official  sees everything, corrects and rules, changes the definition
    admin     makes competitions and keys, erases

Each role may do what those before it may. A key bound to a competition reaches nothing else, whole
installations included.
"""

from typing import Literal

from msgspec import Struct

from scoreboard.errors import Forbidden

KeyRole = Literal["device", "official", "admin"]
Role = KeyRole | Literal["player"]
RANK: dict[str, int] = {"player": 0, "device": 1, "official": 2, "admin": 3}


class Principal(Struct, frozen=True, kw_only=True):
    """Whoever holds a key: the key's id and name, its role, and the competition it is bound to.

    `session` is the id of the session by which the key is held, if a browser shows its cookie. Of a
    user with a token, key and name are the id that the user has as an entrant.

    `actor` stands in every entry that comes from it. Names of keys in use are unique, and the
    ledger's own stream tells from when to when a name belonged to which key.
    """

    key: str
    name: str
    role: Role
    competition: str | None = None
    session: str | None = None

    @property
    def actor(self) -> str:
        """How entries name it, such as `device:pad-7`."""
        return f"{self.role}:{self.name}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of what was shown: of the key, and of the session by which it is held."""
        return (self.key,) if self.session is None else (self.key, self.session)


def reaches(principal: Principal, role: str) -> bool:
    """Whether the principal's role is at least this one."""
    return RANK[principal.role] >= RANK[role]


def require(principal: Principal, role: str, competition: str | None) -> None:
    """Forbidden unless the principal has at least the role, for the competition (None: for all)."""
    if not reaches(principal, role):
        raise Forbidden(
            f"the role {principal.role} does not reach this far",
            hint=f"use a key of the role {role}",
        )
    if principal.competition is not None and principal.competition != competition:
        raise Forbidden(
            "this key is for a single competition, and not for this",
            hint=f"it is for {principal.competition}: use a key that is bound to none, or a key "
            "of this competition",
        )
