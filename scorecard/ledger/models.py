"""The ledger's tables. Rows are added, not altered; only the progress of a run, an expected
run, a schedule, a lease and a delivery is updated, and a later reading replaces the former.
A new column changes the seals of its table, unless it may be empty and stands in
`journal.LATER`: then rows that were there before keep theirs.

    run             one attempt at a period: inputs, the furthest step, when
    result          per run, metric and tier: the figure, its verdict, its signal
    edition         a document frozen for a period, numbered from 1
    rendering       the hash of a PDF drawn from an edition, by which software and templates
    witnessing      each time the declared stances were seen to differ from before
    stance_version  a stance as first seen, and from which day it is in force
    schedule_seen   a schedule as first seen, and up to when its runs were worked out
    expected_run    one run of one schedule for one period: due, held, done, skipped …
    lease           which process has a role that only one may have, and its last heartbeat
    reading         what reading a PDF back found, before it may be sent
    delivery        one document or notice to one recipient by one channel, and how far it got
    attempt         each try of a delivery, with the reply in the server's own words
    address_event   an address suspended, opted out, unsubscribed or reinstated, and why
    ledger_identity one row: which ledger this is, whose, and its secret
    tier_snapshot   the hash of a snapshot of tiers, or of a file beside them, as frozen
    acceptance      what a person accepted that had stopped the work: ledger, clock or tiers
    journal         an entry for each transaction, with a hash over it and the entry before it
    seal            the hash of a row as an entry wrote it; empty of a row that it deleted
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Index,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

# Migrations spell these names out: a constraint without a name cannot be dropped or altered.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC. SQLite drops the zone; it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; the ledger keeps instants only.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LedgerTable(SQLModel):
    """Base of the ledger's tables, with a metadata of its own."""

    metadata = metadata


_UNFINISHED = text("finished_at IS NULL")


class RunRow(LedgerTable, table=True):
    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("period", "ordinal"),
        # Claims a run: of two processes that insert one for the same inputs, one fails.
        Index(
            "one_unfinished_run",
            "period",
            "inputs",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index(None, "kind", "first"),
    )

    id: str = Field(primary_key=True)
    period: str
    kind: str
    first: date
    ordinal: int
    as_of: datetime = Field(sa_type=UtcDateTime)
    inputs: str
    software: str
    step: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    started_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    computed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ResultRow(LedgerTable, table=True):
    __tablename__ = "result"

    run_id: str = Field(primary_key=True, foreign_key="run.id")
    metric: str = Field(primary_key=True)
    tier: str = Field(primary_key=True)
    period: str
    version: str
    value: float | None = Field(default=None, sa_type=Double)
    low: float | None = Field(default=None, sa_type=Double)
    high: float | None = Field(default=None, sa_type=Double)
    n: int = Field(default=0, sa_type=BigInteger)
    customers: int = Field(default=0, sa_type=BigInteger)
    total: float | None = Field(default=None, sa_type=Double)
    at_risk: int | None = Field(default=None, sa_type=BigInteger)
    # Without none_as_null, None would be stored as the JSON text "null".
    sums: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    mode: str
    unmeasured: str = ""
    words: str = ""
    region: str | None = None
    reason: str = ""
    lean: str = ""
    pooled: bool = False
    periods_undecided: int = 0
    flow: str = ""
    provisional: bool = False
    centre: float | None = Field(default=None, sa_type=Double)
    lower: float | None = Field(default=None, sa_type=Double)
    upper: float | None = Field(default=None, sa_type=Double)
    rule: str = ""
    points: int = 0
    baseline: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    fragility: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    stance_key: str = ""
    stance_version: str = ""
    owner: str = ""
    saved_at: datetime = Field(sa_type=UtcDateTime)


class EditionRow(LedgerTable, table=True):
    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("document", "scope", "period", "number"),)

    id: str = Field(primary_key=True)
    document: str
    scope: str
    period: str = Field(index=True)
    number: int
    content: str
    content_hash: str
    inputs: str
    as_of: datetime = Field(sa_type=UtcDateTime)
    run_id: str = Field(foreign_key="run.id")
    reason: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)


