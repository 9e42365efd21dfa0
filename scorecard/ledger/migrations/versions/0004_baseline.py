"""What the natural limits of a figure were made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("result", sa.Column("baseline", sa.JSON(), nullable=True))


def downgrade() -> None:
    raise LedgerError("A ledger that knows baselines is not taken back; restore a copy instead.")
