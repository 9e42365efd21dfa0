"""October 2026 in statements written by hand: what a good author of SQL puts into a script.

    python hand_written.py PROJECT

Reads the Parquet facts and the frozen tiers of a demonstration project with DuckDB alone, one
connection with its own settings, and prints every figure by tier as JSON. `bench.py` holds
the figures against ours: a bench against wrong arithmetic is worth nothing.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from string import Template
from typing import Any

import duckdb

STATEMENTS = Path(__file__).parent / "hand_written"
FAMILIES = ("money", "customers", "contracts", "surveys", "interactions", "promises")
OCTOBER = {
    "currency": "EUR",
    "period": "2026-10",
    "first": "DATE '2026-10-01'",
    "after": "DATE '2026-11-01'",
    "month_ago": "DATE '2026-09-01'",
    "year_ago": "DATE '2025-11-01'",
    "year_ago_period": "2025-11",
    "two_years_ago": "DATE '2024-11-01'",
    "amortised": "24",
    "amortised_since": "DATE '2024-11-01'",
    # London's October in UTC: it begins in summer time and ends after it.
    "start": "TIMESTAMP '2026-09-30 23:00:00'",
    "end": "TIMESTAMP '2026-11-01 00:00:00'",
    "as_of": "TIMESTAMP '2026-11-16 06:00:00'",
    "days_12": "366",
    "days_24": "731",
}
TABLES = (
    "customers",
    "transactions",
    "costs",
    "drivers",
    "contracts",
    "surveys",
    "interactions",
    "promises",
    "fx",
)
COLUMNS = ("metric", "tier", "n", "num", "den", "value")


def answers(project: Path) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Every figure by metric and tier, and the seconds that each family of tables took."""
    told = {**OCTOBER, "tiers": str(project / ".scorecard" / "tiers")}
    rows: list[dict[str, Any]] = []
    seconds = {}
    with duckdb.connect() as con:
        for table in TABLES:
            con.execute(f"CREATE VIEW raw_{table} AS FROM '{project / 'facts' / table}.parquet'")
        for name in ("_tiers", *FAMILIES):
            began = time.perf_counter()
            text = (STATEMENTS / f"{name}.sql").read_text("utf-8")
            found = con.execute(Template(text).substitute(told)).fetchall()
            if name in FAMILIES:
                rows += [_row(dict(zip(COLUMNS, row, strict=True))) for row in found]
            seconds[name.strip("_")] = time.perf_counter() - began
    return rows, seconds


def _row(row: dict[str, Any]) -> dict[str, Any]:
    for number in ("num", "den", "value"):
        row[number] = None if row[number] is None else float(row[number])
    return {**row, "n": int(row["n"])}


if __name__ == "__main__":
    found, taken = answers(Path(sys.argv[1]))
    json.dump({"rows": found, "seconds": taken}, sys.stdout)
