"""Who decided on a proposal; rows that no person decided have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proposal", sa.Column("person", sa.String(), nullable=True))


def downgrade() -> None:
    raise LedgerError("A ledger that knows decisions is not taken back; restore a copy instead.")
