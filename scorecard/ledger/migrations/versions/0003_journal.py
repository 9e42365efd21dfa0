"""Which ledger this is, its journal, and what it knows of frozen tiers."""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = op.create_table(
        "ledger_identity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_identity"),
    )
    # Sealed with all other rows once the last migration is done, see `store`.
    op.bulk_insert(identity, [{"id": token_hex(16), "project": "", "secret": token_hex(32)}])
    op.create_table(
        "tier_snapshot",
        *_strings("name", "sha256"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tier_snapshot"),
    )
    op.create_table(
        "acceptance",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("what", "said", "former"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_acceptance"),
    )
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("at", "hash"),
        sa.PrimaryKeyConstraint("number", name="pk_journal"),
    )
    op.create_table(
        "seal",
        *_strings("record"),
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("hash"),
        sa.PrimaryKeyConstraint("record", "entry", name="pk_seal"),
        sqlite_with_rowid=False,
    )


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def downgrade() -> None:
    raise LedgerError("A ledger that knows whose it is is not taken back; restore a copy instead.")
