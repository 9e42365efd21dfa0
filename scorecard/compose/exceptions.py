"""Exceptions: what was not as chosen, with the customers it touched, in the map's order."""

from __future__ import annotations

from scorecard.affected import Effect, Touched
from scorecard.compose.desk import Desk, flow
from scorecard.compose.sentences import judged
from scorecard.document import Affected, Item
from scorecard.gather import exceptional
from scorecard.metric import Metric
from scorecard.results import Result
from scorecard.strategy import Stance


def items(desk: Desk) -> tuple[Item, ...]:
    """One item per exception."""
    found = []
    for result in judged(desk):
        stance = desk.stance(result.metric, result.tier)
        if stance is not None and exceptional(result):
            found.append(_item(desk, result, stance))
    return tuple(found)


def _item(desk: Desk, result: Result, stance: Stance) -> Item:
    metric = desk.m.metrics[result.metric]
    cell = desk.cell(metric, result.tier)
    figure = desk.f.with_unit(metric, result.estimate.value)
    spread = f" ({cell.range})" if cell.range and cell.range != "counted" else ""
    touched = desk.m.touched.get((result.metric, result.tier))
    return Item(
        mark=stance.kind,
        metric=metric.name,
        label=metric.label,
        tier=desk.label(result.tier),
        region=cell.region,
        words=cell.words,
        figure=f"{figure}{spread}, {cell.n}" + (" counted" if cell.range == "counted" else ""),
        limit=desk.limits(metric, stance),
        signal=flow(result),
        owner=desk.owner_name(stance.owner),
        note=cell.note,
        affected=affected(desk, metric, stance, touched) if touched else None,
    )


def affected(desk: Desk, metric: Metric, stance: Stance, touched: Touched) -> Affected:
    """How many, who, how, and what it did to their margin."""
    f = desk.f
    count = f"{f.count(touched.customers)} of {f.count(touched.of)}"
    return Affected(count, touched.names, how(desk, metric, stance, touched), outcome(desk, touched.effect))


def how(desk: Desk, metric: Metric, stance: Stance, touched: Touched) -> str:
    """ "waited longer than the limit of 4 h"."""
    if touched.side == "favoured":
        return f"got better than {desk.f.with_unit(metric, stance.at_best)}"
    limit = desk.f.with_unit(metric, stance.at_worst)
    return metric.harm.replace("the limit", f"the limit of {limit}") or "fell short of the limit"


def outcome(desk: Desk, effect: Effect) -> str:
    """What it did to their customer margin, worded with its window and interval."""
    f = desk.f
    amount = "" if effect.amount is None else f.money(effect.amount)
    if effect.kind == "sum":
        return f"{amount} customer margin in {f.period(desk.m.period)}"
    if effect.kind == "worth":
        return f"worth {amount} a year when the year began"
    if effect.kind == "few":
        return "not estimated: under 30 customers"
    if effect.kind == "unknown" or effect.low is None or effect.high is None:
        return "margin not known"
    span = f"({f.money(effect.low)} to {f.money(effect.high)})"
    if effect.low <= 0 <= effect.high:
        return f"not distinguishable from zero {span}"
    return f"{amount} {span} against the period before, beyond the tier's others"
