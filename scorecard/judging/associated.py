"""Associated: what the next period's margin of affected customers has to do with that they were.

Busy customers are affected more often than others, for they give more occasions, and they cost and
buy more too. So the customers whom a metric marked in the period before are held against others of
their tier who were as active then and earned as much in the year before that, by their margin in
the period that is reported: the first one that none of this can have shaped. Even so it is an
association and no effect; see docs/affected.md for what it gets wrong how often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.facts.currency import EXACT, SQUARED
from scorecard.facts.tables import Facts
from scorecard.facts.window import OpenWindow, Window
from scorecard.judging.affected import (
    Effect,
    How,
    TierSeen,
    Touched,
    hit_by_customer,
    margins,
    side_of,
)
from scorecard.measuring.measure import Measuring
from scorecard.stats.association import CLASSES, PARTS, Association, Cell, Moments, association
from scorecard.strategy.model import Stance

YEAR = 12
"""Months of earlier margin by which customers are alike."""
PRODUCTS = ("yy", "ym", "yc", "mm", "mc", "cc")


def associated(
    measuring: Measuring,
    metric: Metric,
    period: Period,
    result: Result,
    stance: Stance,
    found: Touched,
) -> Touched:
    """The same, with the association in place of margins by name where there are enough to compare.

    Those touched are those of the period before, by the limit of now.
    """
    if found.effect.kind != "few" or period.is_span:
        return found
    told = association(cells(measuring, metric, period, result, stance))
    return found if told is None else replace(found, effect=_summed(told))


def _summed(told: Association) -> Effect:
    mean, low, high = (x * told.matched for x in (told.mean, told.low, told.high))
    return Effect("association", mean, low, high, told.matched)


def cells(
    measuring: Measuring, metric: Metric, period: Period, result: Result, stance: Stance
) -> list[Cell]:
    """The customers of the tier whom the metric saw in the period before, in cells of those alike,
    by whether they were hit."""
    hit_in = period.previous()
    side, limit = side_of(result, stance)
    how = (metric.kind, metric.better, side, limit is None)
    tier = TierSeen(measuring, measuring.seen(metric, hit_in), hit_in, result.tier)
    before = hit_in.previous()
    windows = {
        "hit in": Window.of(hit_in, 0),
        "since": Window.of(period, 0),
        "year before": Window.of(before, YEAR),
    }
    values: dict[str, Any] = {"limit": limit or 0.0}
    for name, window in windows.items():
        values |= OpenWindow(name, period.kind).values(window)
    return [_cell(row) for row in tier.ask(_by_likeness, how, period.kind, **values)]


def _by_likeness(facts: Facts, _days: OpenWindow, rows: ir.Table, how: How, kind: Any) -> ir.Table:
    """Sums over customers by activity, part by earlier margin, and whether they were hit."""
    each = _joined(hit_by_customer(rows, how), _known_of_each(facts, kind))
    each = each.mutate(c=each.seen + each.contacts)
    each = each.mutate(**{name: each[name].fill_null(0).cast("float64").round(4) for name in "ymc"})
    order = ibis.window(order_by=["m", "customer_id"])
    begun = [(each.c < at, i) for i, at in enumerate(CLASSES)]
    activity = ibis.cases(*begun, else_=len(CLASSES))
    each = each.mutate(part=ibis.ntile(PARTS).over(order), activity=activity)
    sums: Mapping[str, Any] = {name: _[name].cast(EXACT).sum() for name in "ymc"}
    products = {p: (_[p[0]] * _[p[1]]).cast(SQUARED).sum() for p in PRODUCTS}
    return each.group_by("activity", "part", "hit").agg(n=_.count(), **sums, **products)


def _known_of_each(facts: Facts, kind: Any) -> ir.Table:
    """What every customer is compared by, whatever the metric: customer_id, y (margin since), m
    (margin of the year before), contacts."""
    return facts.shared(("alike", kind), lambda: _find_known_of_each(facts, kind))


def _find_known_of_each(facts: Facts, kind: Any) -> ir.Table:
    since, hit_in, year = (OpenWindow(n, kind) for n in ("since", "hit in", "year before"))
    each = facts.customers.select("customer_id").distinct()
    each = _joined(each, margins(facts, since, "y"))
    if facts.options.acquisition == "lifetime":  # whose margins are those of all time
        each = _joined(each, margins(facts, hit_in, "until"))
        each = each.mutate(y=each.y.fill_null(0) - each.until.fill_null(0))
    each = _joined(each, margins(facts, year, "m"))
    if not facts.has("interactions"):
        return each.select("customer_id", "y", "m", contacts=ibis.literal(0, "int64"))
    made = facts.interactions
    made = made.filter(hit_in.holds(made.opened_at) & made.customer_id.notnull())
    each = _joined(each, made.group_by("customer_id").agg(contacts=_.count()))
    return each.select("customer_id", "y", "m", contacts=_.contacts.fill_null(0).cast("int64"))


def _joined(each: ir.Table, other: ir.Table) -> ir.Table:
    return each.left_join(other, "customer_id").drop("customer_id_right")


def _cell(row: Mapping[str, Any]) -> Cell:
    names = ("n", *"ymc", *PRODUCTS)
    moments = Moments(**{name: float(row[name] or 0) for name in names})
    return Cell(int(row["activity"]), int(row["part"]), bool(row["hit"]), moments)
