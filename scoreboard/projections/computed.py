"""Computed messages: what the change of a board says to those outside, as CloudEvents 1.0 in JSON.

    scoreboard.board.changed     a version of a board: `merge` (RFC 7396) on the version `before`,
                                 or the whole `content`
    scoreboard.board.corrected   a correction notice: which figures were wrong, in which versions
    scoreboard.result.final      a contest's result is final (officially, where that is asked for)
    scoreboard.result.reopened   it was, and is not any more
    scoreboard.record.combined   a device's observation joined with what officials decided

A message is made of nothing but a board as one audience is shown it, so that it can tell nobody
more than that board does. Its `id` is made of the board's version: it is fixed when the message is
committed with the checkpoint, and nothing of a version that was not committed ever went out.
Whoever hears an id again has heard the message before. Nothing is said of a rehearsal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from scoreboard.facts.correction import Correction
from scoreboard.facts.document import Content, Document, Patch
from scoreboard.facts.instant import to_text
from scoreboard.projections.render import COMBINED, CONTESTS

CHANGED, CORRECTED = "scoreboard.board.changed", "scoreboard.board.corrected"
FINAL, REOPENED = "scoreboard.result.final", "scoreboard.result.reopened"
JOINED = "scoreboard.record.combined"
RESULT = frozenset({"final", "result", "line", "entrants"})
"""Members of a contest's line that say what came of it."""
_encode = msgspec.json.encode


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """One CloudEvent, encoded. `contest`: "" if it is about the competition as a whole."""

    audience: str
    competition: str
    contest: str
    type: str
    id: str
    event: bytes

    @property
    def partition_key(self) -> str:
        """What is to stay in order: all of one contest."""
        return key_of(self.competition, self.contest)


def key_of(competition: str, contest: str) -> str:
    """The key of a contest; of the competition as a whole without one."""
    return f"{competition}/{contest}" if contest else competition


def messages(ledger: str, audience: str, patch: Patch, *, whole: bool = False) -> list[Message]:
    """What a new version of a board says; `whole`: to those who may not have the one before."""
    made = _Maker(ledger, audience, patch.after)
    after = patch.after
    notices = [after.correction] if after.correction else []
    if whole or not patch.before:
        return made.all({"content": after.content}, after.content, notices)
    return made.all({"before": patch.before, "merge": patch.merge}, patch.merge, notices)


def restated(ledger: str, audience: str, document: Document) -> list[Message]:
    """All that a board says, to those who have missed something."""
    made = _Maker(ledger, audience, document)
    return made.all({"content": document.content}, document.content, document.corrections[::-1])


def in_order(boards: Mapping[Any, Sequence[Patch]]) -> list[tuple[Patch, int]]:
    """Patches of many boards as they came about, each with its place among those of its board.

    Those of one board stay in order, though a freeze may take a board to an earlier position.
    """
    placed: list[tuple[int, Patch, int]] = []
    for patches in boards.values():
        newest = 0
        for place, patch in enumerate(patches):
            newest = max(newest, patch.after.position)
            placed.append((newest, patch, place))
    placed.sort(key=lambda one: one[0])
    return [(patch, place) for _, patch, place in placed]


class _Maker:
    """Messages about one version of one board."""

    def __init__(self, ledger: str, audience: str, document: Document) -> None:
        self._source = f"/ledgers/{ledger}"
        self._audience = audience
        self._document = document
        self._contest = document.board.partition(":")[2]
        self._id = f"{audience}/{document.competition}/{document.board}@{document.version}"

    def all(self, said: Content, changed: Content, notices: Iterable[Correction]) -> list[Message]:
        """`said`: the change as it goes out; `changed`: the members that it changes."""
        document = self._document
        if document.rehearsal:
            return []
        board = {
            "board": document.board,
            "version": document.version,
            "position": document.position,
            "status": document.status,
            "rules": document.rules,
            **({"frozen": True} if document.frozen else {}),
            **said,
        }
        made = [self._message(CHANGED, self._contest, document.board, "", board)]
        for one in notices:
            told = {"board": document.board, **one.shown()}
            end = f"/corrected/{one.frozen}" if one.frozen else "/corrected"
            id_ = f"{self._audience}/{document.competition}/{document.board}@{one.right_from}{end}"
            made.append(self._message(CORRECTED, self._contest, document.board, id_, told))
        if document.board == CONTESTS:
            made += self._results(changed.get("rows") or {})
        elif document.board.startswith(COMBINED):
            made += self._combined(changed.get("rows") or {})
        return made

    def _results(self, changed: Content) -> Iterator[Message]:
        rows = self._document.content["rows"]
        for contest, line in changed.items():
            row = rows.get(contest)
            if row is None or line is None or not RESULT & line.keys():
                continue
            if row["final"] or (line.get("final") is False and line != row):  # else it is a new row
                kind = FINAL if row["final"] else REOPENED
                told = {"contest": contest, **row}
                yield self._message(kind, contest, contest, f"{self._id}/{contest}", told)

    def _combined(self, changed: Content) -> Iterator[Message]:
        rows = self._document.content["rows"]
        for record, row in changed.items():
            if row is not None and record in rows:
                id_ = f"{self._id}/{quote(record)}"
                yield self._message(JOINED, self._contest, record, id_, rows[record])

    def _message(self, type_: str, contest: str, subject: str, id_: str, data: Content) -> Message:
        document = self._document
        id_ = id_ or self._id
        event: Content = {
            "specversion": "1.0",
            "id": id_,
            "source": self._source,
            "type": type_,
            "subject": subject,
            "competition": document.competition,
            "audience": self._audience,
            "partitionkey": key_of(document.competition, contest),
            "datacontenttype": "application/json",
        }
        if contest:
            event["contest"] = contest
        if document.as_of:
            event["time"] = to_text(document.as_of)
        event["data"] = data
        return Message(
            audience=self._audience,
            competition=document.competition,
            contest=contest,
            type=type_,
            id=id_,
            event=_encode(event),
        )
