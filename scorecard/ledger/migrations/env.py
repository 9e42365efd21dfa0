"""Alembic's way in: it is handed an open transaction and never connects by itself."""

from __future__ import annotations

from alembic import context

from scorecard.ledger.models import metadata
from scorecard.ledger.store import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