class RenderingRow(LedgerTable, table=True):
    __tablename__ = "rendering"
    __table_args__ = (UniqueConstraint("edition_id", "sha256", "software"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id")
    sha256: str
    software: str
    at: datetime = Field(sa_type=UtcDateTime)
    drawn_with: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class WitnessingRow(LedgerTable, table=True):
    __tablename__ = "witnessing"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str
    stances: int
    at: datetime = Field(sa_type=UtcDateTime)


class StanceRow(LedgerTable, table=True):
    """`content` is None where the superseded stance ended and no other took its place."""

    __tablename__ = "stance_version"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    witnessing: int = Field(foreign_key="witnessing.number")
    hash: str
    key: str = Field(index=True)
    offer: str = ""
    content: str | None = None
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    in_force_from: date
    supersedes: int | None = Field(default=None, foreign_key="stance_version.id")
    note: str = ""


class ScheduleRow(LedgerTable, table=True):
    __tablename__ = "schedule_seen"

    schedule: str = Field(primary_key=True)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    worked_out_until: datetime = Field(sa_type=UtcDateTime)


class ExpectedRow(LedgerTable, table=True):
    __tablename__ = "expected_run"
    __table_args__ = (UniqueConstraint("schedule", "period"),)

    id: str = Field(primary_key=True)
    schedule: str
    period: str
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    hold_until: datetime = Field(sa_type=UtcDateTime)
    late_until: datetime = Field(sa_type=UtcDateTime)
    state: str
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    holder: str = ""
    beat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_id: str | None = Field(default=None, foreign_key="run.id")
    reason: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LeaseRow(LedgerTable, table=True):
    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    taken_at: datetime = Field(sa_type=UtcDateTime)
    beat_at: datetime = Field(sa_type=UtcDateTime)


class ReadingRow(LedgerTable, table=True):
    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("edition_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id")
    sha256: str
    problems: list[str] = Field(default_factory=list, sa_type=JSON)
    looked_for: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    software: str
    at: datetime = Field(sa_type=UtcDateTime)


class DeliveryRow(LedgerTable, table=True):
    """`about` is the edition's id, or the key of a notice; `letter` the mail's content as JSON.

    `told` says whether the operator was told of its failure.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("kind", "about", "channel", "recipient"),
        Index(None, "state", "next_try_at"),
    )

    id: str = Field(primary_key=True)
    kind: str
    about: str
    channel: str
    recipient: str
    name: str = ""
    schedule: str = Field(default="", index=True)
    period: str = ""
    edition_id: str | None = Field(default=None, foreign_key="edition.id")
    letter: str
    message_id: str = Field(index=True)
    state: str
    tries: int = 0
    doubts: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    holder: str = ""
    beat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code: int | None = None
    reply: str = ""
    sha256: str = ""
    size: int | None = Field(default=None, sa_type=BigInteger)
    told: bool = False
    queued_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AttemptRow(LedgerTable, table=True):
    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id")
    number: int
    outcome: str
    code: int | None = None
    reply: str = ""
    holder: str = ""
    at: datetime = Field(sa_type=UtcDateTime)


class AddressRow(LedgerTable, table=True):
    """`source` is the hash of the mail that reported it, so that reading it twice counts once."""

    __tablename__ = "address_event"
    __table_args__ = (UniqueConstraint("address", "event", "source"),)

    id: int | None = Field(default=None, primary_key=True)
    address: str
    event: str
    reason: str = ""
    source: str = ""
    at: datetime = Field(sa_type=UtcDateTime)


class IdentityRow(LedgerTable, table=True):
    """`project` is empty until one opens the ledger; `secret` is in hex, and printed nowhere."""

    __tablename__ = "ledger_identity"

    id: str = Field(primary_key=True)
    project: str = ""
    secret: str
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SnapshotRow(LedgerTable, table=True):
    """`name` is a snapshot's period, such as "2026-10", or the name of a file beside them."""

    __tablename__ = "tier_snapshot"

    name: str = Field(primary_key=True)
    sha256: str
    seen_at: datetime = Field(sa_type=UtcDateTime)


class AcceptanceRow(LedgerTable, table=True):
    """`said` is in words; `former` the ledger that was there before this one."""

    __tablename__ = "acceptance"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    what: str
    said: str
    former: str = ""
    at: datetime = Field(sa_type=UtcDateTime)


class JournalRow(LedgerTable, table=True):
    """`at` is ISO text in UTC, exactly as it was hashed; empty where no moment was given."""

    __tablename__ = "journal"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str
    hash: str


class SealRow(LedgerTable, table=True):
    """`record` is the row's table and key, as "edition/5a2b…"."""

    __tablename__ = "seal"
    __table_args__ = ({"sqlite_with_rowid": False},)

    record: str = Field(primary_key=True)
    entry: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str
