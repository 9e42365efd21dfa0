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
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scorecard.base.periods import Period
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.results import Estimate
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

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

# What each of them brought in and cost in March 2026: test_margin.py works it out.
TRANSACTIONS = """
txn_id customer_id event_on   net_amount currency
1      pia         2026-03-02 1000       -
2      gus         2026-03-31 200        USD
3      gus         2026-03-05 20         EUR
4      gwen        2026-03-01 300        -
5      kit         2026-03-08 100        -
6      sol         2026-03-04 100        -
7      sol         2026-03-20 -130       -
8      sue         2026-03-03 60         -
9      bo          2026-03-06 50         -
10     bea         2026-03-07 80         -
11     nora        2026-03-10 90         -
12     uma         2026-03-11 70         -
13     -           2026-03-15 25         -
14     pia         2026-02-28 999        -
15     pia         2026-04-01 999        -
16     lou         2025-05-05 500        -
"""
COSTS = """
cost_id event_on   amount category      customer_id driver
1       2026-03-02 300    deliver       pia         -
2       2026-03-05 50     deliver       gus         -
3       2026-03-01 100    deliver       gwen        -
4       2026-03-04 20     deliver       sol         -
5       2026-03-03 10     deliver       sue         -
6       2026-03-06 60     deliver       bo          -
7       2026-03-07 30     deliver       bea         -
8       2026-03-10 10     deliver       nora        -
9       2026-03-31 120    support       -           minutes
10      2026-03-08 30     service       gus         -
11      2026-03-12 10     service       sid         -
12      2026-03-25 5      service       sue         -
13      2026-03-31 50     service       -           visits
14      2026-03-31 77     deliver       -           -
15      2026-03-31 500    unused        -           -
16      2026-03-31 40     discretionary pia         -
17      2024-01-20 2400   acquire       pia         -
18      2024-05-05 480    acquire       gus         -
19      2025-03-10 240    acquire       sue         -
20      2026-03-09 48     acquire       nora        -
21      2026-03-20 96     acquire       -           -
22      2024-04-04 240    acquire       lou         -
23      2026-02-28 888    deliver       pia         -
24      2026-04-01 888    deliver       pia         -
"""
DRIVERS = """
driver_id driver  customer_id date       qty
1         minutes pia         2026-03-03 10
2         minutes pia         2026-03-30 20
3         minutes gwen        2026-03-09 10
4         minutes kit         2026-03-09 5
5         minutes sid         2026-03-10 15
6         minutes gus         2026-02-10 500
7         visits  gus         2026-02-10 1
"""
FX = """
date       from to  rate
2026-02-27 USD  EUR 0.10
2026-03-20 USD  EUR 0.90
"""
MONEY = {"transactions": TRANSACTIONS, "costs": COSTS, "drivers": DRIVERS, "fx": FX}


def opened(
    folder: Path,
    currency: str = "EUR",
    as_of: str = "2026-06-15T08:00",
    zone: str = ZONE,
    acquisition: str = "amortised",
    months: int = 24,
    written_as: Mapping[str, str] = MappingProxyType({}),
    counting: Mapping[str, Any] = MappingProxyType({}),
    **tables: str,
) -> Facts:
    """Facts with those tables; the cast itself where `customers` is not among them.

    Tables of `written_as` are the text of a file as it stands; `counting` are further options.
    """
    tables = {"customers": CUSTOMERS, **tables}
    known = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    reading = FactsOptions(currency, Zones(zone, "UTC"), known, acquisition, months, **counting)
    sources = [Source(name, written(folder, name, text)) for name, text in tables.items()]
    for name, text in dict(written_as).items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
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
        {
            "customer_id": customer,
            "tier": tier,
            "score": None,
            "value": None,
            "falls": 0,
            "first_tier": tier,
            "first_on": day,
        }
        for customer, tier in sorted(held.items())
    ]
    types = {
        "customer_id": pa.string(),
        "tier": pa.string(),
        "score": pa.float64(),
        "value": pa.float64(),
        "falls": pa.int64(),
        "first_tier": pa.string(),
        "first_on": pa.date32(),
    }
    (folder / "tiers").mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, schema=pa.schema(types))
    pq.write_table(table, folder / "tiers" / f"{period}.parquet")


def measured(measuring: Measuring, name: str, period: Period = MARCH) -> dict[str, Estimate]:
    """The metric's estimate by tier and state, and over all."""
    return measuring.estimates([METRICS[name]], period)[name]


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
