"""Verdict: an estimate held against a stance. One rule for strengths and weaknesses.

Three regions, and a fourth for not knowing:

         below      |   within   |   above
     ───────────────┼────────────┼───────────────▶ better
                  lower        upper

A sample must prove where it lies, with its whole interval; a fully counted tier
lies where its value lies. Only the words differ between the two kinds of stance.
"""

from __future__ import annotations

from math import inf, isclose, isnan
from typing import Literal

from scorecard.estimate import PROOF, evidence, minimum_n
from scorecard.intervals import LEVEL, nps, wilson
from scorecard.metric import Metric
from scorecard.results import Estimate, Limits, Reason, Region, Verdict, Words
from scorecard.strategy import Stance, StanceKind

Mode = Literal["sample", "census"]
POOL_AFTER = 2
"""Periods undecided before this one, after which pooled periods decide."""

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


def orient(metric: Metric, value: float) -> float:
    """The value turned so that larger is better: its negative where lower is better."""
    return -value if metric.better == "lower" else value


def limits(metric: Metric, stance: Stance) -> Limits:
    """The stance's limits turned so that larger is better; at_worst is always the lower one.

    Where neither direction is better they stay as written: at_worst the lower, at_best the upper.
    """
    worst, best = stance.at_worst, stance.at_best
    return Limits(
        None if worst is None else orient(metric, worst),
        None if best is None else orient(metric, best),
    )


def sensible_limits(metric: Metric, stance: Stance) -> str | None:
    """What is wrong with the limits of a stance, as a sentence; None when nothing is."""
    held = limits(metric, stance)
    if held.lower is None and held.upper is None:
        return f"{stance.key} has no limit; give at_worst, at_best or both."
    if held.lower is None or held.upper is None or _less(held.lower, held.upper):
        return None
    order = "larger than" if metric.better == "lower" else "smaller than"
    return f"{stance.key}: at_worst must be {order} at_best, because {_direction(metric)}."


def region(low: float, high: float, held: Limits) -> Region:
    """Where an oriented interval lies; a counted value is an interval without width.

    A limit that is not there is never passed: without a lower one nothing is
    below, without an upper one nothing above. Differences that only rounding
    makes (one in 10⁹) count as none, so that 7 of 10 is 70 %. ValueError for
    NaN, which compares with nothing and so would lie within.
    """
    if isnan(low) or isnan(high):
        raise ValueError("A figure that is not a number has no region.")
    if held.upper is not None and _less(held.upper, low):
        return "above"
    lower = -inf if held.lower is None else held.lower
    if _less(high, lower):
        return "below"
    return "straddle" if _less(low, lower) else "within"


def judge(
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
    pooled: Estimate | None = None,
) -> Verdict:
    """Hold an estimate against a stance.

    Gates come first: not measured, partial period, not mature, stale. In
    `census` mode the value alone decides. In `sample` mode the interval does,
    given the minimum of evidence; under it only "below" can be proven, from
    ten observations on. An interval that straddles the lower limit for the
    third period running (`undecided_before` ≥ 2) leaves the verdict to `pooled`.

    `periods_undecided` counts the periods running, with this one, in which the
    period's own interval straddled, also when the pooled one then decided: hand
    it back as `undecided_before` of the next period.
    """
    if reason := _gate(unmeasured, partial, mature, stale):
        return Verdict("too little evidence", None, reason)
    held = limits(metric, stance)
    if mode == "census":
        return _counted(metric, estimate, stance, held)
    found = _proven(metric, estimate, held)
    if found != "straddle":
        return _verdict(metric, estimate, stance, held, found)
    periods = undecided_before + 1
    if undecided_before >= POOL_AFTER and pooled is not None:
        together = _proven(metric, pooled, held) or "straddle"
        return _verdict(metric, pooled, stance, held, together, pooled=True, periods=periods)
    return _verdict(metric, estimate, stance, held, found, periods=periods)


def resolvable(metric: Metric, stance: Stance, usual_n: int) -> bool:
    """Whether the best conceivable period of the usual n could prove the stance's lower limit.

    A sample must reach the minimum of evidence; shares and survival must then
    pass with all of n (none, where lower is better), NPS with promoters only.
    Of other kinds no bound is known beforehand. A counted tier always resolves.
    """
    if (stance.evidence or metric.evidence) == "census":
        return True
    if usual_n < minimum_n(metric):
        return False
    lower = limits(metric, stance).lower
    best = _best_conceivable(metric, usual_n)
    return lower is None or best is None or not _less(best, lower)


def proves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The smallest x of n that proves a share of at least `limit`; None when not even n does."""
    return next((x for x in range(n + 1) if not _less(wilson(x, n, level)[0], limit)), None)


def disproves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The largest x of n that proves a share below `limit`; None when not even 0 does."""
    return next((x for x in range(n, -1, -1) if _less(wilson(x, n, level)[1], limit)), None)


def _gate(unmeasured: str, partial: bool, mature: bool, stale: bool) -> Reason:
    if unmeasured:
        return "not_measured"
    if partial:
        return "partial_period"
    if not mature:
        return "not_mature"
    return "stale" if stale else ""


def _counted(metric: Metric, found: Estimate, stance: Stance, held: Limits) -> Verdict:
    if found.value is None:
        return Verdict("too little evidence", None, "n_too_small")
    value = orient(metric, found.value)
    place = region(value, value, held)
    return Verdict(WORDS[stance.kind, place], place)


def _proven(metric: Metric, found: Estimate, held: Limits) -> Region | None:
    """The region the interval proves; None where there is too little of it to say."""
    if found.low is None and found.high is None:
        return None
    place = region(*_oriented(metric, found), held)
    if evidence(metric, found) >= minimum_n(metric):
        return place
    return place if place == "below" and _proof(metric, found) >= PROOF else None


def _proof(metric: Metric, found: Estimate) -> int:
    """What counts for an adverse verdict; losses before the horizon are evidence too."""
    return found.n if metric.kind == "survival" else evidence(metric, found)


def _verdict(
    metric: Metric,
    found: Estimate,
    stance: Stance,
    held: Limits,
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
    value = orient(metric, found.value)
    lean = region(value, value, held)
    # A single value cannot straddle; the comparison tells the type checker so.
    return Verdict(
        "too little evidence", place, reason, "" if lean == "straddle" else lean, pooled, periods
    )


def _oriented(metric: Metric, found: Estimate) -> tuple[float, float]:
    """The interval with larger better; a side that is not known reaches to infinity."""
    low = -inf if found.low is None else found.low
    high = inf if found.high is None else found.high
    return (-high, -low) if metric.better == "lower" else (low, high)


def _best_conceivable(metric: Metric, n: int) -> float | None:
    """The oriented worse end of the interval when every one of n is as good as can be."""
    if metric.kind in ("proportion", "survival"):
        low, high = wilson(n, n)[0], wilson(0, n)[1]
    elif metric.kind == "nps":
        low, high = nps(n, 0, n).low, nps(0, n, n).high
    else:
        return None
    return -high if metric.better == "lower" else low


def _less(a: float, b: float) -> bool:
    return a < b and not isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _direction(metric: Metric) -> str:
    if metric.better == "neither":
        return f"{metric.label} is held between the two"
    return f"{metric.better} is better for {metric.label}"
