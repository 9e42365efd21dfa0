"""Which ledger this is, and its secret."""

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
    op.bulk_insert(identity, [{"id": token_hex(16), "project": "", "secret": token_hex(32)}])


def downgrade() -> None:
    raise LedgerError("A ledger that knows whose it is is not taken back; restore a copy instead.")
