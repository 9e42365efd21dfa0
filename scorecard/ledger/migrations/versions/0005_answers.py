"""What owners are asked, answer and promise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scorecard.errors import LedgerError

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _questions()
    _commitments()
    op.create_table(
        "acknowledgement",
        *_strings("edition_id", "person", "source"),
        _moment("at"),
        sa.PrimaryKeyConstraint("edition_id", "person", name="pk_acknowledgement"),
        _to("acknowledgement", "edition_id", "edition.id"),
    )


def _questions() -> None:
    op.create_table(
        "question",
        *_strings("id", "period", "owner"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_strings("trigger", "theme", "about", "text", "raised_by", "figure", "page"),
        *_strings("edition_id"),
        _moment("asked_at"),
        _moment("answer_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        _to("question", "edition_id", "edition.id"),
    )
    op.create_index("ix_question_period_owner", "question", ["period", "owner"])
    op.create_table(
        "answer",
        *_strings("question_id"),
        _own_number(),
        *_strings("person", "text", "source", "edition_id"),
        _moment("said_at"),
        sa.PrimaryKeyConstraint("question_id", "number", name="pk_answer"),
        _to("answer", "question_id", "question.id"),
        _to("answer", "edition_id", "edition.id"),
    )


def _commitments() -> None:
    op.create_table(
        "commitment",
        _own_number(),
        *_strings("owner", "person", "text", "metric", "tier"),
        *_doubles("at_worst", "at_best"),
        *_strings("due", "period", "made_in"),
        _moment("made_at"),
        *_strings("source"),
        sa.PrimaryKeyConstraint("number", name="pk_commitment"),
    )
    op.create_index("ix_commitment_owner", "commitment", ["owner"])
    op.create_table(
        "commitment_step",
        sa.Column("commitment", sa.Integer(), nullable=False),
        _own_number(),
        *_strings("step"),
        _moment("at"),
        *_strings("person", "source", "reason", "text", "due", "outcome"),
        *_doubles("value", "low", "high"),
        sa.Column("n", sa.BigInteger(), nullable=False),
        *_strings("run_id"),
        sa.PrimaryKeyConstraint("commitment", "number", name="pk_commitment_step"),
        _to("commitment_step", "commitment", "commitment.number"),
    )


def downgrade() -> None:
    raise LedgerError("A ledger that keeps answers is not taken back; restore a copy instead.")


def _own_number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), autoincrement=False, nullable=False)


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _doubles(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=True) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=f"fk_{table}_{column}")
