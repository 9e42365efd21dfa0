"""Exceptions: choices that were not kept or moved unusually, with the customers affected.

They come in the order of the stance map.
"""

from __future__ import annotations

from dataclasses import replace

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents import vacancies
from scorecard.documents.cells import cell, flow
from scorecard.documents.grammar import agreeing, shortened
from scorecard.documents.model import Cell
from scorecard.documents.packet_model import Affected, Item
from scorecard.documents.report_data import exceptional
from scorecard.documents.sentences import judged
from scorecard.documents.trends import ranked, trend
from scorecard.documents.view import ReportView
from scorecard.judging.affected import Effect, Touched
from scorecard.strategy.model import Stance

SINGLE = ("quantile", "total", "ratio", "mean")
"""Kinds of metrics of which one customer's own figure can be compared with the limit."""


def items(view: ReportView) -> tuple[Item, ...]:
    """One item per exception, with its trend."""
    found = []
    for result in judged(view):
        stance = view.stance(result.metric, result.tier)
        if stance is not None and exceptional(result):
            told = item(view, result, stance)
            found.append((told, trend(view, result, stance, told), _reached(view, told, result)))
    ranks = iter(ranked([(t, customers) for _item, t, customers in found if t is not None]))
    return tuple(replace(told, trend=next(ranks)) if t else told for told, t, _customers in found)


def _reached(view: ReportView, told: Item, result: Result) -> int:
    """How many customers an exception affected."""
    touched = view.data.touched.get((result.metric, result.tier))
    return touched.customers if touched is not None and told.affected is not None else 0


def item(view: ReportView, result: Result, stance: Stance) -> Item:
    """An exception as it is told, without its trend."""
    metric = view.data.metrics[result.metric]
    shown = cell(view, metric, result.tier)
    return Item(
        mark=stance.kind,
        metric=metric.name,
        label=metric.label,
        tier=view.label(result.tier),
        region=shown.region,
        words=shown.words,
        figure=_figure(view, metric, result, shown),
        limit=view.limits(metric, stance),
        signal=signal(view, result),
        owner=vacancies.told(view, stance.owner),
        note=shown.note,
        affected=affected(view, metric, result, stance),
    )


def _figure(view: ReportView, metric: Metric, result: Result, shown: Cell) -> str:
    """ "5.8 h (5.1–6.6), n 1,204", or "€86, all 1,502 customers" where counted."""
    if result.estimate.value is None:
        return shown.text
    figure = view.formats.attach(view.printed(metric), shown.text)
    if result.mode == "census":
        all_of = {1: "the one customer", 2: "both customers"}
        return f"{figure}, {all_of.get(result.estimate.customers, f'all {shown.n} customers')}"
    spread = f" ({shown.range})" if shown.range else ""
    return f"{figure}{spread}, {shown.n}"


def signal(view: ReportView, result: Result) -> str:
    """ "exceptional, unfavourable: beyond the natural limits, made anew from 1 Mar 2026 (a new
    tariff)"."""
    said, base = flow(result), result.signal.baseline
    if not result.signal.flow or not result.signal.rule:
        return said
    said = f"{said}: {result.signal.rule}"
    if base is None or base.since is None:
        return said
    return f"{said}, made anew from {view.formats.day(base.since)} ({base.reason.rstrip('.')})"


UNNAMED = "not named: their answers are confidential"


def affected(view: ReportView, metric: Metric, result: Result, stance: Stance) -> Affected | None:
    """The customers affected: number, names, how, and their margin; None where nobody was."""
    touched = view.data.touched.get((result.metric, result.tier))
    if touched is None or not touched.customers:
        return None
    if _gained(result) and touched.side == "harmed":
        return None
    count = f"{view.formats.count(touched.customers)} of {view.formats.count(touched.of)}"
    if touched.of == 1:
        count = "The one customer"
    effect = touched.effect
    said = outcome(view, metric, effect)
    # The worth of a customer is a margin too, where tiers are made by it.
    by_margin = view.data.strategy.plan.method == "margin_percentile"
    if view.margin_unknown(result.tier) and (effect.kind != "worth" or by_margin):
        said, effect = "margin not known", Effect("unknown")
    names = _beside(view, tuple(shortened(name) for name in touched.names), effect)
    rest = touched.customers - len(names)
    more = f"and {view.formats.count(rest)} more" if names and rest > 0 else ""
    if metric.confidential:
        more = UNNAMED
    said_how = agreeing(touched.customers, how(view, metric, stance, touched))
    return Affected(count, names, said_how, said, more)


def _gained(result: Result) -> bool:
    """Whether a kept choice moved for the better, by which nobody was harmed."""
    kept = result.verdict is not None and result.verdict.region == "within"
    return kept and result.signal.flow == "exceptional, favourable"


def how(view: ReportView, metric: Metric, stance: Stance, touched: Touched) -> str:
    """ "waited longer than the limit of 4 h"; of over-served customers, what would be enough."""
    favoured = touched.side == "favoured"
    limit = stance.at_best if favoured else stance.at_worst
    if favoured:
        enough = (
            "less would have been" if limit is None else f"{view.limit(metric, stance, limit)} is"
        )
        if metric.kind in SINGLE and limit is not None:
            return f"got more than we chose: better than {view.limit(metric, stance, limit)}"
        return f"had the better outcome; {enough} enough"
    if limit is None or metric.kind not in SINGLE:
        return metric.harm or "fell short"
    named = f"the limit of {view.limit(metric, stance, limit)}"
    return metric.harm.replace("the limit", named) or f"fell short of {named}"


def outcome(view: ReportView, metric: Metric, effect: Effect) -> str:
    """What is known of the margin of the customers affected, with its interval."""
    f = view.formats
    if effect.kind == "few":
        by_name = ", then and now by name" if effect.margins else ""
        return f"not estimated: under 30 customers to compare{by_name}"
    if effect.amount is None:
        return "margin not known"
    if effect.kind == "sum":
        return f"{f.money(effect.amount)} of customer margin in the period"
    if effect.kind == "worth":
        return _worth(view, metric, effect.amount)
    if effect.low is None or effect.high is None:
        return "margin not known"
    cents = f.cents(effect.low, effect.high, effect.amount)
    span = f"({f.money(effect.low, cents)} to {f.money(effect.high, cents)}, 95 %)"
    affected = f"{f.count(effect.customers)} affected in the last"
    of = f"this period's margin of {affected}, against others alike"
    if effect.low <= 0 <= effect.high:
        return f"association not distinguishable from zero {span}: {of}"
    return f"{f.money(effect.amount, cents)} {span}, an association: {of}"


def _beside(view: ReportView, names: tuple[str, ...], effect: Effect) -> tuple[str, ...]:
    """Names, each with its margin in the period before and in this one where these are told."""
    f, known = view.formats, effect.margins
    if len(known) != len(names):
        return names
    cents = f.cents(*(amount for both in known for amount in both))
    return tuple(
        f"{name} ({f.money(before, cents)}, now {f.money(now, cents)})"
        for name, (before, now) in zip(names, known, strict=True)
    )


def _worth(view: ReportView, metric: Metric, amount: float) -> str:
    """Their value by which the tier was frozen: a year's margin, or a year's purchases."""
    trailing = metric.window and metric.attribution == "opening"
    began = f"{metric.window} months" if trailing else "period"
    when = f"when the {began} began"
    if view.data.strategy.plan.method != "margin_percentile":
        return f"bought for {view.formats.money(amount)} a year {when}"
    if amount < 0:
        return f"cost {view.formats.money(-amount)} a year more than they brought in {when}"
    return f"earned {view.formats.money(amount)} of margin a year {when}"
