"""Pool costs: what each cost pool cost in each tier in a period, every cent of it once.

    costs = pool_costs(measuring, period)
    costs.in_tier["telephone desk", "gold"]      what Gold's customers cost there
    costs.on_nobody["idle_capacity"]             what no customer caused

What is booked on a customer is in the tier of the customer. What is booked on none is shared out by
how much each tier used of its driver in the month (in weekly projects, the week), as margins have
it. What is left over is on nobody: so the parts add up to the cost tables, to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.currency import EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import OpenWindow, Window
from scorecard.measuring.measure import Measuring
from scorecard.measuring.observed import NOBODY
from scorecard.tiers.day_steps import began

CENT = Decimal("0.01")
"""What shares of a pool are rounded to; the last has what is left of it."""
UNNAMED = ""
"""The pool of costs that name none."""
NONE = Decimal(0)


@dataclass(frozen=True)
class PoolCosts:
    """The costs that were booked in a period, in the company's currency.

    whole     all of them, as the table has them
    in_tier   by pool and tier, or state that occurs, what its customers cost
    on_nobody by pool, what names no customer and no driver that anybody used
    used      by driver and tier, how much of it was used
    driver    by pool its drivers, where it has any
    """

    whole: Decimal = NONE
    in_tier: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    on_nobody: Mapping[str, Decimal] = field(default_factory=dict)
    used: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    driver: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def pools(self) -> frozenset[str]:
        """The pools that have any cost."""
        return frozenset(pool for pool, _tier in self.in_tier) | frozenset(self.on_nobody)


def pool_costs(measuring: Measuring, period: Period) -> PoolCosts:
    """The costs of a period by pool and tier; empty where no costs are mapped.

    Tiers are those held at the event, as figures of the period have them. FactsError where the
    tiers of the period should be frozen and are not.
    """
    facts = measuring.facts
    if not facts.has("costs"):
        return PoolCosts()
    days = OpenWindow("period", period.kind)
    values = {
        **days.values(Window.of(period, 0)),
        **measuring.tiers.opening_values("period", period),
    }

    def asked(what: str, build: Any) -> list[dict[str, Any]]:
        return facts.asked(facts.statement((what, days), partial(build, measuring, days)), values)

    pools = asked("costs of pools", _of_pools)
    uses = asked("use of drivers", _uses) if facts.has("drivers") else []
    whole = sum((_exact(row["whole"]) for row in asked("costs booked", _booked)), NONE)
    in_tier = {
        (row["pool"], row["tier"]): _exact(row["amount"])
        for row in asked("costs of customers", _of_customers)
    }
    return _shared_out(whole, in_tier, pools, uses)


def _shared_out(
    whole: Decimal,
    in_tier: dict[tuple[str, str], Decimal],
    pools: Sequence[Mapping[str, Any]],
    uses: Sequence[Mapping[str, Any]],
) -> PoolCosts:
    by_step: dict[tuple[Any, Any], dict[str, Decimal]] = {}
    used: dict[tuple[str, str], Decimal] = {}
    for row in sorted(uses, key=lambda r: (r["driver"], str(r["on"]), r["tier"])):
        qty = _exact(row["qty"])
        by_step.setdefault((row["driver"], row["on"]), {})[row["tier"]] = qty
        key = (row["driver"], row["tier"])
        used[key] = used.get(key, NONE) + qty
    on_nobody: dict[str, Decimal] = {}
    drivers: dict[str, set[str]] = {}
    for row in sorted(pools, key=lambda r: (r["pool"], str(r["driver"]), str(r["on"]))):
        pool, amount = row["pool"], _exact(row["amount"])
        if row["driver"] is not None:
            drivers.setdefault(pool, set()).add(row["driver"])
        parts = shares(amount, by_step.get((row["driver"], row["on"]), {}))
        for tier, share in parts.items():
            in_tier[pool, tier] = in_tier.get((pool, tier), NONE) + share
        if not parts:
            on_nobody[pool] = on_nobody.get(pool, NONE) + amount
    named = {pool: tuple(sorted(of)) for pool, of in sorted(drivers.items())}
    return PoolCosts(whole, dict(sorted(in_tier.items())), on_nobody, used, named)


def shares(amount: Decimal, used: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The amount by how much each tier used, rounded so that they add up to it; empty where nobody
    used anything."""
    used = {tier: qty for tier, qty in used.items() if qty > 0}
    whole = sum(used.values(), NONE)
    found, left, over = dict[str, Decimal](), amount, whole
    for tier, qty in used.items():
        share = (left * qty / over).quantize(CENT)
        found[tier] = share
        left, over = left - share, over - qty
    return found


def _exact(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def _booked(measuring: Measuring, days: OpenWindow) -> ir.Table:
    """All costs of the period, in one row."""
    c = _inside(measuring.facts, days)
    return c.agg(whole=c.amount.cast(EXACT).sum())


def _of_customers(measuring: Measuring, days: OpenWindow) -> ir.Table:
    """Costs that name a customer: pool, tier, amount."""
    c = _inside(measuring.facts, days)
    c = _in_tiers(measuring, c.filter(c.customer_id.notnull()))
    return c.group_by("tier", pool=_pool(c)).agg(amount=c.amount.cast(EXACT).sum())


def _of_pools(measuring: Measuring, days: OpenWindow) -> ir.Table:
    """Costs that name none, by the first day of their month or week: pool, driver, on, amount."""
    c = _inside(measuring.facts, days)
    c = c.filter(c.customer_id.isnull())
    grouped = c.group_by("driver", pool=_pool(c), on=began(c.event_on, days.grain))
    return grouped.agg(amount=_.amount.cast(EXACT).sum())


def _uses(measuring: Measuring, days: OpenWindow) -> ir.Table:
    """What was used of each driver, likewise: driver, on, tier, qty.

    Of a span of days that is a part of a month, as all else, only what was used within it.
    """
    d = measuring.facts.drivers
    d = _in_tiers(measuring, d.filter(days.holds(d.date)))
    grouped = d.group_by("driver", "tier", on=began(d.date, days.grain))
    return grouped.agg(qty=_.qty.cast(EXACT).sum())


def _inside(facts: Facts, days: OpenWindow) -> ir.Table:
    c = facts.costs
    return c.filter(days.holds(c.event_on))


def _pool(table: ir.Table) -> Any:
    return ibis.coalesce(table.pool, UNNAMED)


def _in_tiers(measuring: Measuring, table: ir.Table) -> ir.Table:
    """The table with the tier or state of each customer at the event."""
    held = measuring.tiers.assigned("period", "event").select("customer_id", "tier")
    joined = table.left_join(held, "customer_id").drop("customer_id_right")
    return joined.mutate(tier=ibis.coalesce(joined.tier, NOBODY))
