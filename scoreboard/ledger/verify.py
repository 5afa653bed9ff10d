"""Walks the ledger and names the first position that does not verify, and why.

Checked, up to the head as it was when the walk began: positions 1, 2, 3 without gaps; every
payload's digest, or that an entry says why the payload was erased; every leaf and hash; `received`
never decreasing; each record's versions 1, 2, 3 in the order of positions; the count and the hash
of the head; signed heads; that nothing stands beyond the head; and, on SQLite, that each entry is
filed by its contest (see `schema`), or readers of the contest would miss it. It needs no writer's
lock and may run beside a server that writes.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import exists, func, or_, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from scoreboard.database.engine import make_engine, parse_url
from scoreboard.database.faults import translated
from scoreboard.errors import NotFound
from scoreboard.facts.entry import Head
from scoreboard.ledger.chain import entries_of
from scoreboard.ledger.schema import Tables, tables
from scoreboard.ledger.signing import is_signed
from scoreboard.ledger.walk import BadError, Walk
from scoreboard.settings import Settings

PAGE_ENTRIES = 2_000
Progress = Callable[[int, int], None]
"""Called with entries walked and entries in all."""


class Report(Struct, frozen=True, kw_only=True):
    """What the walk found; `bad_position` and `reason` say where it first failed."""

    ledger: str
    position: int
    entries: int
    records: int
    erased: int
    signed_heads: int
    bad_position: int | None = None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """Whether everything verified."""
        return self.bad_position is None


async def verify(
    store: Settings | AsyncEngine, progress: Progress = lambda _walked, _all: None
) -> Report:
    """Walk the ledger of these settings or of an open engine.

    Raises NotFound if there is none, Unavailable if it cannot be reached.
    """
    if isinstance(store, AsyncEngine):
        return await _verify(store, progress)
    url = parse_url(store.ledger_url)
    _must_exist(url)
    engine = make_engine(url, pool_size=1)
    try:
        return await _verify(engine, progress)
    finally:
        await engine.dispose()


def _must_exist(url: URL) -> None:
    """SQLite would make the file that it does not find."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NotFound(f"there is no ledger at {url.database}")


async def _verify(engine: AsyncEngine, progress: Progress) -> Report:
    declared = tables(engine.dialect.name)
    with translated():
        async with engine.connect() as connection:
            head = await _head(connection, declared)
            walk = Walk()
            signed = 0
            bad: BadError | None = None
            try:
                while walk.position < head.position:
                    signed += await _page(connection, declared, walk, head)
                    progress(walk.position, head.position)
                await _end(connection, declared, walk, head)
            except BadError as error:
                bad = error
    return Report(
        ledger=head.ledger,
        position=head.position,
        entries=walk.position,
        records=walk.records,
        erased=len(walk.erased),
        signed_heads=signed,
        bad_position=bad.position if bad else None,
        reason=bad.reason if bad else None,
    )


async def _head(connection: AsyncConnection, declared: Tables) -> Head:
    h = declared.head.c
    try:
        row = (
            await connection.execute(select(h.ledger, h.position, h.hash, h.epoch, h.received))
        ).first()
        await connection.rollback()
    except SQLAlchemyError as error:
        raise NotFound("there is no ledger in this database") from error
    if row is None:
        raise NotFound("this ledger was never opened")
    return Head(*row)


async def _page(connection: AsyncConnection, declared: Tables, walk: Walk, head: Head) -> int:
    """Walk one page; returns how many signed heads lay in it."""
    c = declared.entries.c
    after = walk.position
    query = (
        select(declared.entries)
        .where(c.position > after, c.position <= head.position)
        .order_by(c.position)
        .limit(PAGE_ENTRIES)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        raise BadError(after + 1, "the entry is missing")
    entries = entries_of(rows)
    await asyncio.to_thread(walk.page, entries)
    disordered = await _disordered(connection, declared, after, walk.position)
    if disordered is not None:
        raise BadError(disordered, "its record has no version before it")
    unfiled = await _unfiled(connection, declared, after, walk.position)
    if unfiled is not None:
        raise BadError(unfiled, "it is not filed by its contest")
    signed = await _signed(connection, declared, after, walk.position)
    hashes = {entry.position: entry.hash for entry in entries}
    for row in signed:
        _check_signed(row, head.ledger, hashes[row.position])
    await connection.rollback()  # a long walk holds no snapshot
    return len(signed)


async def _disordered(
    connection: AsyncConnection, declared: Tables, after: int, upto: int
) -> int | None:
    entry = declared.entries.alias("entry")
    before = declared.entries.alias("before")
    has_before = exists().where(
        before.c.competition == entry.c.competition,
        before.c.record == entry.c.record,
        before.c.version == entry.c.version - 1,
        before.c.position < entry.c.position,
    )
    query = select(func.min(entry.c.position)).where(
        entry.c.position > after, entry.c.position <= upto, entry.c.version != 1, ~has_before
    )
    first: int | None = (await connection.execute(query)).scalar()
    return first


async def _unfiled(
    connection: AsyncConnection, declared: Tables, after: int, upto: int
) -> int | None:
    if declared.filed is None:
        return None
    e, f = declared.entries.c, declared.filed.c
    is_filed = exists().where(
        f.competition == e.competition, f.contest == e.contest, f.position == e.position
    )
    query = select(func.min(e.position)).where(
        e.position > after, e.position <= upto, e.contest.is_not(None),
        e.position <= declared.filed_upto, ~is_filed,
    )  # fmt: skip
    first: int | None = (await connection.execute(query)).scalar()
    return first


async def _signed(
    connection: AsyncConnection, declared: Tables, after: int, upto: int
) -> Sequence[Any]:
    s = declared.signed_heads.c
    query = select(declared.signed_heads).where(s.position > after, s.position <= upto)
    rows: Sequence[Any] = (await connection.execute(query.order_by(s.position))).all()
    return rows


def _check_signed(row: Any, ledger: str, expected: bytes) -> None:
    if row.hash != expected:
        raise BadError(row.position, "the signed head has another hash than the entry")
    if not is_signed(ledger, row):
        raise BadError(row.position, "the signature of the head is not good")


async def _end(connection: AsyncConnection, declared: Tables, walk: Walk, head: Head) -> None:
    walk.end(head.hash)
    last = (await connection.execute(select(func.max(declared.entries.c.position)))).scalar() or 0
    signed = (
        await connection.execute(select(func.max(declared.signed_heads.c.position)))
    ).scalar() or 0
    await connection.rollback()
    now = await _head(connection, declared)
    misfiled = await _misfiled(connection, declared)
    if misfiled is not None:
        raise BadError(misfiled, "it is filed by a contest that it is not of")
    if last > now.position:
        raise BadError(now.position + 1, "entries stand beyond the head")
    if signed > now.position:
        raise BadError(now.position + 1, "a head was signed beyond the last entry: it was cut off")


async def _misfiled(connection: AsyncConnection, declared: Tables) -> int | None:
    if declared.filed is None:
        return None
    e, f = declared.entries.c, declared.filed.c
    query = select(func.min(f.position)).select_from(
        declared.filed.outerjoin(declared.entries, e.position == f.position)
    )
    other = or_(
        e.position.is_(None), e.competition != f.competition, e.contest.is_distinct_from(f.contest)
    )
    first: int | None = (await connection.execute(query.where(other))).scalar()
    await connection.rollback()
    return first
