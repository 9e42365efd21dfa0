"""A tiny company: two Gold and two Bronze customers, sold as such, and what is found of them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from cast import METRICS, opened
from test_inspection import inspected

from scorecard.base.periods import Period
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

GOLD, BRONZE = Tier("gold", "Gold"), Tier("bronze", "Bronze")
CUSTOMERS = """
customer_id tier   acquired_on
A1          gold   2023-01-01
A2          gold   2023-01-01
B1          bronze 2023-01-01
B2          bronze 2023-01-01
"""
SALES = "txn_id customer_id event_on net_amount\n" + "\n".join(
    f"M{month:02}{who} {who} 2026-{month:02}-10 100" for month in (1, 5, 6) for who in ("A1", "B1")
)


PLAN = TierPlan("declared", (GOLD, BRONZE), since="2026-01")


class Company:
    """A tiny company's figures and findings of a period.

    `plan` is how it puts customers into tiers, `grace` the days between a contract and its renewal.
    """

    def __init__(
        self,
        folder,
        period="2026-06",
        zone="Europe/London",
        written=MappingProxyType({}),
        plan=PLAN,
        grace=0,
        **tables,
    ):
        tables = {"customers": CUSTOMERS, "transactions": SALES, **tables}
        tables = {name: text for name, text in tables.items() if text}
        self.facts = opened(
            folder, zone=zone, as_of="2026-08-15T08:00", written_as=written, **tables
        )
        self.facts.options = replace(self.facts.options, renewal_grace=grace)
        self.period = Period.parse(period, zone)
        self.measuring = Measuring(self.facts, Tiers(self.facts, plan, folder / "tiers"))
        list(self.measuring.tiers.freeze(self.period.next()))

    def by_tier(self, metric, period=None):
        """(value, n) by tier and state that has any observations."""
        of = Period.parse(period, self.period.tz) if period else self.period
        results = self.measuring.results_of([METRICS[metric]], of)[metric]
        return {r.tier: (r.estimate.value, r.estimate.n) for r in results if r.estimate.n}

    def figure(self, metric, tier="all", period=None):
        """The estimate of a metric."""
        of = Period.parse(period, self.period.tz) if period else self.period
        results = self.measuring.results_of([METRICS[metric]], of)[metric]
        (found,) = [r for r in results if r.tier == tier]
        return found.estimate

    def finding(self, id, place):
        """The finding of that id on a table or column."""
        found = inspected(self.facts, self.period)
        (one,) = [f for f in found if (f.id, f.place) == (id, place)]
        return one
