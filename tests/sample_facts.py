"""Facts from a few lines of text, written as files and read back as a user's would be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from scorecard.base.findings import Finding
from scorecard.facts.contracts import Source
from scorecard.facts.derived import OURS
from scorecard.facts.engine import answer
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones

AS_OF = datetime(2026, 11, 15, 12, tzinfo=UTC)
CUSTOMERS = """
    customer_id,acquired_on
    anna,2024-01-10
    ben,2025-06-01
"""
TRANSACTIONS = """
    txn_id,customer_id,event_on,net_amount
    t1,anna,2026-10-01,100.00
    t2,ben,2026-10-31,50.50
"""


def reading(
    currency: str = "EUR", zone: str = "Europe/London", stamps: str = "", as_of: datetime = AS_OF
) -> FactsOptions:
    return FactsOptions(currency, Zones(zone, stamps or zone), as_of)


def written(folder: Path, **tables: str) -> list[Source]:
    """Each table as a .csv file in the folder, and the sources that read them."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(dedent(text).strip() + "\n", "utf-8")
    return [Source(name, f"{name}.csv") for name in tables]


def as_parquet(file: Path) -> None:
    """The rows of a text file in a Parquet file beside it, in the types that DuckDB sees in them."""
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM '{file}') TO '{file.with_suffix('.parquet')}' (FORMAT parquet)")


def opened(folder: Path, how: FactsOptions | None = None, **tables: str) -> Facts:
    """The facts of those tables; there must be nothing in the way of opening them."""
    tables = {"customers": CUSTOMERS} | tables
    facts, findings = Facts.open("duckdb://", written(folder, **tables), folder, how or reading())
    assert [f for f in findings if f.id != "facts.required"] == []
    return facts


def refused(folder: Path, source: Source) -> Finding:
    """The one finding that binding this source ends in."""
    _facts, findings = Facts.open("duckdb://", [source], folder, reading())
    (finding,) = [f for f in findings if f.id != "facts.required"]
    return finding


def made(facts: Facts) -> list[str]:
    """The tables of ours that the engine (DuckDB) has, by name."""
    text = "SELECT table_name AS name FROM information_schema.tables"
    names = [row["name"] for row in answer(facts.con, text)]
    return sorted(name for name in names if name.startswith(OURS))


def rows(facts: Facts, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table in the order of its columns, sorted."""
    chosen = table.select(*columns) if columns else table
    found = [tuple(row.values()) for row in facts.answer(chosen)]
    return sorted(found, key=lambda row: tuple((v is None, v) for v in row))
