"""Digits: the unit of time that figures are printed in together, and how many decimals they need
beside their limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Verdict
from scorecard.definitions.units import Unit
from scorecard.documents.formats import LEAST_SHOWN, SPANS, as_printed
from scorecard.strategy.limits import less, limits, orient
from scorecard.strategy.model import Stance

MOST = 15
"""Decimals that a float can have."""
_FEW = 10
"""From so many minutes or seconds on they are printed without decimals."""

MOST_SECONDS = 600
"""A row with more seconds than this is printed in minutes."""


def in_one_span(metric: Metric, values: Iterable[float | None]) -> Metric:
    """The metric, in seconds or minutes where its hours are too small to be printed as such.

    One span of time for all the values of a row, so that they can be compared: the coarsest in
    which the largest is 1 or more and none but zero is printed as zero; seconds where some
    are less than a minute and none is many, so that 48 s is not 0.8 min.
    """
    known = [abs(v) for v in values if v is not None]
    if metric.unit.name != "hours" or not known:
        return metric
    largest, smallest = max(known), min([v for v in known if v] or [0.0])
    enough = (span for span, n in SPANS.items() if largest * n >= 1 and smallest * n >= LEAST_SHOWN)
    name = next(enough, "seconds")
    if name == "minutes" and smallest * 60 < 1 and largest * 3600 <= MOST_SECONDS:
        name = "seconds"
    if name == "hours":
        return metric
    factor = SPANS[name]
    places = 0 if largest * factor >= _FEW and smallest * factor >= 1 else 1
    if name == "seconds" and not any(v * factor % 1 for v in known):
        places = 0
    return replace(metric, unit=Unit(name, (), 0.0, None, places), places=places)


def places_beside_limits(
    metric: Metric,
    value: float | None,
    stance: Stance | None,
    least: int,
    end: float | None = None,
) -> int:
    """The decimals, `least` or more, with which a value is printed on its own side of each limit.

    A value outside its limits is printed outside of them, and one inside inside; so is `end`, the
    end of the interval that proves a miss.
    """
    if stance is None:
        return least
    shown = [v for v in (value, end) if v is not None]
    for places in range(least, MOST):
        if all(
            _place(metric, as_printed(metric, v, places), stance) == _place(metric, v, stance)
            for v in shown
        ):
            return places
    return MOST


def proving_end(
    metric: Metric, found: Estimate, verdict: Verdict | None, census: bool
) -> float | None:
    """The end of the interval that lies outside a limit, of a verdict that says so; else None."""
    region = verdict.region if verdict is not None and not verdict.pooled else None
    if census or region in (None, "within", "straddle"):
        return None
    upper = (region == "below") != (metric.better == "lower")
    return found.high if upper else found.low


def _place(metric: Metric, value: float, stance: Stance) -> str:
    bounds, at = limits(metric, stance), orient(metric, value)
    if bounds.lower is not None and less(at, bounds.lower):
        return "below"
    return "above" if bounds.upper is not None and less(bounds.upper, at) else "within"
