"""Acts of correcting: entries that are shown together, and the records that they correct."""

from collections.abc import Sequence

import msgspec

from scoreboard.errors import BadInput
from scoreboard.facts.entry import Entry
from scoreboard.facts.reconciling import RULINGS, named_by
from scoreboard.facts.ruling import counts_since
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.contest import OUTSIDE, Prior
from scoreboard.projections.loading import DEFINITION_TYPES
from scoreboard.projections.showing import Corrected

Act = tuple[str, str, int, str | None]


def act_of(entry: Entry) -> Act | None:
    """What an official's correction was made together with; None for everything else."""
    if entry.version == 1 or not entry.official:
        return None
    return (entry.competition, entry.actor, entry.received, entry.extensions)


def correction_of(entry: Entry) -> Act | None:
    """The same; what else corrects figures, rulings and devices, is one act as it follows."""
    act = act_of(entry)
    if act is None and (entry.version > 1 or entry.type in RULINGS):
        return (entry.competition, "", 0, None)
    return act


def corrected_by(entry: Entry) -> tuple[str, ...]:
    """The records that an entry of an act corrects: its own, or those that a new ruling names."""
    if entry.version > 1:
        return (entry.record,)
    kind = RULINGS.get(entry.type)
    if kind is None or entry.data is None:
        return ()
    try:
        return named_by(kind.read(entry.data, entry.schema))
    except (msgspec.DecodeError, BadInput):  # from another ledger; the fold parks its contest
        return ()


async def known_of(ledger: LedgerReader, act: Sequence[Entry]) -> Prior:
    """What the ledger had, before an act, of the records that it corrects."""
    records = {record for entry in _facts(act) for record in corrected_by(entry)}
    return await ledger.versions(act[0].competition, records, upto=act[0].position - 1)


def corrects(act: Sequence[Entry], known: Prior) -> list[Corrected]:
    """The records that an act of correcting changes; definitions are none."""
    spoken = [(entry, corrected_by(entry)) for entry in _facts(act)]
    return [
        Corrected(
            entry.contest or OUTSIDE,
            entry.record,
            max(counts_since(known.get(record, ())) for record in some),
        )
        for entry, some in spoken
        if any(known.get(record) for record in some)
    ]


def _facts(act: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in act if not entry.type.startswith(DEFINITION_TYPES)]
