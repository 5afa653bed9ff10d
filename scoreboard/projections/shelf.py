"""The newest document of every board, and the patches that led to it.

A document changes only when its content does; its position is that of the last entry that touched
what it is made from. Patches are kept for a window, so that a client that comes back to an exact
version gets what it missed and nothing twice.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.correction import CORRECTIONS_MAX, Correction, named, while_frozen
from scoreboard.facts.document import Content, Document, Patch, diff, version_of
from scoreboard.settings import Limits

Changed = Callable[[Patch], None]
Board = tuple[str, str]


def generation_of(*parts: object) -> str:
    """A short name of everything that decides what a document means."""
    text = "\x00".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def slim(patch: Patch) -> Patch:
    """A patch without what only the newest document keeps: the whole content, older notices."""
    own = patch.after.correction
    after = replace(patch.after, content={}, corrections=(own,) if own else ())
    return replace(patch, after=after)


class Kept(Struct):
    """A document with its recent patches, slim, and the rows that these change."""

    document: Document
    patches: deque[tuple[float, Patch]]
    rows: int = 0

    def keep(self, when: float, patch: Patch) -> None:
        """Add a patch."""
        self.patches.append((when, patch))
        self.rows += rows_of(patch)

    def drop_oldest(self) -> None:
        """Let the oldest patch go."""
        self.rows -= rows_of(self.patches.popleft()[1])

    def forget(self) -> None:
        """Let all patches go."""
        self.patches.clear()
        self.rows = 0


def rows_of(patch: Patch) -> int:
    """How many rows a patch changes: about what it weighs; one at least."""
    return max(1, len(patch.merge.get("rows") or ()))


class Meanwhile(Struct, frozen=True):
    """What the public is shown of a board meanwhile; `wrong`: also what is corrected."""

    document: Document | None
    wrong: bool


def corrected(
    document: Document, kept: Kept, merge: Content, since: int, meanwhile: Meanwhile | None
) -> Document:
    """A version with the notice of the correction that made it, if it changed any figure."""
    changes, left_out = named(kept.document.content, merge)
    if not changes:
        return document
    notice = Correction(
        wrong_from=wrong_from(kept, since),
        right_from=document.version,
        as_of=document.as_of,
        changes=changes,
        left_out=left_out,
    )
    told: tuple[Correction, ...] = (notice, *document.corrections)
    if meanwhile is not None:
        seen = meanwhile.document
        told = while_frozen(
            notice,
            document.corrections,
            seen.content if seen else {},
            seen.generation if seen else "",
            wrong=meanwhile.wrong,
        )
    return replace(document, corrections=told[:CORRECTIONS_MAX])


def wrong_from(kept: Kept, since: int) -> str:
    """The first version of a board that showed what was wrong since a position."""
    newest = kept.document
    if not since or newest.position < since:
        return newest.version
    for _when, patch in kept.patches:
        if patch.after.position >= since:
            known = bool(patch.before) and position_of(patch.before) < since
            return patch.after.version if known else version_of(newest.generation, since, 0)
    return version_of(newest.generation, since, 0)


def position_of(version: str) -> int:
    """The position in a version's id."""
    return int(version.split("-")[1])


