"""Limits of a stance, turned so that larger is better, and whether evidence can prove them."""

from __future__ import annotations

from math import isclose
from typing import Protocol

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Limits
from scorecard.stats.estimate import bounded, minimum_n
from scorecard.stats.intervals import clopper_pearson
from scorecard.strategy.model import Stance


class Limited(Protocol):
    """What has limits in a metric's base unit and its own direction, as a stance."""

    @property
    def at_worst(self) -> float | None: ...

    @property
    def at_best(self) -> float | None: ...


def orient(metric: Metric, value: float) -> float:
    """The value turned so that larger is better: its negative where lower is better."""
    return -value if metric.better == "lower" else value


def limits(metric: Metric, of: Limited) -> Limits:
    """Limits, as those of a stance, turned so that larger is better: at_worst the lower one.

    Where neither direction is better they stay as written, at_worst the lower of the two.
    """
    worst, best = of.at_worst, of.at_best
    return Limits(
        None if worst is None else orient(metric, worst),
        None if best is None else orient(metric, best),
    )


def less(a: float, b: float) -> bool:
    """Whether a is smaller than b by more than rounding, which is one in 10⁹."""
    return a < b and not isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def resolvable(metric: Metric, stance: Stance, usual_n: int) -> bool:
    """Whether the best conceivable result of `usual_n` observations proves the lower limit.

    A sample must reach the minimum of evidence, and its metric have an interval. The best
    result is then all of n for shares, survival, NPS and means on a scale (none where lower is
    better); quantiles have no best, so they pass. A census always does.
    """
    if (stance.evidence or metric.evidence) == "census":
        return True
    if usual_n < minimum_n(metric) or not bounded(metric):
        return False
    lower = limits(metric, stance).lower
    best = _best_conceivable(metric, usual_n)
    return lower is None or best is None or not less(best, lower)


def _best_conceivable(metric: Metric, n: int) -> float | None:
    """The worse end of the interval, oriented, if all n are as good as can be; None: no bound."""
    if metric.kind == "quantile":
        return None
    least, most = (-100.0, 100.0) if metric.kind == "nps" else metric.scale or (0.0, 1.0)
    worst = clopper_pearson(0, n)[1] if metric.better == "lower" else clopper_pearson(n, n)[0]
    return orient(metric, least + (most - least) * worst)
