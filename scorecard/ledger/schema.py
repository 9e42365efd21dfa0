"""What is in the ledger's database beside its tables: triggers, rules, views and columns that
would change what is written or read, so that no seal of it says what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from scorecard.errors import AlteredError
from scorecard.ledger.models import LedgerTable

_SQLITE_ADDED = "SELECT type, name, tbl_name FROM sqlite_master WHERE type IN ('trigger', 'view')"
_SQLITE_COLUMNS = (
    "SELECT m.name, x.name, x.hidden FROM sqlite_master m, pragma_table_xinfo(m.name) x "
    "WHERE m.type = 'table'"
)
_POSTGRES_ADDED = """
SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'rule', r.rulename, r.tablename FROM pg_rules r WHERE r.schemaname = current_schema()
UNION ALL
SELECT 'policy', p.policyname, p.tablename FROM pg_policies p
 WHERE p.schemaname = current_schema()
UNION ALL
SELECT 'view', v.viewname, v.viewname FROM pg_views v WHERE v.schemaname = current_schema()
"""
_POSTGRES_COLUMNS = """
SELECT c.table_name, c.column_name, CASE WHEN c.is_generated = 'ALWAYS' THEN 1 ELSE 0 END
  FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
"""


class Added(NamedTuple):
    """A trigger, rule, policy or view, and the table that it is about."""

    kind: str
    name: str
    table: str


def refuse_strange(connection: sa.Connection, where: str) -> None:
    """AlteredError where the tables are not those that the migrations made, or something acts on
    them. Other tables beside them are nobody's business."""
    sqlite = connection.dialect.name == "sqlite"
    rows = connection.exec_driver_sql(_SQLITE_ADDED if sqlite else _POSTGRES_ADDED)
    ours = LedgerTable.metadata.tables
    strange = [f"{a.kind} {a.name}" for a in map(Added._make, rows) if a.table in ours]
    strange += _other_columns(
        connection.exec_driver_sql(_SQLITE_COLUMNS if sqlite else _POSTGRES_COLUMNS)
    )
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise AlteredError(
            f"Ledger {where} has what this software did not make, {strange[0]}{more}, so nothing "
            "in it can be relied on; restore it from a backup, or remove that and look what "
            '"scorecard verify" says.'
        )


def _other_columns(rows: Iterable[tuple[str, str, int]]) -> Iterator[str]:
    """Columns that are computed, were added or are gone, and tables that are."""
    found: dict[str, set[str]] = {}
    for table, column, computed in rows:
        if table in LedgerTable.metadata.tables and computed:
            yield f"computed column {table}.{column}"
        found.setdefault(table, set()).add(column)
    for name, ours in sorted(LedgerTable.metadata.tables.items()):
        if name not in found:
            yield f"no table {name}"
            continue
        wanted = {column.name for column in ours.columns}
        for column in sorted(found[name] ^ wanted):
            yield f"{'a' if column in found[name] else 'no'} column {name}.{column}"
