"""What a PDF was drawn with, besides the software: the templates and the drawing engine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rendering", sa.Column("drawn_with", sa.JSON(), nullable=True))


def downgrade() -> None:
    raise LedgerError("A ledger that knows templates is not taken back; restore a copy instead.")
