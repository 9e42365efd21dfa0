"""Estimates: a tier's figure and interval from its sums, and how much evidence a verdict needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import floor, isfinite

from scorecard.definitions.metric import Metric, MetricKind
from scorecard.definitions.results import Estimate, Sums
from scorecard.errors import DefinitionError, FactsError
from scorecard.stats.intervals import (
    LEVEL,
    as_answers,
    clopper_pearson,
    effective_n,
    kish_n,
    on_scale,
    order_ranks,
    share_n,
)

PROOF = 10
"""Evidence from which on an adverse verdict can be proven; a favourable one needs more."""

# Defaults of this software. Under 30, shares are often withheld from official statistics.
_MINIMUM: dict[MetricKind, int] = {
    "proportion": 30,
    "mean": 30,
    "nps": 30,
    "ratio": 50,
    "total": 50,
    "survival": 10,
}
_QUANTILE_FLOOR = 20
_ROUNDING = 1e-9


def estimate(metric: Metric, sums: Sums, level: float = LEVEL) -> Estimate:
    """The figure and its interval of that level, for every kind that sums suffice for.

    proportion  Σ num ÷ Σ den
    nps         promoters − detractors in points, as places on a scale from −100 to 100
    mean        Σ num ÷ Σ den; an interval where the metric says its `scale`
    ratio       Σ num ÷ Σ den; an interval where it is a share of amounts: the unit is "share"
                and no customer's num is below 0 or above den
    total       Σ num as `total`; the value is the mean per customer; no interval

    Every interval is Clopper and Pearson's on an effective n. Amounts without bounds have
    none: no interval holds for means of such whatever their distribution (Bahadur and
    Savage 1956), and those in use fail for the skewed amounts that customers bring, see
    docs/evidence.md. Counted, they have their verdicts all the same.

    Without observations, or where the denominator is not positive, there is no
    value. DefinitionError for quantiles and survival, which need their tables;
    FactsError for sums that are not numbers, which would pass every limit.
    """
    try:
        work = _BY_KIND[metric.kind]
    except KeyError:
        raise DefinitionError(
            f'Metric "{metric.name}" is of kind "{metric.kind}", which sums do not suffice for; '
            "use order_ranks or survival_at."
        ) from None
    if not all(map(isfinite, vars(sums).values())):
        raise FactsError(
            f'Metric "{metric.name}": its sums are not finite numbers; '
            "look for NaN or infinite amounts in its facts."
        )
    found = work(metric, sums, level) if sums.n > 0 else Estimate()
    return replace(found, n=sums.n, customers=sums.customers, sums=sums)


def bounded(metric: Metric) -> bool:
    """Whether a sample of it can have an interval."""
    if metric.kind == "mean":
        return metric.scale is not None
    if metric.kind == "ratio":
        return metric.unit.name == "share"
    return metric.kind != "total"


def can_pool(metric: Metric) -> bool:
    """Whether periods can be judged together: their windows share no rows, and sums of several
    have an interval."""
    return metric.window == 0 and metric.kind in _BY_KIND and bounded(metric)


def minimum_n(metric: Metric) -> int:
    """The minimum of evidence for a favourable verdict, counted as `evidence` counts it.

    The metric's own minimum if it states one. For a quantile the smallest n
    at which its two-sided 90 % interval exists, and never below 20.
    """
    if metric.minimum > 0:
        return metric.minimum
    if metric.kind == "quantile":
        return _smallest_n(metric.q)
    return 50 if metric.unit.money else _MINIMUM[metric.kind]


def evidence(metric: Metric, found: Estimate) -> int:
    """How much evidence an estimate rests on, to be compared with `minimum_n`.

    Customers at risk at the horizon for survival, Kish's n for shares of amounts, customers
    for other amounts. For the rest the effective n or the customers, whichever is more:
    many answers of few customers are no more than these tell.
    """
    if metric.kind == "survival":
        return found.at_risk or 0
    if metric.kind in ("ratio", "total") or metric.unit.money:
        weighed = metric.kind == "ratio" and bounded(metric) and found.sums is not None
        return floor(kish_n(found.sums) + _ROUNDING) if weighed and found.sums else found.customers
    if found.sums is None:
        return min(found.n, found.customers or found.n)
    worth = floor(independent(metric, found.sums) + _ROUNDING)
    answers = floor(as_answers(found.sums).den + _ROUNDING)
    return min(found.n, max(worth, min(found.sums.clusters, answers)))


def independent(metric: Metric, sums: Sums) -> float:
    """How many independent answers the answers of a tier are worth."""
    if metric.kind == "nps":
        parts, within = _nps_parts(sums)
        return min(effective_n(parts, within), parts.den)
    if metric.kind == "mean" and metric.scale:
        return min(effective_n(on_scale(as_answers(sums), *metric.scale)), float(sums.n))
    if metric.kind == "mean":
        return float(sums.clusters)
    return share_n(sums)


def _smallest_n(q: float) -> int:
    """The smallest n, from 20 on, at which the interval of quantile q exists."""
    n = _QUANTILE_FLOOR
    while None in order_ranks(n, q, LEVEL):
        n += 1
    return n


def _proportion(_metric: Metric, sums: Sums, level: float) -> Estimate:
    if sums.den <= 0:
        return Estimate()
    share, n = sums.num / sums.den, share_n(sums, level)
    return Estimate(share, *clopper_pearson(share * n, n, level))


def _mean(metric: Metric, sums: Sums, level: float) -> Estimate:
    if sums.den <= 0:
        return Estimate()
    value = sums.num / sums.den
    if metric.scale is None or sums.clusters < 1:
        return Estimate(value)
    lowest, highest = metric.scale
    if not lowest <= value <= highest:
        return Estimate(value)
    parts = on_scale(as_answers(sums), lowest, highest)
    n = effective_n(parts, level=level)
    ends = clopper_pearson(parts.num / parts.den * n, n, level)
    low, high = (lowest + (highest - lowest) * end for end in ends)
    return Estimate(value, low, high)


def _ratio(metric: Metric, sums: Sums, level: float) -> Estimate:
    if sums.den <= 0:
        return Estimate()
    value = sums.num / sums.den
    if not bounded(metric) or not _inside(sums):
        return Estimate(value)
    n = kish_n(sums, level)
    return Estimate(value, *clopper_pearson(value * n, n, level))


def _inside(sums: Sums) -> bool:
    """Whether every customer's num can lie between 0 and den, as far as sums tell."""
    room = _ROUNDING * max(sums.dd, 1.0)
    return (
        0 <= sums.num <= sums.den * (1 + _ROUNDING) and sums.nn - room <= sums.nd <= sums.dd + room
    )


