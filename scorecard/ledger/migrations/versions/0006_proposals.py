"""What was proposed, what was missing, and what was found of it later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("name", "hash", "title", "owner", "content", "missing", "margins"),
        *_strings("step", "reason"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_proposal"),
    )
    op.create_index("ix_proposal_name", "proposal", ["name"])
    op.create_table(
        "proposal_review",
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("period", "kind", "metric", "tier"),
        *(
            sa.Column(name, sa.Double(), nullable=True)
            for name in ("was", "predicted", "value", "low", "high")
        ),
        sa.Column("n", sa.BigInteger(), nullable=False),
        *_strings("outcome", "run_id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "number", name="pk_proposal_review"),
        sa.ForeignKeyConstraint(
            ["proposal"], ["proposal.number"], name="fk_proposal_review_proposal"
        ),
    )


def downgrade() -> None:
    raise LedgerError("A ledger that keeps proposals is not taken back; restore a copy instead.")


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