class Shelf:
    """Documents by competition and board."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._boards: dict[Board, Kept] = {}
        self._names: dict[str, dict[str, None]] = {}
        self.on_change: list[Changed] = []
        self.on_forget: list[Callable[[str], None]] = []
        self.unsaved: dict[Board, list[Patch]] = {}

    def __len__(self) -> int:
        """How many boards are in memory."""
        return len(self._boards)

    def get(self, competition: str, board: str) -> Document | None:
        """The newest document of a board."""
        kept = self._boards.get((competition, board))
        return kept.document if kept else None

    def competitions(self) -> list[str]:
        """Whose boards are in memory, those unused for longest first."""
        return list(self._names)

    def touch(self, competition: str) -> None:
        """Count a competition's boards as used."""
        if competition in self._names:
            self._names[competition] = self._names.pop(competition)

    def names(self, competition: str) -> list[str]:
        """The boards that a competition has."""
        return list(self._names.get(competition, ()))

    def recent(self, competition: str, board: str) -> list[Patch]:
        """The patches in the window, in order."""
        kept = self._boards.get((competition, board))
        return [patch for _when, patch in kept.patches] if kept else []

    def put_back(self, documents: Iterable[Document], patches: Iterable[Patch]) -> None:
        """Fill the shelf from the read store, without telling anybody."""
        for document in documents:
            self._place(document)
        now = monotonic()
        for patch in patches:
            kept = self._boards.get((patch.after.competition, patch.after.board))
            if kept is not None:
                kept.keep(now, patch)
                self._trim(kept)

    def publish(
        self,
        competition: str,
        board: str,
        content: Content,
        *,
        generation: str,
        position: int,
        as_of: int,
        status: str,
        rules: int,
        frozen: bool = False,
        wrong_since: int | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> Patch | None:
        """Take a board's content; None if it is what was there already.

        `wrong_since`: an act of correcting made it, of what was wrong since this position (0: since
        the version that is shown). What it changes is kept with the board as a notice. `meanwhile`:
        a freeze keeps the content from the public.
        """
        kept = self._boards.get((competition, board))
        before = kept.document if kept else None
        same_rules = before is not None and before.generation == generation
        merge = diff(before.content, content) if before else content
        if before and same_rules and not merge and before.status == status:
            return None
        revision = 0
        if before and same_rules:
            position = max(position, before.position)
            revision = before.revision + 1 if before.position == position else 0
        document = Document(
            competition=competition,
            board=board,
            generation=generation,
            position=position,
            revision=revision,
            as_of=as_of,
            status=status,
            content=content,
            rules=rules,
            frozen=frozen,
            corrections=before.corrections if before and same_rules else (),
        )
        if kept and same_rules and wrong_since is not None:
            document = corrected(document, kept, merge, wrong_since, meanwhile)
        patch = Patch(before=before.version if before else "", after=document, merge=merge)
        return self._put(patch, before)

    def _put(self, patch: Patch, before: Document | None) -> Patch:
        """Place a version, keep the patch that led to it, and tell everybody."""
        after = patch.after
        kept = self._place(after)
        if before is None or before.generation != after.generation:
            kept.forget()
        else:
            kept.keep(monotonic(), slim(patch))
            self._trim(kept)
        unsaved = self.unsaved.setdefault((after.competition, after.board), [])
        unsaved.append(patch)
        del unsaved[: -self._limits.window_patches_max]  # while nothing can be saved
        for changed in self.on_change:
            changed(patch)
        return patch

    def take(self, patch: Patch) -> Patch | None:
        """Take a version from another shelf as it is; None if it is here already."""
        after = patch.after
        kept = self._boards.get((after.competition, after.board))
        before = kept.document if kept else None
        if before is not None and before.version == after.version:
            return None
        if before is not None and before.version != patch.before:
            merge = diff(before.content, after.content)
            patch = Patch(before=before.version, after=after, merge=merge)
        return self._put(patch, before)

    def restate(self, document: Document) -> None:
        """Take a version that is here already as another process has it: its notices may differ."""
        kept = self._boards.get((document.competition, document.board))
        if kept is not None and kept.document.version == document.version:
            kept.document = document

    def forget(self, competition: str) -> None:
        """Let go of what boards of a competition were before: something in it was erased."""
        for name in self.names(competition):
            kept = self._boards[competition, name]
            kept.forget()
            kept.document = replace(kept.document, corrections=())
            now = Patch(before="", after=kept.document, merge=kept.document.content)
            self.unsaved[competition, name] = [now]
        for forgotten in self.on_forget:
            forgotten(competition)

    def retell(self, document: Document) -> None:
        """Take a version that is here with other notices."""
        board = (document.competition, document.board)
        kept = self._boards[board]
        kept.document = document
        last = kept.patches[-1][1] if kept.patches else None
        if last is None or last.after.version != document.version:
            last = Patch(before="", after=document, merge=document.content)
        unsaved = self.unsaved.setdefault(board, [last])
        unsaved[-1] = replace(unsaved[-1], after=document)

    def drop(self, competition: str) -> None:
        """Let a competition's boards out of memory."""
        for name in self._names.pop(competition, ()):
            self._boards.pop((competition, name), None)

    def _place(self, document: Document) -> Kept:
        board = (document.competition, document.board)
        self._names.setdefault(document.competition, {})[document.board] = None
        kept = self._boards.get(board)
        if kept is None:
            kept = self._boards[board] = Kept(document, deque())
        kept.document = document
        return kept

    def _trim(self, kept: Kept) -> None:
        limits = self._limits
        oldest = monotonic() - limits.window_seconds
        patches = kept.patches
        while patches and (
            len(patches) > limits.window_patches_max
            or kept.rows > limits.window_rows_max
            or patches[0][0] < oldest
        ):
            kept.drop_oldest()
