"""Earnings: what each tier's customers brought in and cost in a period, and the whale curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.currency import EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.measure import Measuring
from scorecard.measuring.observed import NOBODY
from scorecard.strategy.model import ALL
from scorecard.tiers.margin import PARTS, SERVED, booked, margin_of, money

STEPS = 50
"""The whale curve is drawn through so many points."""


@dataclass(frozen=True)
class Earned:
    """One tier's period: amounts in the company's currency, `customers` here at any time.

    `negative` of them cost more than they brought in. What belongs to no known
    customer has amounts and counts nobody.
    """

    tier: str
    customers: int
    revenue: float
    acquire: float
    deliver: float
    support: float
    service: float
    negative: int

    @property
    def margin(self) -> float:
        return float(margin_of(self))


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulative margin from the most to the least profitable customer.

    `points` are (share of customers, cumulative margin); `top` is the sum of
    all positive margins, `lost` that of all negative ones (≤ 0), `total` both.
    """

    points: tuple[tuple[float, float], ...]
    top: float
    lost: float
    total: float
    profitable: int
    customers: int


@dataclass(frozen=True)
class Unattributed:
    """Amounts of the period that no customer's margin holds.

    unattributed  revenue of nobody, or of somebody who is not in `customers`
    unallocated   cost to serve without customer, and without a driver that anybody used
    unwon         cost to acquire without customer, of a month in which nobody was won
    """

    unattributed: float
    unallocated: float
    unwon: float
    unused: float
    discretionary: float


def earned(measuring: Measuring, period: Period) -> dict[str, Earned]:
    """Per tier, state that occurs, and all together."""
    parts = _with_tiers(measuring, period)
    parts = parts.mutate(known=(_.tier != NOBODY).cast("int64"))
    sums = {p: _[p].cast(EXACT).sum() for p in PARTS}
    grouped = parts.group_by("tier").agg(
        customers=_.known.sum(), negative=((_.margin < 0).cast("int64") * _.known).sum(), **sums
    )
    found = {
        r["tier"]: Earned(
            r["tier"],
            int(r["customers"]),
            negative=int(r["negative"]),
            **{p: float(r[p]) for p in PARTS},
        )
        for r in measuring.facts.answer(grouped)
    }
    every = [found[t] for t in sorted(found)]
    whole = Earned(
        ALL,
        sum(e.customers for e in every),
        negative=sum(e.negative for e in every),
        **{p: sum(getattr(e, p) for e in every) for p in PARTS},
    )
    return found | {ALL: whole}


def whale(measuring: Measuring, period: Period) -> WhaleCurve | None:
    """The whale curve of a period; None without customers.

    Exact quantiles part the customers, so no engine has to sort them all in one place.
    """
    own = _with_tiers(measuring, period).filter(_.tier != NOBODY)
    own = own.select("customer_id", margin=_.margin.cast("float64"))
    cuts = {f"q{i}": own.margin.quantile(i / STEPS) for i in range(1, STEPS)}
    whole = measuring.facts.answer(
        own.agg(
            customers=_.count(),
            profitable=(_.margin > 0).cast("int64").sum(),
            top=_.margin.cast(EXACT).sum(where=_.margin > 0),
            lost=_.margin.cast(EXACT).sum(where=_.margin < 0),
            **cuts,
        ),
    )[0]
    if not whole["customers"]:
        return None
    limits = sorted({float(whole[c]) for c in cuts}, reverse=True)
    top, lost = float(whole["top"] or 0), float(whole["lost"] or 0)
    return WhaleCurve(
        _points(measuring.facts, own, limits, int(whole["customers"])),
        top,
        lost,
        top + lost,
        int(whole["profitable"]),
        int(whole["customers"]),
    )


def _points(
    facts: Facts, own: ir.Table, limits: list[float], customers: int
) -> tuple[tuple[float, float], ...]:
    step: Any = ibis.literal(0)
    for limit in limits:
        step = step + (own.margin < limit).cast("int64")
    grouped = own.group_by(step=step).agg(n=_.count(), margin=_.margin.cast(EXACT).sum())
    points, seen, reached = [(0.0, 0.0)], 0, 0.0
    for row in sorted(facts.answer(grouped), key=lambda r: int(r["step"])):
        seen += int(row["n"])
        reached += float(row["margin"])
        points.append((seen / customers, reached))
    return tuple(points)


def outside(facts: Facts, period: Period) -> Unattributed:
    """What the period's books hold beside the customers' margins; in mode "lifetime" all books up
    to its end."""
    window = Window.of(period, 0)
    inside = booked(facts, window)
    t = facts.transactions
    nobody = t.filter(inside(t.event_on)).anti_join(facts.customers, "customer_id")
    revenue = facts.answer(nobody.agg(s=_.net_amount.sum()))[0]["s"]
    if not facts.has("costs"):
        return Unattributed(float(revenue or 0), 0.0, 0.0, 0.0, 0.0)
    c = facts.costs.filter(lambda c: inside(c.event_on))
    found = facts.answer(
        c.agg(
            unused=c.amount.sum(where=c.category == "unused"),
            discretionary=c.amount.sum(where=c.category == "discretionary"),
        ),
    )[0]
    lone = facts.answer(_unallocated(facts, c, window).agg(s=_.amount.sum()))[0]["s"]
    alone = facts.answer(unwon(facts, c).agg(s=_.amount.sum()))[0]["s"]
    return Unattributed(
        float(revenue or 0),
        float(lone or 0),
        float(alone or 0),
        float(found["unused"] or 0),
        float(found["discretionary"] or 0),
    )


def _unallocated(facts: Facts, costs: ir.Table, window: Window) -> ir.Table:
    """Cost to serve without customer whose driver is not named, or was used by nobody."""
    served = costs.filter(costs.customer_id.isnull() & costs.category.isin(SERVED))
    if not facts.has("drivers"):
        return served
    used = facts.drivers.group_by("driver", on=_.date.truncate(window.grain))
    used = used.agg(qty=_.qty.sum()).filter(_.qty > 0)
    return served.mutate(on=_.event_on.truncate(window.grain)).anti_join(used, ["driver", "on"])


def unwon(facts: Facts, costs: ir.Table) -> ir.Table:
    """Cost to acquire that names no customer, and that nobody won in its month can share."""
    spent = costs.filter(costs.customer_id.isnull() & (costs.category == "acquire"))
    won = facts.customers.select(month=_.acquired_on.truncate("M")).distinct()
    return spent.mutate(month=_.event_on.truncate("M")).anti_join(won, "month")


def _with_tiers(measuring: Measuring, period: Period) -> ir.Table:
    parts = money(measuring.facts, Window.of(period, 0))
    held = measuring.tiers.assigned(period, "event").select("customer_id", "tier")
    joined = parts.left_join(held, "customer_id").drop("customer_id_right")
    return joined.mutate(tier=ibis.coalesce(joined.tier, NOBODY), margin=margin_of(joined))
