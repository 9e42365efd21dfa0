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
from scorecard.tiers.acquisition import unwon
from scorecard.tiers.margin import PARTS, SERVED, booked, is_lifetime, margin_of, money
from scorecard.tiers.revenue import revenue

GONE, LATER = "lost", "came later"
"""Those who left before the period, or came after it: their money is in no figure per customer."""
STEPS = 50
"""The whale curve is drawn through so many points."""


@dataclass(frozen=True)
class Earned:
    """One tier's period: amounts in the company's currency, `customers` here at any time.

    `negative` of them cost more than they brought in. What belongs to no known customer, to those
    who left before the period ("lost") or to those who came after it (LATER) counts nobody.
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
    unwon         cost to acquire without customer that nobody won in its month can share
    """

    unattributed: float
    unallocated: float
    unwon: float
    unused: float
    discretionary: float


def earned(measuring: Measuring, period: Period) -> dict[str, Earned]:
    """Per tier, state that occurs, and all together."""
    parts = _with_tiers(measuring, period)
    sums = {p: _[p].cast(EXACT).sum() for p in PARTS}
    grouped = parts.group_by("tier").agg(
        customers=_.here.sum(), negative=((_.margin < 0).cast("int64") * _.here).sum(), **sums
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
    """The whale curve of the customers here in a period; None without any.

    Exact quantiles part the customers, so no engine has to sort them all in one place.
    """
    own = _with_tiers(measuring, period).filter(_.here > 0)
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
    """What a period has beside the margins of customers; in mode "lifetime" all that counts up to
    its end."""
    window = Window.of(period, 0)
    inside = booked(facts, window)
    first = None if is_lifetime(facts) else window.first
    nobody = revenue(facts, first, window.after).anti_join(facts.customers, "customer_id")
    brought = facts.answer(nobody.agg(s=_.revenue.sum()))[0]["s"]
    if not facts.has("costs"):
        return Unattributed(float(brought or 0), 0.0, 0.0, 0.0, 0.0)
    c = facts.costs.filter(lambda c: inside(c.event_on))
    found = facts.answer(
        c.agg(
            unused=c.amount.sum(where=c.category == "unused"),
            discretionary=c.amount.sum(where=c.category == "discretionary"),
        ),
    )[0]
    lone = facts.answer(_unallocated(facts, c, window).agg(s=_.amount.sum()))[0]["s"]
    alone = facts.answer(unwon(facts, inside).agg(s=_.amount.sum()))[0]["s"]
    return Unattributed(
        float(brought or 0),
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


def _with_tiers(measuring: Measuring, period: Period) -> ir.Table:
    """The money of everybody, with `margin`, and the tier or state that it counts in."""
    window = Window.of(period, 0)
    parts = money(measuring.facts, window)
    held = measuring.tiers.assigned(period, "event").select("customer_id", "tier", "acquired_on")
    joined = parts.left_join(held, "customer_id").drop("customer_id_right")
    away = (joined.acquired_on >= window.after).ifelse(LATER, GONE)
    tier = joined.tier.isnull().ifelse(NOBODY, (joined.here > 0).ifelse(joined.tier, away))
    return joined.mutate(tier=tier, margin=margin_of(joined)).drop("acquired_on")
