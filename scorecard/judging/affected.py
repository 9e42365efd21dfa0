"""Customers affected by a verdict: whom it touched, what became of their margin, and on whom a
counted verdict rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Fragility, Result
from scorecard.facts.currency import EXACT
from scorecard.facts.statements import slot
from scorecard.facts.tables import Facts
from scorecard.facts.window import OpenWindow, Window
from scorecard.measuring.measure import Measuring
from scorecard.measuring.observed import SEEN, Seen
from scorecard.stats.fragility import flips
from scorecard.strategy.model import Stance
from scorecard.tiers.margin import margin_of, money

NAMES = 5
"""Touched customers that are named."""
MOST = 20
"""A verdict that rests on more customers than this is not called fragile."""
MONEY = ("transactions", "costs")
"""The tables without which no margin is known."""
Side = Literal["harmed", "favoured"]


@dataclass(frozen=True)
class Effect:
    """What is known of the margin of the customers that an exception touched.

    kind "association"  by how much the margin of those touched in the period before differs from
                        that of others alike, summed over these `customers`; 95 % interval. It is
                        no effect: see `judging.associated`
         "few"     fewer than thirty to compare: the margin of those named in the period before
                   and in this one
         "sum"     their own margin in the period
         "worth"   their yearly value, as frozen with their tier
         "unknown" margin is not known
    """

    kind: Literal["association", "few", "sum", "worth", "unknown"]
    amount: float | None = None
    low: float | None = None
    high: float | None = None
    customers: int = 0
    margins: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Touched:
    """The customers touched, of how many observed in the tier, and the most valuable by name; the
    margins of `effect` are theirs, in this order."""

    customers: int
    of: int
    names: tuple[str, ...]
    side: Side
    effect: Effect


def touched(
    measuring: Measuring, metric: Metric, period: Period, result: Result, stance: Stance
) -> Touched:
    """The customers a verdict touched: the harmed, or the favoured where they were over-served.

    What became of their margin is told by name; see `judging.associated` for more.
    """
    tier = TierSeen(measuring, measuring.seen(metric, period), period, result.tier)
    side, limit = side_of(result, stance)
    how = (metric.kind, metric.better, side, limit is None)
    groups = {bool(r["hit"]): r for r in tier.ask(_by_hit, how, limit=limit or 0.0)}
    named = tier.ask(_named, how, limit=limit or 0.0)
    hit = int(groups[True]["n"]) if True in groups else 0
    of = sum(int(group["n"]) for group in groups.values())
    effect = _effect(measuring.facts, metric, groups, named)
    return Touched(hit, of, tuple(row["shown"] for row in named), side, effect)


def side_of(result: Result, stance: Stance) -> tuple[Side, float | None]:
    """Which side is looked at, and its limit, if it has one."""
    if result.verdict is not None and result.verdict.region == "above":
        return "favoured", stance.at_best
    return "harmed", stance.at_worst


How = tuple[str, str, Side, bool]
"""A metric's kind, its better direction, the side that is looked at, and whether that side has
no limit."""
Question = Callable[..., ir.Table]


@dataclass(frozen=True)
class TierSeen:
    """What a metric saw in a period of one tier's customers.

    What is asked of it is compiled once for all metrics, tiers and limits that look alike.
    """

    measuring: Measuring
    seen: Seen
    period: Period
    tier: str

    def ask(self, question: Question, *how: Any, **values: Any) -> list[dict[str, Any]]:
        """The answer to a question about the tier's rows, with these values in its slots."""
        facts = self.measuring.facts
        observed, days = self.seen.placed(facts), OpenWindow("period", self.period.kind)

        def build() -> ir.Table:
            rows = ibis.table(observed.schema, name=SEEN)
            return question(facts, days, rows.filter(_.tier == slot("tier", "string")), *how)

        asked = facts.statement((question, how, observed.schema), build)
        statement = asked.over(SEEN, observed.statement)
        known = {**days.values(Window.of(self.period, 0)), **self.seen.values}
        return facts.asked(statement, {**known, "tier": self.tier, **values})


def hit_by_customer(rows: ir.Table, how: How) -> ir.Table:
    """One row per customer: whether it was hit, its value, and how often it was `seen`.

    Harmed are those whom the metric marks (column `affected`); without marks, and for the
    favoured, the limit or the single observations tell.
    """
    kind, better, side, unlimited = how
    if side == "harmed" and "affected" in rows.columns:
        return _any_row_hit(rows, rows.affected.fill_null(False))
    if unlimited and kind in ("total", "ratio", "mean", "quantile"):
        return _any_row_hit(rows, ibis.literal(False))
    limit = slot("limit", "float64")
    if kind in ("total", "ratio", "mean"):
        own = rows.group_by("customer_id").agg(
            value=_.value.max(), over=(rows.num - rows.den * limit).sum(), seen=_.count()
        )
        upward = (side == "favoured") == (better != "lower")
        hit = own.over > 0 if upward else own.over < 0
        return own.mutate(hit=hit.fill_null(False)).drop("over")
    return _any_row_hit(rows, _row_hit(rows, how))


