"""Copying: what a ledger remembers, in a file of its own, for work that must not be remembered."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert, select

from scorecard.ledger.ledger import Ledger
from scorecard.ledger.models import LedgerTable

AT_ONCE = 1000
LEFT_OUT = {"delivery", "attempt", "lease"}
"""What was sent, and who works, makes no difference to a document."""


def copied(ledger: Ledger, file: Path) -> Ledger:
    """A SQLite ledger in that new file, with all that documents are made of. Close it.

    The ledger itself is read in one go and not changed.
    """
    copy = Ledger.open(f"sqlite:///{file}", file.parent)
    with ledger._reading() as source, copy._writing() as target:
        for table in LedgerTable.metadata.sorted_tables:
            if table.name in LEFT_OUT:
                continue
            rows = source.execute(select(table).order_by(*table.primary_key)).mappings()
            for some in rows.partitions(AT_ONCE):
                target.execute(insert(table), [dict(row) for row in some])
    return copy
