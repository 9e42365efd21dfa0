"""The verdict: an estimate judged by a stance, with one rule for strengths and weaknesses.

Three regions, and a fourth, "straddle", for not knowing:

         below      |   within   |   above
     ───────────────┼────────────┼───────────────▶ better
                  lower        upper

A sample must prove where it lies, with its whole interval; a fully counted tier
lies where its value lies. Only the words differ between the two kinds of stance.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isnan
from typing import Literal

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Limits, Reason, Region, Verdict, Words
from scorecard.stats.estimate import PROOF, evidence, minimum_n
from scorecard.strategy.limits import less, limits
from scorecard.strategy.model import Stance, StanceKind

Mode = Literal["sample", "census"]
POOL_AFTER = 2
"""Periods in a row that were undecided before this one, from which on pooled periods decide."""

WORDS: dict[tuple[StanceKind, Region], Words] = {
    ("strength", "below"): "not delivered",
    ("strength", "within"): "delivered",
    ("strength", "above"): "over-served",
    ("strength", "straddle"): "too little evidence",
    ("weakness", "below"): "beyond acceptance",
    ("weakness", "within"): "as accepted",
    ("weakness", "above"): "over-served",
    ("weakness", "straddle"): "too little evidence",
}


def region(low: float, high: float, bounds: Limits) -> Region:
    """The region in which an oriented interval lies; a counted value is one without width.

    A limit that is not there is never passed: without a lower one nothing is
    below, without an upper one nothing is above. Differences by rounding (one
    in 10⁹) count as none, so that 7 of 10 is 70 %. ValueError for NaN, which
    compares as false with everything and so would lie within.
    """
    if isnan(low) or isnan(high):
        raise ValueError("A figure that is not a number has no region.")
    if bounds.upper is not None and less(bounds.upper, low):
        return "above"
    lower = -inf if bounds.lower is None else bounds.lower
    if less(high, lower):
        return "below"
    return "straddle" if less(low, lower) else "within"


def verdict_of(
    metric: Metric,
    estimate: Estimate,
    stance: Stance,
    *,
    mode: Mode,
    unmeasured: str = "",
    mature: bool = True,
    stale: bool = False,
    partial: bool = False,
    undecided_before: int = 0,
    pooled: Callable[[], Estimate | None] = lambda: None,
) -> Verdict:
    """The verdict on an estimate by a stance.

    Gates come first: not measured, partial period, not mature, stale. In
    `census` mode the value alone decides. In `sample` mode the interval does,
    given the minimum of evidence; under it only "below" can be proven, from
    ten observations on. An interval that straddles the lower limit for the
    third period running (`undecided_before` ≥ 2) leaves the verdict to what `pooled`
    finds over several periods.

    `periods_undecided` counts the periods running, with this one, in which the
    period's own interval straddled, also when the pooled one then decided: hand
    it back as `undecided_before` of the next period.
    """
    if reason := _gate(unmeasured, partial, mature, stale):
        return Verdict("too little evidence", None, reason)
    bounds = limits(metric, stance)
    if mode == "census":
        return _counted(metric, estimate, stance, bounds)
    found = _proven(metric, estimate, bounds)
    if found != "straddle":
        return _verdict(metric, estimate, stance, bounds, found)
    periods = undecided_before + 1
    several = pooled() if undecided_before >= POOL_AFTER else None
    if several is not None:
        together = _proven(metric, several, bounds) or "straddle"
        return _verdict(metric, several, stance, bounds, together, pooled=True, periods=periods)
    return _verdict(metric, estimate, stance, bounds, found, periods=periods)


def place_of(metric: Metric, found: Estimate, bounds: Limits, mode: Mode) -> Region | None:
    """Where an estimate lies, if its evidence shows it; None or "straddle" where it does not."""
    if mode == "sample":
        return _proven(metric, found, bounds)
    return None if found.value is None else region(*_known(metric, found, found.value), bounds)


def _gate(unmeasured: str, partial: bool, mature: bool, stale: bool) -> Reason:
    if unmeasured:
        return "not_measured"
    if partial:
        return "partial_period"
    if not mature:
        return "not_mature"
    return "stale" if stale else ""


def _counted(metric: Metric, found: Estimate, stance: Stance, bounds: Limits) -> Verdict:
    if found.value is None:
        return Verdict("too little evidence", None, "n_too_small")
    place = place_of(metric, found, bounds, "census")
    if place is None or place == "straddle":  # what is not over yet will be more
        return Verdict("too little evidence", place, "straddles_limit")
    return Verdict(WORDS[stance.kind, place], place)


def _proven(metric: Metric, found: Estimate, bounds: Limits) -> Region | None:
    """The region that the interval proves; None where there is too little evidence."""
    if found.low is None and found.high is None:
        return None
    place = region(*oriented(metric, found), bounds)
    if evidence(metric, found) >= minimum_n(metric):
        return place
    return place if place == "below" and _adverse_evidence(metric, found) >= PROOF else None


def _adverse_evidence(metric: Metric, found: Estimate) -> int:
    """How much evidence an adverse verdict rests on; losses before the horizon count too."""
    return found.n if metric.kind == "survival" else evidence(metric, found)


def _verdict(
    metric: Metric,
    found: Estimate,
    stance: Stance,
    bounds: Limits,
    place: Region | None,
    *,
    pooled: bool = False,
    periods: int = 0,
) -> Verdict:
    if place is not None and place != "straddle":
        return Verdict(WORDS[stance.kind, place], place, pooled=pooled, periods_undecided=periods)
    reason: Reason = "n_too_small" if place is None else "straddles_limit"
    if found.value is None:
        return Verdict("too little evidence", place, reason, "", pooled, periods)
    lean = region(*_known(metric, found, found.value), bounds)
    # A single value straddles where it is only the least that it will be: then it leans nowhere.
    return Verdict(
        "too little evidence", place, reason, "" if lean == "straddle" else lean, pooled, periods
    )


def _known(metric: Metric, found: Estimate, value: float) -> tuple[float, float]:
    """The value with larger better; one that will be more reaches to infinity."""
    return oriented(metric, Estimate(low=value, high=None if found.beyond else value))


def oriented(metric: Metric, found: Estimate) -> tuple[float, float]:
    """The interval with larger better; a side that is not known reaches to infinity."""
    low = -inf if found.low is None else found.low
    high = inf if found.high is None else found.high
    return (-high, -low) if metric.better == "lower" else (low, high)