def _total(_metric: Metric, sums: Sums, _level: float) -> Estimate:
    value = sums.num / sums.customers if sums.customers > 0 else None
    return Estimate(value, total=sums.num)


def _nps(_metric: Metric, sums: Sums, level: float) -> Estimate:
    parts, within = _nps_parts(sums)
    n, part = effective_n(parts, within, level), parts.num / parts.den
    low, high = (200 * end - 100 for end in clopper_pearson(part * n, n, level))
    return Estimate(200 * part - 100, low, high)


def _nps_parts(sums: Sums) -> tuple[Sums, float]:
    """Answers as 0, ½ or 1, and Σ (answer − mean)² of them.

    Where nobody knows whose answers they are, every answer counts as a customer's own.
    """
    n = float(sums.n)
    if sums.dd <= 0:
        score = float(sums.up - sums.down)
        sums = replace(
            sums, customers=sums.n, num=score, den=n, nn=sums.up + sums.down, dd=n, nd=score
        )
    sums = as_answers(sums)
    spread = (sums.up + sums.down) / n - (sums.num / sums.den) ** 2
    return on_scale(sums, -1.0, 1.0), sums.den * max(0.0, spread) / 4


_BY_KIND: dict[MetricKind, Callable[[Metric, Sums, float], Estimate]] = {
    "proportion": _proportion,
    "mean": _mean,
    "ratio": _ratio,
    "total": _total,
    "nps": _nps,
}
