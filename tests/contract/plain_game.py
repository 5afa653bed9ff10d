"""Made-up prediction games, and what they come to by a computation that is as plain as can be.

It knows everything at once and remembers nothing between two looks: for each user it goes through
all guesses ever made. Nothing of the worker's way is in it: no slots, no terms, no runs.
"""

import random
from typing import Any

import msgspec

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Draft, Entry
from scoreboard.ingest.definitions import RECORD

MATCHES = ["m1", "m2", "m3"]
USERS = ["ann", "bob", "cem", "dee", "eva"]
FACTOR = {"m3": 3}
EARLY = 40  # words before the matches begin, mostly
Data = dict[str, Any]


def defined(slug: str, data: Data, id_: str = "definition", action: str = "record") -> Draft:
    """A definition, or another version of it."""
    return draft(slug, "office", id_, DEFINED.type, data, record=RECORD, action=action)


def draft(
    slug: str, source: str, id_: str, type_: str, data: Data | None = None, **more: Any
) -> Draft:
    """An event as the gate would hand it to the ledger; from `office` it is an official's word."""
    return Draft(
        competition=slug,
        source=source,
        id=id_,
        type=type_,
        actor=f"official:{source}" if source == "office" else f"device:{source}",
        data=msgspec.json.encode(data or {}),
        **more,
    )


def cup(slug: str) -> Draft:
    """The cup that is guessed."""
    contests = [
        {"id": m, "entrants": ["h", "a"], "round": "Final" if m == "m3" else ""} for m in MATCHES
    ]
    entrants = [{"id": "h", "name": "Home"}, {"id": "a", "name": "Away"}]
    data = {"slug": slug, "name": "Cup", "sport": "football"}
    return defined(slug, data | {"entrants": entrants, "contests": contests})


def game(
    slug: str, over: str, jokers: int, action: str = "record", id_: str = "definition"
) -> Draft:
    """The game over it."""
    params = {"over": over, "jokers": jokers, "multipliers": {"Final": 3}}
    data = {"slug": slug, "name": "Tips", "sport": "predictions", "params": params}
    return defined(slug, data, id_, action)


class Story:
    """A random course of events of a cup and a game over it, one draft at a time."""

    def __init__(self, seed: int) -> None:
        self.cup, self.game = f"cup-{seed}", f"game-{seed}"
        self.jokers = seed % 3
        self._chance = random.Random(seed)
        self._number = 0
        self._facts: list[tuple[str, str]] = []  # record and type, of the cup
        self._guesses: list[tuple[str, str, str]] = []  # record, type and user
        self._locks: list[str] = []

    def begin(self) -> list[Draft]:
        """Both definitions."""
        return [cup(self.cup), game(self.game, self.cup, self.jokers)]

    def next(self) -> Draft:
        """What happens next."""
        self._number += 1
        chance = self._chance.random()
        early = self._number < EARLY
        if chance < (0.72 if early else 0.25):
            return self._guess()
        if chance < (0.90 if early else 0.50) and self._guesses:
            return self._corrected_guess()
        if chance < (0.92 if early else 0.88):
            return self._fact()
        if chance < 0.93 and self._facts:
            record, type_ = self._chance.choice(self._facts)
            action = self._chance.choice(["void", "restore"])
            return self._said(self.cup, "office", type_, record=record, action=action)
        if chance < 0.98:
            return self._lock()
        self.jokers = (self.jokers + 1) % 3
        return game(self.game, self.cup, self.jokers, "amend", f"d{self._number}")

    def _said(
        self, slug: str, source: str, type_: str, data: Data | None = None, **more: Any
    ) -> Draft:
        if slug == self.cup:
            more["contest"] = self._contest_of.get(more.get("record", ""), more.get("contest"))
        return draft(slug, source, f"e{self._number}", type_, data, **more)

    _contest_of: dict[str, str] = {}

    def _score(self) -> Data:
        found: Data = {"home": self._chance.randrange(3), "away": self._chance.randrange(2)}
        return found | ({"joker": True} if self._chance.random() < 0.3 else {})

    def _card(self, user: str) -> tuple[str, Data]:
        contests = self._chance.sample([*MATCHES, "nowhere"], self._chance.randint(1, 3))
        if len(contests) == 1:
            return "guess.made", {"user": user, "contest": contests[0], **self._score()}
        return "guesses.made", {
            "user": user,
            "guesses": [{"contest": m, **self._score()} for m in contests],
        }

    def _guess(self) -> Draft:
        user = self._chance.choice(USERS)
        type_, data = self._card(user)
        self._guesses.append((f"app/e{self._number}", type_, user))
        return self._said(self.game, "app", type_, data)

    def _corrected_guess(self) -> Draft:
        record, type_, user = self._chance.choice(self._guesses)
        source = self._chance.choice(["app", "office"])
        action = self._chance.choice(["void", "amend", "restore", "void"])
        if action != "amend":
            return self._said(self.game, source, type_, record=record, action=action)
        if self._chance.random() < 0.1:
            user = self._chance.choice(USERS)
        type_, data = self._card(user)
        return self._said(self.game, source, type_, data, record=record, action=action)

    def _fact(self) -> Draft:
        contest = self._chance.choice(MATCHES)
        kind = self._chance.choice(["goal", "goal", "full_time", "full_time", "kick_off"])
        data: Data = {}
        if kind == "goal":
            data = {"team": self._chance.choice("ha"), "minute": self._chance.randint(1, 90)}
        record = f"pad/e{self._number}"
        self._contest_of = {**self._contest_of, record: contest}
        self._facts.append((record, f"football.{kind}"))
        return draft(self.cup, "pad", f"e{self._number}", f"football.{kind}", data, contest=contest)

    def _lock(self) -> Draft:
        if self._locks and self._chance.random() < 0.5:
            record = self._chance.choice(self._locks)
            return self._said(self.game, "office", "guesses.locked", record=record, action="void")
        source = self._chance.choice(["app", "office"])
        self._locks.append(f"{source}/e{self._number}")
        return self._said(
            self.game, source, "guesses.locked", {"contest": self._chance.choice(MATCHES)}
        )


