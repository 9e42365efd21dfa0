"""The first ledger: runs, results, editions and the stances witnessed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from scorecard.errors import LedgerError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    _runs()
    _results()
    _editions()
    _stances()


def downgrade() -> None:
    raise LedgerError("A ledger is not taken back to nothing; restore a copy of it instead.")


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _nullable(kind: TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=True) for name in names]


def _not_null(kind: TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _runs() -> None:
    op.create_table(
        "run",
        *_strings("id", "period", "kind"),
        *_not_null(sa.Date(), "first"),
        *_not_null(sa.Integer(), "ordinal"),
        *_strings("inputs", "software", "step"),
        *_not_null(sa.JSON(), "detail"),
        *_not_null(_instant(), "as_of", "started_at", "updated_at"),
        *_nullable(_instant(), "computed_at", "finished_at"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("period", "ordinal", name="uq_run_period_ordinal"),
    )
    op.create_index("ix_run_kind_first", "run", ["kind", "first"])
    op.create_index(
        "one_unfinished_run",
        "run",
        ["period", "inputs"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def _results() -> None:
    op.create_table(
        "result",
        *_strings("run_id", "metric", "tier", "period", "version", "mode", "unmeasured"),
        *_nullable(sa.Double(), "value", "low", "high", "total"),
        *_not_null(sa.BigInteger(), "n", "customers"),
        *_nullable(sa.BigInteger(), "at_risk"),
        *_nullable(sa.JSON(), "sums", "fragility"),
        *_strings("words", "reason", "lean"),
        *_nullable(sa.String(), "region"),
        *_not_null(sa.Boolean(), "pooled", "provisional"),
        *_not_null(sa.Integer(), "periods_undecided", "points"),
        *_strings("flow", "rule"),
        *_nullable(sa.Double(), "centre", "lower", "upper"),
        *_strings("stance_key", "stance_version", "owner"),
        *_not_null(_instant(), "saved_at"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_result_run_id"),
        sa.PrimaryKeyConstraint("run_id", "metric", "tier", name="pk_result"),
    )


def _editions() -> None:
    op.create_table(
        "edition",
        *_strings("id", "document", "scope", "period"),
        *_not_null(sa.Integer(), "number"),
        *_strings("content", "content_hash", "inputs", "run_id", "reason"),
        *_not_null(_instant(), "as_of", "created_at"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_edition_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.UniqueConstraint(
            "document", "scope", "period", "number", name="uq_edition_document_scope_period_number"
        ),
    )
    op.create_index("ix_edition_period", "edition", ["period"])
    op.create_table(
        "rendering",
        sa.Column("id", sa.Integer(), nullable=False),
        *_strings("edition_id", "sha256", "software"),
        *_not_null(_instant(), "at"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_rendering_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rendering"),
        sa.UniqueConstraint(
            "edition_id", "sha256", "software", name="uq_rendering_edition_id_sha256_software"
        ),
    )


def _stances() -> None:
    op.create_table(
        "witnessing",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_strings("digest"),
        *_not_null(sa.Integer(), "stances"),
        *_not_null(_instant(), "at"),
        sa.PrimaryKeyConstraint("number", name="pk_witnessing"),
    )
    op.create_table(
        "stance_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *_not_null(sa.Integer(), "witnessing"),
        *_strings("hash", "key", "offer"),
        *_nullable(sa.String(), "content"),
        *_not_null(_instant(), "first_seen_at"),
        *_not_null(sa.Date(), "in_force_from"),
        *_nullable(sa.Integer(), "supersedes"),
        *_strings("note"),
        sa.ForeignKeyConstraint(
            ["witnessing"], ["witnessing.number"], name="fk_stance_version_witnessing"
        ),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["stance_version.id"], name="fk_stance_version_supersedes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stance_version"),
    )
    op.create_index("ix_stance_version_key", "stance_version", ["key"])
