"""How often routine figures are called exceptional: measured, and what that makes of a packet.

The rates are those of docs/signals.md, by tests/signal_error_rates.py, of series that have no
surprise in them. Whether a figure's own series is like that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Signal

RATES: Mapping[str, tuple[float, float, float]] = {
    "share": (0.004, 0.001, 0.004),
    "events": (0.004, 0.003, 0.006),
    "amount": (0.0075, 0.005, 0.0065),
    "other": (0.001, 0.002, 0.006),
    "seasonal": (0.004, 0.002, 0.006),
}
"""Exceptional figures among routine ones with 6–11, 12–23, and 24 earlier figures or more. An
amount is money or another figure without an upper end, which leans to the right; events are those
of so many customers. Each is the mean of the measured series of its kind."""


def rate(metric: Metric, signal: Signal) -> float:
    """The rate for one figure; 0 where it has no limits yet."""
    if not signal.flow:
        return 0.0
    stage = 0 if signal.provisional else 1 if signal.points < 24 else 2
    if signal.baseline is not None and signal.baseline.season == "taken out":
        return RATES["seasonal"][stage]
    if metric.kind == "proportion" or metric.counts:
        return RATES["events" if metric.counts else "share"][stage]
    leaning = metric.unit.high is None and metric.kind in ("total", "quantile", "ratio")
    return RATES["amount" if leaning else "other"][stage]


def expected(figures: Iterable[tuple[Metric, Signal]]) -> tuple[int, float]:
    """The number of figures with limits, and how many of them chance alone makes exceptional."""
    rates = [rate(metric, signal) for metric, signal in figures if signal.flow]
    return len(rates), sum(rates)