# the plain computation -----------------------------------------------------------------------


def by_record(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Versions of each record, in order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.record, []).append(entry)
    return found


def standing(versions: list[Entry]) -> tuple[Entry, Data] | None:
    """The version that counts by an official's word, else by the newest; None if voided."""
    shown = spoken = None
    official = False
    for entry in versions:
        if official and not entry.official:
            continue
        official = official or (entry.official and entry.version > 1)
        if entry.action == "void":
            shown = None
        elif entry.action == "restore":
            shown = spoken
        else:
            shown = spoken = entry
    return None if shown is None else (shown, msgspec.json.decode(shown.data or b"{}"))


def results_and_locks(
    told: list[Entry], guessed: list[Entry]
) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """Final scores, and the first positions that are too late."""
    scores: dict[str, list[int]] = {m: [0, 0] for m in MATCHES}
    over: set[str] = set()
    locks: dict[str, int] = {}
    for versions in by_record(told).values():
        found = standing(versions) if versions[0].contest else None
        if found is None:
            continue
        contest, (_entry, data) = str(versions[0].contest), found
        locks[contest] = min(locks.get(contest, versions[0].position), versions[0].position)
        if versions[0].type == "football.goal":
            scores[contest]["ha".index(data["team"])] += 1
        elif versions[0].type == "football.full_time":
            over.add(contest)
    for versions in by_record(guessed).values():
        found = standing(versions) if versions[0].type == "guesses.locked" else None
        if found is not None and found[0].official:
            contest = found[1]["contest"]
            locks[contest] = min(locks.get(contest, found[0].position), found[0].position)
    return {m: (scores[m][0], scores[m][1]) for m in over}, locks


def guesses_made(versions: list[Entry]) -> list[tuple[int, str, Data | None]]:
    """Position, contest and guess (None: taken back) that a record comes to."""
    said = [None if e.action in ("void", "restore") else _card(e) for e in versions]
    made: list[tuple[int, str, Data | None]] = []
    last: dict[str, Data] = {}
    undone: list[tuple[int, str, Data | None]] = []
    official = False
    for entry, card in zip(versions, said, strict=True):
        by_official = entry.official and entry.version > 1
        if (official and not by_official) or (card is not None and card[0] != said[0][0]):
            continue
        official = official or by_official
        if entry.action == "void":
            if by_official:
                undone, made = made or undone, []
            else:
                made += [(entry.position, contest, None) for contest in last]
        elif entry.action == "restore":
            if by_official:
                made = made or undone
            else:
                made += [(entry.position, contest, guess) for contest, guess in last.items()]
        else:
            new = card[1]
            if by_official:
                made = [(versions[0].position, contest, guess) for contest, guess in new.items()]
            else:
                made = made + [(entry.position, c, None) for c in last if c not in new]
                made += [(entry.position, contest, guess) for contest, guess in new.items()]
            last = new
    return made


def _card(entry: Entry) -> tuple[str, dict[str, Data]]:
    data = msgspec.json.decode(entry.data or b"{}")
    guesses = data.get("guesses", [data])
    return data["user"], {g["contest"]: g for g in guesses if g["contest"] in MATCHES}


def plain_points(told: list[Entry], guessed: list[Entry], jokers: int) -> dict[str, int]:
    """Points of everybody who ever guessed a contest of the cup."""
    results, locks = results_and_locks(told, guessed)
    made: dict[str, list[tuple[int, str, Data | None]]] = {}
    for versions in by_record(guessed).values():
        if versions[0].type.startswith("guess") and versions[0].type != "guesses.locked":
            user = _card(versions[0])[0]
            if any(e.data and e.action in ("record", "amend") and _card(e)[1] for e in versions):
                made.setdefault(user, [])
            made.setdefault(user, []).extend(guesses_made(versions))
    return {user: points_of(some, results, locks, jokers) for user, some in made.items()}


def points_of(
    made: list[tuple[int, str, Data | None]],
    results: dict[str, tuple[int, int]],
    locks: dict[str, int],
    jokers: int,
) -> int:
    """One user's points."""
    force: dict[str, Data] = {}
    for position, contest, guess in sorted(made, key=lambda one: one[0]):
        if contest in locks and position >= locks[contest]:
            continue
        force.pop(contest, None)
        if guess is not None:
            granted = bool(guess.get("joker")) and (
                sum(bool(other["granted"]) for other in force.values()) < jokers
            )
            force[contest] = guess | {"granted": granted}
    total = 0
    for contest, guess in force.items():
        if contest not in results:
            continue
        home, away = results[contest]
        if (guess["home"], guess["away"]) == (home, away):
            points = 4
        elif guess["home"] - guess["away"] == home - away:
            points = 3
        elif (guess["home"] - guess["away"]) * (home - away) > 0:
            points = 2
        else:
            points = 0
        total += points * FACTOR.get(contest, 1) * (2 if guess["granted"] else 1)
    return total
