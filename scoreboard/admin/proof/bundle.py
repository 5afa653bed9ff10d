"""The door of bundles: one competition with all that proves it, as a zip that is made as it goes.

Bounded as exports are, and counted with them; the boards are folded in one of the turns of boards
of the past. Taking a bundle is an administrative act, entered in the system's stream.
"""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from scoreboard import __version__
from scoreboard.access.access import principal_of
from scoreboard.admin.export import Export, Leaf, Line, Taking, line_of, pages_of, send_in_turn
from scoreboard.admin.proof import layout
from scoreboard.admin.proof.packing import Filling, Packing
from scoreboard.errors import NotFound, Unavailable
from scoreboard.facts.document import encode_content
from scoreboard.facts.entry import Head
from scoreboard.facts.instant import to_text
from scoreboard.http.endpoint import Answer, Content, Endpoint
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.signing import fingerprint_of
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.history import History
from scoreboard.projections.whole import names_of
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/bundle.zip"
ZIP = "application/zip"
POSITION, FINGERPRINT = "Scoreboard-Position", "Scoreboard-Key-Fingerprint"
_lines = msgspec.json.Encoder().encode_lines


class Bundles:
    """Bundles of competitions, for officials."""

    def __init__(self, ledger: Ledger, history: History, limits: Limits, taking: Taking) -> None:
        self._ledger = ledger
        self._history = history
        self._limits = limits
        self._taking = taking

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._bundle,
                raw=True,
                summary="A competition with all that proves it, as a zip for `scoreboard verify`",
                description="Entries in full and the leaves of all others, signed heads, the "
                "public key, and every board as officials see it, frozen or not.",
                tag="export",
                role="official",
                answers=(
                    Answer(
                        status=200,
                        description="the bundle",
                        contents=(Content(ZIP, {"type": "string"}),),
                        headers={
                            POSITION: "the position up to which everything is told",
                            FINGERPRINT: "of the key that signed it",
                        },
                    ),
                ),
                refusals=(NotFound, Unavailable),
            )
        ]

    async def _bundle(self, scope: Scope, _receive: Receive, send: Send) -> None:
        slug = scope["path_params"]["competition"]
        actor = principal_of(Request(scope)).actor
        with self._taking.place():
            await self._taking.known(slug)
            upto = self._ledger.head.position
            await self._taking.enter(Export(competition=slug, after=0, upto=upto), actor)
            head = await self._ledger.sign_head()
            fold = await self._history.whole(slug, head.position)
            headers = {
                "content-type": ZIP,
                "content-disposition": f'attachment; filename="{slug}-{head.position}.zip"',
                POSITION.lower(): str(head.position),
                FINGERPRINT.lower(): fingerprint_of(self._ledger.key.public),
            }
            await send_in_turn(headers, self._packed(fold, head), send, self._limits)

    async def _packed(self, fold: CompetitionFold, head: Head) -> AsyncIterator[bytes]:
        packing = Packing()
        key = self._ledger.key
        made = to_text(head.received)
        definition = fold.definition
        frozen = definition is not None and bool(definition.frozen)
        words = layout.readme(
            competition=fold.slug, position=head.position, made=made, program=__version__,
            fingerprint=fingerprint_of(key.public), frozen=frozen,
        )  # fmt: skip
        packing.put(layout.README, words)
        packing.put(layout.KEY, layout.pem_of(key.public))
        told = _Told()
        with packing.filling(layout.LEDGER) as file:
            async for entries in pages_of(self._ledger, 0, head.position):
                lines = [line_of(entry, fold.slug) for entry in entries]
                told.take(lines)
                await asyncio.to_thread(_write, file, lines)
                yield packing.taken()
        told.check()
        with packing.filling(layout.HEADS) as file:
            after = 0
            while heads := await self._ledger.signed_heads(after, upto=head.position):
                file.write(_lines([layout.Signed.of(one) for one in heads]))
                yield packing.taken()
                after = heads[-1].position
        for name in names_of(fold):
            body = await asyncio.to_thread(self._board, fold, name)
            await asyncio.to_thread(packing.put, layout.board_member(name), body)
            yield packing.taken()
        manifest = layout.Manifest(
            format=layout.FORMAT,
            program=__version__,
            ledger=head.ledger,
            competition=fold.slug,
            frozen=frozen,
            position=head.position,
            hash=head.hash.hex(),
            entries=told.entries,
            leaves=told.leaves,
            board_rows_max=self._limits.board_rows_max,
            made=made,
            members=packing.members,
        )
        said = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        packing.put(layout.MANIFEST, said)
        packing.put(layout.SIGNATURE, key.sign_bytes(said))
        packing.end()
        yield packing.taken()

    def _board(self, fold: CompetitionFold, name: str) -> bytes:
        document = self._history.document_in(fold, name)
        content = msgspec.Raw(encode_content(document.content))
        return msgspec.json.encode({**document.envelope(), "content": content})


def _write(file: Filling, lines: list[Line | Leaf]) -> None:
    file.write(_lines(lines))


class _Told:
    """What was written of the ledger: counts, and whether each erasure is explained in it."""

    def __init__(self) -> None:
        self.entries = self.leaves = 0
        self._erased: set[int] = set()
        self._explained: set[int] = set()

    def take(self, lines: list[Line | Leaf]) -> None:
        for line in lines:
            if isinstance(line, Leaf):
                self.leaves += 1
                continue
            self.entries += 1
            if line.data is None:
                self._erased.add(line.position)
            elif line.type == ERASED:
                self._explained.add(msgspec.json.decode(line.data)["position"])

    def check(self) -> None:
        """Unavailable if a payload was erased while the bundle was made: it cannot say why."""
        if self._erased - self._explained:
            raise Unavailable("something was erased meanwhile", retry_after_s=1.0)