def _row_hit(rows: ir.Table, how: How) -> Any:
    """True where a single observation was on the bad side, or on the good one."""
    kind, better, side, _unlimited = how
    if kind == "survival":
        return rows.lost if side == "harmed" else ~rows.lost
    if kind == "quantile":
        above, below = (rows.num > slot("limit", "float64")), (rows.num < slot("limit", "float64"))
        bad, good = (above, below) if better == "lower" else (below, above)
        return bad if side == "harmed" else good
    if kind == "nps":
        return rows.num < 0 if side == "harmed" else rows.num > 0
    missed, met = rows.num < rows.den, rows.num > 0
    bad, good = (met, missed) if better == "lower" else (missed, met)
    return bad if side == "harmed" else good


def _any_row_hit(rows: ir.Table, hit: Any) -> ir.Table:
    marked = rows.mutate(hit=hit.fill_null(False))
    return marked.group_by("customer_id").agg(value=_.value.max(), hit=_.hit.any(), seen=_.count())


def _named(facts: Facts, days: OpenWindow, rows: ir.Table, how: How) -> ir.Table:
    """The most valuable customers that were hit, as they are printed, in order, and the margin of
    each in the period before and in this one."""
    hit = hit_by_customer(rows, how).filter(_.hit)
    named = facts.customers.select("customer_id", "name")
    top = hit.left_join(named, "customer_id").drop("customer_id_right")
    top = top.mutate(shown=ibis.coalesce(top.name, top.customer_id))
    order = (ibis.desc("value", nulls_first=False), "customer_id")
    top = top.order_by(*order).limit(NAMES)
    if facts.missing(MONEY):
        return top.select("shown")
    for name, window in (("before", days.earlier()), ("now", days)):
        top = top.left_join(margins(facts, window, name), "customer_id").drop("customer_id_right")
    amounts = {name: top[name].fill_null(0).cast("float64") for name in ("before", "now")}
    return top.mutate(**amounts).order_by(*order).select("shown", "before", "now")


def _by_hit(facts: Facts, days: OpenWindow, rows: ir.Table, how: How) -> ir.Table:
    """How many customers were hit and were not, their worth, and their margin in the period."""
    each = hit_by_customer(rows, how)
    worth = _.value.cast(EXACT).sum()
    if facts.missing(MONEY):
        return each.group_by("hit").agg(n=_.count(), worth=worth)
    joined = each.left_join(margins(facts, days, "own"), "customer_id")
    return joined.group_by("hit").agg(n=_.count(), worth=worth, own=_.own.sum())


def margins(facts: Facts, days: OpenWindow, name: str) -> ir.Table:
    """The margin of every customer in a window, in a column of that name."""
    return money(facts, days).select("customer_id", **{name: margin_of(_)})


def _effect(
    facts: Facts,
    metric: Metric,
    groups: dict[bool, dict[str, Any]],
    named: list[dict[str, Any]],
) -> Effect:
    if facts.missing(MONEY):
        return Effect("unknown")
    touched = groups.get(True, {})
    if metric.family == "retention":
        return Effect("worth", float(touched.get("worth") or 0))
    if metric.family == "margin":
        return Effect("sum", float(touched.get("own") or 0))
    return Effect("few", margins=tuple((row["before"], row["now"]) for row in named))


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
    # Oriented so that the better side is positive, for the upper limit the other way round.
    sign = -1.0 if (metric.better == "lower") != upper else 1.0
    tier = TierSeen(measuring, measuring.seen(metric, period), period, result.tier)
    heaviest = tier.ask(_weights, limit=float(limit), sign=sign)
    whole = float(heaviest[0]["whole"] or 0) if heaviest else 0.0
    heaviest.sort(key=lambda r: (-r["weight"] if whole >= 0 else r["weight"], r["customer_id"]))
    return flips(whole, [(r["shown"], float(r["weight"])) for r in heaviest], MOST)


def _weights(facts: Facts, _days: OpenWindow, rows: ir.Table) -> ir.Table:
    """The customers that weigh most on the side of the verdict, and what all weigh together."""
    limit, sign = slot("limit", "float64"), slot("sign", "float64")
    each = (rows.num.cast("float64") - rows.den.cast("float64") * limit) * sign
    own = rows.group_by("customer_id").agg(weight=each.sum().round(6))
    whole = own.agg(whole=own.weight.cast(EXACT).sum())
    joined = own.cross_join(whole)
    side = (joined.whole < 0).ifelse(joined.weight, -joined.weight)
    top = joined.mutate(side=side).order_by("side", "customer_id").limit(MOST)
    named = facts.customers.select("customer_id", "name")
    joined = top.left_join(named, "customer_id")
    shown = ibis.coalesce(joined.name, joined.customer_id)
    return joined.select("customer_id", "weight", "whole", shown=shown)
