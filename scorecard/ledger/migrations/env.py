"""Alembic's environment: migrates within the transaction it is given, and connects nowhere."""

from __future__ import annotations

from alembic import context

from scorecard.ledger.models import metadata
from scorecard.ledger.store import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot alter a constraint: the table is copied instead
)
with context.begin_transaction():
    context.run_migrations()
