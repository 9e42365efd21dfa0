"""The cast: a dozen customers of an invented company, and how to put facts about them on a stage.

    pia    platinum                     bo, bea  bronze
    gus    gold, pays in dollars too    ben      bronze, buys nothing just now
    gwen   gold, decides for kit        nora     new in March 2026
    sol    silver, returns more than    uma      has no tier
           she buys                     lou      lost in June 2025
    sid    silver, costs and buys nothing
    sue    silver, leaves on 17 March 2026

Tables are written as text: a line of column names, then a line per row, `-` for an
empty field, and reach the metrics as a company's CSV files do.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scorecard.binding import Zones
from scorecard.compute import Measuring
from scorecard.contracts import Source
from scorecard.facts import Facts, Reading
from scorecard.loading import load_metrics
from scorecard.periods import Period
from scorecard.results import Estimate
from scorecard.strategy import Tier, TierPlan
from scorecard.tiers import Tiers

ZONE = "Europe/London"
METRICS = load_metrics(Path(__file__).parents[1] / "metrics")
FOUR = tuple(Tier(name, name.capitalize()) for name in ("platinum", "gold", "silver", "bronze"))
MARCH = Period.parse("2026-03", ZONE)

CUSTOMERS = """
customer_id parent_id acquired_on closed_on  tier
pia         -         2024-01-15  -          platinum
gus         -         2024-05-02  -          gold
gwen        -         2024-06-20  -          gold
kit         gwen      2025-01-10  -          bronze
sol         -         2024-03-01  -          silver
sid         -         2025-09-14  -          silver
sue         -         2024-02-02  2026-03-17 silver
bo          -         2024-07-07  -          bronze
bea         -         2024-08-08  -          bronze
ben         -         2024-09-09  -          bronze
nora        -         2026-03-09  -          bronze
uma         -         2024-10-10  -          -
lou         -         2024-04-04  2025-06-30 silver
"""


def opened(folder: Path, currency: str = "EUR", as_of: str = "2026-06-15T08:00", zone: str = ZONE,
           acquisition: str = "amortised", months: int = 24, **tables: str) -> Facts:  # fmt: skip
    """Facts with those tables; the cast itself where `customers` is not among them."""
    tables = {"customers": CUSTOMERS, **tables}
    known = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    reading = Reading(currency, Zones(zone, "UTC"), known, acquisition, months)
    sources = [Source(name, written(folder, name, text)) for name, text in tables.items()]
    facts, findings = Facts.open("duckdb://", sources, folder, reading)
    assert [f for f in findings if f.id != "facts.required"] == []
    return facts


def written(folder: Path, name: str, text: str) -> str:
    """The file name of a table written as text."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line.split() for line in text.strip().splitlines()]
    with (folder / f"{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["" if c == "-" else c for c in line] for line in lines])
    return f"{name}.csv"


def stage(folder: Path, period: Period = MARCH, since: str = "", **more: str) -> Measuring:
    """Facts with the cast in the tiers that were sold to them, frozen when the period began."""
    plan = TierPlan("declared", FOUR, since=since or f"{period.first:%Y-%m}")
    measuring = Measuring(opened(folder, **more), Tiers(None, plan, folder / "tiers"))
    measuring.tiers.facts = measuring.facts
    for _ in measuring.tiers.freeze(period):
        pass
    return measuring


def frozen(folder: Path, period: str, held: Mapping[str, str], first_on: str = "") -> None:
    """Lay down the snapshot of a period by hand, before anything is frozen."""
    day = date.fromisoformat(first_on) if first_on else None
    rows = [
        {"customer_id": customer, "tier": tier, "score": None, "value": None, "falls": 0,
         "first_tier": tier, "first_on": day}
        for customer, tier in sorted(held.items())
    ]  # fmt: skip
    types = {"customer_id": pa.string(), "tier": pa.string(), "score": pa.float64(),
             "value": pa.float64(), "falls": pa.int64(), "first_tier": pa.string(),
             "first_on": pa.date32()}  # fmt: skip
    (folder / "tiers").mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, schema=pa.schema(types))
    pq.write_table(table, folder / "tiers" / f"{period}.parquet")


def measured(measuring: Measuring, name: str, period: Period = MARCH) -> dict[str, Estimate]:
    """The metric's estimate by tier and state, and over all."""
    return measuring.estimates(METRICS[name], period)


def values(found: Mapping[str, Estimate]) -> dict[str, float | None]:
    return near({tier: e.value for tier, e in found.items()})


def totals(found: Mapping[str, Estimate]) -> dict[str, float | None]:
    return near({tier: e.total for tier, e in found.items()})


def near(expected: Mapping[str, float | None]) -> dict[str, float | None]:
    """Figures to nine decimals, so that those worked out by hand equal those computed."""
    return {tier: None if x is None else round(x, 9) + 0.0 for tier, x in expected.items()}


def counts(found: Mapping[str, Estimate]) -> dict[str, tuple[int, int]]:
    """Observations and customers."""
    return {tier: (e.n, e.customers) for tier, e in found.items()}
