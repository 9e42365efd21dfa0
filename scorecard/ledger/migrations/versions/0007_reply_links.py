"""Signed links to owners' pages, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply_link",
        *_strings("id", "opens", "owner", "person", "email"),
        sa.Column("edition_id", sa.String(), nullable=True),
        _moment("issued_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_reply_link"),
        _to("reply_link", "edition_id", "edition.id"),
    )
    op.create_index("ix_reply_link_owner", "reply_link", ["owner"])
    op.create_table(
        "reply_link_event",
        *_strings("link"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("event"),
        _moment("at"),
        *_strings("said"),
        sa.PrimaryKeyConstraint("link", "number", name="pk_reply_link_event"),
        _to("reply_link_event", "link", "reply_link.id"),
    )


def downgrade() -> None:
    raise LedgerError("A ledger that keeps links is not taken back; restore a copy instead.")


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=f"fk_{table}_{column}")
