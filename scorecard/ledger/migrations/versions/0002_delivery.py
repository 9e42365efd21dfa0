"""Expected runs, leases, what reading back found, deliveries and addresses."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from scorecard.errors import LedgerError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _expected_runs()
    _readings()
    _deliveries()
    _addresses()


def downgrade() -> None:
    raise LedgerError("A ledger that knows deliveries is not taken back; restore a copy instead.")


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _nullable(kind: TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=True) for name in names]


def _not_null(kind: TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _expected_runs() -> None:
    op.create_table(
        "schedule_seen",
        *_strings("schedule"),
        *_not_null(_instant(), "first_seen_at", "worked_out_until"),
        sa.PrimaryKeyConstraint("schedule", name="pk_schedule_seen"),
    )
    op.create_table(
        "expected_run",
        *_strings("id", "schedule", "period", "state", "holder", "reason"),
        *_not_null(_instant(), "due_at", "hold_until", "late_until", "next_try_at"),
        *_not_null(sa.Integer(), "tries"),
        *_nullable(sa.String(), "run_id"),
        *_not_null(_instant(), "created_at", "updated_at"),
        *_nullable(_instant(), "beat_at", "finished_at"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_expected_run_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_expected_run"),
        sa.UniqueConstraint("schedule", "period", name="uq_expected_run_schedule_period"),
    )
    op.create_index("ix_expected_run_due_at", "expected_run", ["due_at"])
    op.create_table(
        "lease",
        *_strings("name", "holder"),
        *_not_null(_instant(), "taken_at", "beat_at"),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def _readings() -> None:
    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        *_strings("edition_id", "sha256", "software"),
        *_not_null(sa.JSON(), "problems", "looked_for"),
        *_not_null(_instant(), "at"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_reading_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
        sa.UniqueConstraint("edition_id", "sha256", name="uq_reading_edition_id_sha256"),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        *_strings("id", "kind", "about", "channel", "recipient", "name", "schedule", "period"),
        *_nullable(sa.String(), "edition_id"),
        *_strings("letter", "message_id", "state", "holder", "reply", "sha256"),
        *_not_null(sa.Integer(), "tries", "doubts"),
        *_not_null(sa.Boolean(), "told"),
        *_nullable(sa.Integer(), "code"),
        *_nullable(sa.BigInteger(), "size"),
        *_not_null(_instant(), "next_try_at", "queued_at", "updated_at"),
        *_nullable(_instant(), "beat_at", "finished_at"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_delivery_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint(
            "kind", "about", "channel", "recipient", name="uq_delivery_kind_about_channel_recipient"
        ),
    )
    op.create_index("ix_delivery_state_next_try_at", "delivery", ["state", "next_try_at"])
    op.create_index("ix_delivery_message_id", "delivery", ["message_id"])
    op.create_index("ix_delivery_schedule", "delivery", ["schedule"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        *_strings("delivery_id", "outcome", "reply", "holder"),
        *_not_null(sa.Integer(), "number"),
        *_nullable(sa.Integer(), "code"),
        *_not_null(_instant(), "at"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_attempt_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("delivery_id", "number", name="uq_attempt_delivery_id_number"),
    )


def _addresses() -> None:
    op.create_table(
        "address_event",
        sa.Column("id", sa.Integer(), nullable=False),
        *_strings("address", "event", "reason", "source"),
        *_not_null(_instant(), "at"),
        sa.PrimaryKeyConstraint("id", name="pk_address_event"),
        sa.UniqueConstraint(
            "address", "event", "source", name="uq_address_event_address_event_source"
        ),
    )
