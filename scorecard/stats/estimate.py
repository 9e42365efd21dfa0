"""Estimates: a tier's figure and interval from its sums, and how much evidence a verdict needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from math import isfinite

from scorecard.definitions.metric import Metric, MetricKind
from scorecard.definitions.results import Estimate, Sums
from scorecard.errors import DefinitionError, FactsError
from scorecard.stats.intervals import LEVEL, Interval, effective_n, nps, order_ranks, ratio, wilson

PROOF = 10
"""Observations from which on an adverse verdict can be proven; a favourable one needs more."""

# Defaults of this software. Under 30, shares are often withheld from official statistics; money
# has heavy tails and needs more.
_MINIMUM: dict[MetricKind, int] = {
    "proportion": 30,
    "mean": 30,
    "nps": 30,
    "ratio": 50,
    "total": 50,
    "survival": 10,
}
_QUANTILE_FLOOR = 20


def estimate(metric: Metric, sums: Sums) -> Estimate:
    """The figure and its 90 % interval, for every kind that sums suffice for.

    proportion  Σ num ÷ Σ den with Wilson's interval on the effective n
    mean, ratio Σ num ÷ Σ den, delta method with customers as clusters
    total       Σ num as `total`; the value is the mean per customer
    nps         promoters − detractors in points; adjusted Wald on the effective n
                (answers count as independent where the sums have no `dd`)

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
    if not all(map(isfinite, astuple(sums))):
        raise FactsError(
            f'Metric "{metric.name}": its sums are not finite numbers; '
            "look for NaN or infinite amounts in its facts."
        )
    found = work(sums) if sums.n > 0 else Estimate()
    return replace(_in_range(metric, found), n=sums.n, customers=sums.customers, sums=sums)


def pooled(metric: Metric, several: Sequence[Sums]) -> Estimate:
    """The estimate over several periods; a customer counts as a cluster in each of them."""
    return estimate(metric, sum(several, Sums()))


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

    Customers for ratios, totals and money (a single large one can move them),
    customers at risk at the horizon for survival, observations for the rest.
    """
    if metric.kind == "survival":
        return found.at_risk or 0
    by_customer = metric.kind in ("ratio", "total") or metric.unit.money
    return found.customers if by_customer else found.n


def _smallest_n(q: float) -> int:
    """The smallest n, from 20 on, at which the interval of quantile q exists."""
    n = _QUANTILE_FLOOR
    while order_ranks(n, q, LEVEL) is None:
        n += 1
    return n


def _proportion(sums: Sums) -> Estimate:
    if sums.den <= 0:
        return Estimate()
    share, n = sums.num / sums.den, effective_n(sums)
    low, high = wilson(share * n, n)
    return Estimate(share, low, high)


def _ratio(sums: Sums) -> Estimate:
    if sums.den <= 0:
        return Estimate()
    spread = ratio(sums)
    low, high = (spread.low, spread.high) if spread else (None, None)
    return Estimate(sums.num / sums.den, low, high)


def _total(sums: Sums) -> Estimate:
    # The mean per customer is a ratio whose denominator is 1 for every customer.
    each = float(sums.customers)
    mean = _ratio(replace(sums, den=each, dd=each, nd=sums.num))
    return replace(mean, total=sums.num)


def _nps(sums: Sums) -> Estimate:
    score = (sums.up - sums.down) / sums.n
    # Of one answer, which is +1, 0 or −1: the mean square less the square of the mean.
    variance = (sums.up + sums.down) / sums.n - score**2
    n = effective_n(sums, variance) if sums.dd > 0 else float(sums.n)
    spread = nps(sums.up * n / sums.n, sums.down * n / sums.n, n)
    # With three answers or fewer the adjusted interval can miss the printed score.
    low, high = min(spread.low, 100 * score), max(spread.high, 100 * score)
    return Estimate(100 * score, low, high)


_BY_KIND: dict[MetricKind, Callable[[Sums], Estimate]] = {
    "proportion": _proportion,
    "mean": _ratio,
    "ratio": _ratio,
    "total": _total,
    "nps": _nps,
}


def _in_range(metric: Metric, found: Estimate) -> Estimate:
    """The estimate with its interval clipped to the unit's range; the value stays inside it."""
    if found.value is None or found.low is None or found.high is None:
        return found
    low, high = _clip((found.low, found.high), found.value, metric.unit.low, metric.unit.high)
    return replace(found, low=low, high=high)


def _clip(span: Interval, value: float, least: float | None, most: float | None) -> Interval:
    low = span[0] if least is None else max(span[0], min(least, value))
    high = span[1] if most is None else min(span[1], max(most, value))
    return low, high
