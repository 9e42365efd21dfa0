"""Customers affected by a verdict: whom it touched, the effect on their margin, and on whom a
counted verdict rests."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Fragility, Result
from scorecard.facts.currency import EXACT, SQUARED
from scorecard.facts.window import Window
from scorecard.measuring.measure import Measuring
from scorecard.stats.fragility import flips
from scorecard.stats.intervals import LEVEL, z
from scorecard.strategy.model import Stance
from scorecard.tiers.margin import money

NAMES = 5
"""Touched customers that are named."""
MOST = 20
"""A verdict that rests on more customers than this is not called fragile."""
FEWEST = 30
"""Affected customers, and others, without which no effect on margin is estimated."""
Side = Literal["harmed", "favoured"]


@dataclass(frozen=True)
class Effect:
    """The effect of an exception on the margin of the customers it touched.

    kind "change"  their margin against the period before, less the same change of the
                   tier's others that were observed, summed over them; 90 % interval
         "sum"     their own margin in the period
         "worth"   their yearly value, as frozen with their tier
         "few"     fewer than thirty customers on either side: not estimated
         "unknown" margin is not known
    """

    kind: Literal["change", "sum", "worth", "few", "unknown"]
    amount: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Touched:
    """The customers touched, of how many observed in the tier, and the most valuable by name."""

    customers: int
    of: int
    names: tuple[str, ...]
    side: Side
    effect: Effect


def touched(
    measuring: Measuring, metric: Metric, period: Period, result: Result, stance: Stance
) -> Touched:
    """The customers a verdict touched: the harmed, or the favoured where they were over-served."""
    over = result.verdict is not None and result.verdict.region == "above"
    side: Side = "favoured" if over else "harmed"
    observed = measuring.observations(metric, period).filter(_.tier == result.tier)
    each = _hit_by_customer(metric, observed, stance, side)
    facts = measuring.facts
    counted = facts.answer(each.agg(n=_.count(), hit=_.hit.cast("int64").sum()))[0]
    names = _names(measuring, each.filter(_.hit))
    effect = _effect_on_margin(measuring, metric, each, int(counted["hit"] or 0), period)
    return Touched(int(counted["hit"] or 0), int(counted["n"]), names, side, effect)


def _hit_by_customer(metric: Metric, observed: ir.Table, stance: Stance, side: Side) -> ir.Table:
    """One row per customer: whether it was hit, and its value.

    Harmed are those whom the metric marks (column `affected`); without marks, and for the
    favoured, the limit or the single observations tell.
    """
    if side == "harmed" and "affected" in observed.columns:
        return _any_row_hit(observed, observed.affected.fill_null(False))
    limit = stance.at_best if side == "favoured" else stance.at_worst
    if limit is None and metric.kind in ("total", "ratio", "mean", "quantile"):
        return _any_row_hit(observed, ibis.literal(False))
    if metric.kind in ("total", "ratio", "mean"):
        own = observed.group_by("customer_id").agg(
            value=_.value.max(), over=(_.num - limit * _.den).sum()
        )
        better = own.over > 0 if metric.better != "lower" else own.over < 0
        worse = own.over < 0 if metric.better != "lower" else own.over > 0
        return own.mutate(hit=better if side == "favoured" else worse).drop("over")
    return _any_row_hit(observed, _row_hit(metric, observed, limit, side))


def _row_hit(metric: Metric, observed: ir.Table, limit: float | None, side: Side) -> Any:
    """True where a single observation was on the bad side, or on the good one."""
    if metric.kind == "survival":
        return observed.lost if side == "harmed" else ~observed.lost
    if metric.kind == "quantile":
        above, below = observed.num > limit, observed.num < limit
        bad, good = (above, below) if metric.better == "lower" else (below, above)
        return bad if side == "harmed" else good
    if metric.kind == "nps":
        return observed.num < 0 if side == "harmed" else observed.num > 0
    missed, met = observed.num < observed.den, observed.num > 0
    bad, good = (met, missed) if metric.better == "lower" else (missed, met)
    return bad if side == "harmed" else good


def _any_row_hit(observed: ir.Table, hit: Any) -> ir.Table:
    marked = observed.mutate(hit=hit.fill_null(False))
    return marked.group_by("customer_id").agg(value=_.value.max(), hit=_.hit.any())


def _names(measuring: Measuring, hit: ir.Table) -> tuple[str, ...]:
    named = measuring.facts.customers.select("customer_id", "name")
    top = hit.left_join(named, "customer_id").drop("customer_id_right")
    top = top.mutate(shown=ibis.coalesce(top.name, top.customer_id))
    top = top.order_by(ibis.desc("value", nulls_first=False), "customer_id").limit(NAMES)
    return tuple(r["shown"] for r in measuring.facts.answer(top.select("shown")))


def _effect_on_margin(
    measuring: Measuring, metric: Metric, each: ir.Table, hit: int, period: Period
) -> Effect:
    facts = measuring.facts
    if facts.missing(["transactions", "costs"]):
        return Effect("unknown")
    if metric.family == "retention":
        found = facts.answer(each.filter(_.hit).agg(worth=_.value.cast(EXACT).sum()))
        return Effect("worth", float(found[0]["worth"] or 0))
    now = _margins(measuring, period).rename(now="margin")
    joined = each.left_join(now, "customer_id").drop("customer_id_right")
    if metric.family == "margin":
        found = facts.answer(joined.filter(_.hit).agg(own=_.now.sum()))
        return Effect("sum", float(found[0]["own"] or 0))
    if hit < FEWEST:
        return Effect("few")
    then = _margins(measuring, period.previous()).rename(then="margin")
    joined = joined.left_join(then, "customer_id").drop("customer_id_right")
    change = (joined.now.fill_null(0) - joined.then.fill_null(0)).cast("float64")
    groups = (
        joined.mutate(change=change.round(6))
        .group_by("hit")
        .agg(
            n=_.count(),
            sum=_.change.cast(EXACT).sum(),
            squares=(_.change * _.change).cast(SQUARED).sum(),
        )
    )
    return _difference_of_changes({bool(r["hit"]): r for r in facts.answer(groups)})


def _difference_of_changes(groups: dict[bool, dict[str, Any]]) -> Effect:
    """The mean change of the touched less that of the others, times the number of touched.

    The interval takes their variances as unequal, as Welch's test does.
    """
    if any(side not in groups or int(groups[side]["n"]) < FEWEST for side in (True, False)):
        return Effect("few")
    means, variances = {}, {}
    for side, group in groups.items():
        n, total = int(group["n"]), float(group["sum"])
        means[side] = total / n
        spread = max(0.0, float(group["squares"]) - total * total / n)
        variances[side] = spread / (n - 1) / n
    hit = int(groups[True]["n"])
    amount = (means[True] - means[False]) * hit
    reach = z(LEVEL) * sqrt(variances[True] + variances[False]) * hit
    return Effect("change", amount, amount - reach, amount + reach)


def _margins(measuring: Measuring, period: Period) -> ir.Table:
    parts = money(measuring.facts, Window.of(period, 0))
    margin = parts.revenue - parts.acquire - parts.deliver - parts.support - parts.service
    return parts.select("customer_id", margin=margin)


def fragility(
    measuring: Measuring, metric: Metric, period: Period, result: Result, stance: Stance
) -> Fragility | None:
    """How few customers a counted verdict rests on; None where nothing was counted."""
    if result.mode != "census" or result.verdict is None or result.verdict.region is None:
        return None
    if metric.kind not in ("proportion", "mean", "ratio", "total"):
        return None
    found = []
    for limit, upper in ((stance.at_worst, False), (stance.at_best, True)):
        if limit is not None:
            found.append(_fragility_at(measuring, metric, period, result, limit, upper))
    fewest = [f for f in found if f.customers is not None]
    return min(fewest, key=lambda f: f.customers or 0) if fewest else Fragility(None)


def _fragility_at(
    measuring: Measuring, metric: Metric, period: Period, result: Result, limit: float, upper: bool
) -> Fragility:
    observed = measuring.observations(metric, period).filter(_.tier == result.tier)
    # Oriented so that the better side is positive, for the upper limit the other way round.
    sign = -1.0 if (metric.better == "lower") != upper else 1.0
    own = observed.group_by("customer_id").agg(
        weight=((_.num.cast("float64") - limit * _.den.cast("float64")) * sign).sum().round(6)
    )
    facts = measuring.facts
    whole = float(facts.answer(own.agg(s=_.weight.cast(EXACT).sum()))[0]["s"] or 0)
    order = ibis.desc("weight") if whole >= 0 else ibis.asc("weight")
    named = measuring.facts.customers.select("customer_id", "name")
    top = own.order_by(order, "customer_id").limit(MOST).left_join(named, "customer_id")
    top = top.select("customer_id", "weight", shown=ibis.coalesce(top.name, top.customer_id))
    heaviest = facts.answer(top.order_by(order, "customer_id"))
    return flips(whole, [(r["shown"], float(r["weight"])) for r in heaviest], MOST)
