"""The money of choices, on a cast of three tiers whose costs are worked out by hand.

October 2026, in euros. The desk is shared out by minutes: 600 by 30 of gold, 20 of silver and 10 of
bronze; visits are booked on customers.

            desk (600 by minutes)   visits   idle
gold                          300       40
silver                        200       30
bronze                        100       20
nobody                                          7
"""

from __future__ import annotations

from pathlib import Path

from sample_facts import opened, reading

from scorecard.base.periods import Period
from scorecard.facts.tables import Facts
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

ZONE = "Europe/London"
OCTOBER, SEPTEMBER = (Period.parse(key, ZONE) for key in ("2026-10", "2026-09"))
THREE = tuple(Tier(name, name.capitalize()) for name in ("gold", "silver", "bronze"))
CUSTOMERS = """
    customer_id,acquired_on,tier
    gil,2024-01-10,gold
    sam,2024-01-10,silver
    bob,2024-01-10,bronze
    bea,2024-01-10,bronze
    new,2026-10-09,bronze
"""
TRANSACTIONS = """
    txn_id,customer_id,event_on,net_amount
    t1,gil,2026-09-01,100.00
    t2,sam,2026-10-31,50.50
"""
COSTS = """
    cost_id,event_on,amount,category,pool,customer_id,driver
    c1,2026-10-31,600.00,support,desk,,minutes
    c2,2026-10-04,40.00,service,visits,gil,
    c3,2026-10-04,30.00,service,visits,sam,
    c4,2026-10-04,20.00,service,visits,bob,
    c5,2026-10-31,7.00,unused,idle,,
    c6,2026-09-30,500.00,support,desk,,minutes
    c7,2026-10-20,3.00,deliver,,nemo,
"""
DRIVERS = """
    driver_id,driver,customer_id,date,qty
    d1,minutes,gil,2026-10-01,30
    d2,minutes,sam,2026-10-02,20
    d3,minutes,bob,2026-10-03,8
    d4,minutes,bea,2026-10-31,2
    d5,minutes,gil,2026-09-01,10
    d6,minutes,bob,2026-09-01,30
"""
TABLES = {
    "customers": CUSTOMERS,
    "transactions": TRANSACTIONS,
    "costs": COSTS,
    "drivers": DRIVERS,
}


def measuring(folder: Path, **tables: str) -> Measuring:
    """The cast in the tiers that were sold to it, frozen up to October."""
    kept = {name: text for name, text in (TABLES | tables).items() if text}
    facts: Facts = opened(folder, reading(zone=ZONE), **kept)
    plan = TierPlan("declared", THREE, since="2026-08")
    tiers = Tiers(facts, plan, folder / "tiers")
    for _ in tiers.freeze(OCTOBER):
        pass
    return Measuring(facts, tiers)
