"""What counts: the version of a record that is in force.

The newest version counts. A version by an official outranks later ones by devices: those are kept
and do not count, so that a device's resend cannot revive a goal that an official voided. `void`
takes the record away; `restore` brings back what was in force before it was voided.
"""

from collections.abc import Collection, Sequence

from scoreboard.facts.entry import Entry


def in_force(versions: Sequence[Entry], skipped: Collection[int] = ()) -> Entry | None:
    """The entry whose payload counts, from all versions of a record in order; None if voided.

    `skipped`: positions that an official has told the fold to pass over.
    """
    if len(versions) == 1 and not skipped:
        only = versions[0]
        return None if only.data is None else only
    shown: Entry | None = None
    spoken: Entry | None = None  # the last version with a payload that counted
    official = False
    for entry in versions:
        if entry.position in skipped or (official and not entry.official):
            continue
        official = official or (entry.official and entry.version > 1)
        if entry.action == "void":
            shown = None
        elif entry.action == "restore":
            shown = spoken
        else:
            shown = spoken = entry
    return None if shown is None or shown.data is None else shown


def counts_since(versions: Sequence[Entry]) -> int:
    """Where a record came to say what it says now: the position of the newest that counts."""
    since, official = 0, False
    for entry in versions:
        if official and not entry.official:
            continue
        official = official or (entry.official and entry.version > 1)
        since = entry.position
    return since


def happened(entry: Entry, first: Entry) -> int | None:
    """When what a version says happened: by its own time, else by that of the record's first."""
    return first.happened if entry.time is None else entry.happened


def overruled(versions: Sequence[Entry]) -> list[Entry]:
    """Versions by devices that came after an official's and therefore do not count."""
    late: list[Entry] = []
    official = False
    for entry in versions:
        if official and not entry.official:
            late.append(entry)
        official = official or (entry.official and entry.version > 1)
    return late
