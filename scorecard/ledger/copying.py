"""Copies of a ledger in a SQLite file, for dry runs, whose records must not last."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, insert, select

from scorecard.ledger.ledger import Ledger
from scorecard.ledger.models import IdentityRow, JournalRow, LedgerTable, SealRow

AT_ONCE = 1000
"""Rows held in memory and inserted with one statement."""
LEFT_OUT = {"delivery", "attempt", "lease"}
"""Tables that no document is made from: what was sent, and which process works."""


def copied(ledger: Ledger, file: Path) -> Ledger:
    """A SQLite ledger in a new file, with all tables but LEFT_OUT. The caller closes it.

    The original is read in one transaction and not changed. What follows from the
    ledger's secret is the same in both.
    """
    copy = Ledger.open(f"sqlite:///{file}", file.parent)
    copy.is_copy = True
    with ledger._reading() as source, copy._writing() as target:
        for own in (IdentityRow, JournalRow, SealRow):
            target.execute(delete(own))
        # Foreign keys are checked: parents come first, and in key order, for a stance version
        # refers to an earlier one.
        for table in LedgerTable.metadata.sorted_tables:
            if table.name in LEFT_OUT:
                continue
            rows = source.execute(select(table).order_by(*table.primary_key)).mappings()
            for batch in rows.partitions(AT_ONCE):
                target.execute(insert(table), [dict(row) for row in batch])
    return copy
