"""The tables of the read store.

`save` is the number of the save that has changed a row. Messages of the outbox are numbered from
the first that the store ever held (`sequence`), and so are their bytes (`octets`): how far a
destination is behind is a difference of two numbers.
"""

from functools import cache

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table


@cache
def tables(schema: str | None) -> MetaData:
    """The tables of the read store."""
    metadata = MetaData(schema=schema)
    Table(
        "checkpoint",
        metadata,
        Column("projection", String, primary_key=True),
        Column("ledger", String, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("format", String, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("save", BigInteger, nullable=False),
        Column("messages", BigInteger, nullable=False),
        Column("octets", BigInteger, nullable=False),
    )
    Table(
        "contests",
        metadata,
        Column("competition", String, primary_key=True),
        Column("contest", String, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("saved", LargeBinary, nullable=False),
        Column("save", BigInteger, nullable=False, index=True),
    )
    Table(
        "states",
        metadata,
        Column("competition", String, primary_key=True),
        Column("contest", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("state", LargeBinary, nullable=False),
    )
    Table(
        "snapshots",
        metadata,
        Column("competition", String, primary_key=True),
        Column("contest", String, primary_key=True),
        Column("position", BigInteger, autoincrement=False, primary_key=True),
        Column("states", LargeBinary, nullable=False),
    )
    Table(
        "documents",
        metadata,
        Column("competition", String, primary_key=True),
        Column("audience", String, primary_key=True),
        Column("board", String, primary_key=True),
        Column("document", LargeBinary, nullable=False),
        Column("save", BigInteger, nullable=False, index=True),
    )
    patches = Table(
        "patches",
        metadata,
        Column("competition", String, primary_key=True),
        Column("audience", String, primary_key=True),
        Column("board", String, primary_key=True),
        Column("position", BigInteger, autoincrement=False, primary_key=True),
        Column("revision", Integer, autoincrement=False, primary_key=True),
        Column("made_us", BigInteger, nullable=False),
        Column("patch", LargeBinary, nullable=False),
        Column("save", BigInteger, nullable=False, index=True),
    )
    Index("patches_by_age", patches.c.made_us)
    Table(
        "erasures",
        metadata,
        Column("competition", String, primary_key=True),
        Column("save", BigInteger, nullable=False),
    )
    Table(
        "parked",
        metadata,
        Column("competition", String, primary_key=True),
        Column("contest", String, primary_key=True),
        Column("parked", LargeBinary, nullable=False),
    )
    Table(
        "outbox",
        metadata,
        Column("sequence", BigInteger, autoincrement=False, primary_key=True),
        Column("octets", BigInteger, nullable=False),
        Column("audience", String, nullable=False),
        Column("competition", String, nullable=False),
        Column("contest", String, nullable=False),
        Column("type", String, nullable=False),
        Column("id", String, nullable=False),
        Column("event", LargeBinary, nullable=False),
    )
    Table(
        "deliveries",
        metadata,
        Column("destination", String, primary_key=True),
        Column("audience", String, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("octets", BigInteger, nullable=False),
    )
    return metadata
