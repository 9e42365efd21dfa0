"""Signal: whether the newest point is routine variation or exceptional (XmR chart).

Limits come from the process itself: the mean of its points and the mean of the
moves between them. What lies inside says nothing about this period in
particular, however good or bad it is. Source: Wheeler, Understanding Variation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Flow, Signal
from scorecard.definitions.units import Unit

LEAST, FULL, LOCKED = 6, 12, 24
"""Points for provisional limits, for full ones, and after which the baseline no longer moves."""


@dataclass(frozen=True)
class Process:
    """Natural limits in the points' own unit; `mean_range` is the mean absolute move."""

    centre: float
    mean_range: float
    lower: float
    upper: float
    range_limit: float


def limits(points: Sequence[float]) -> Process:
    """Centre ± 2.66 mean moves, and 3.27 of them as the limit of one move.

    ValueError with fewer than two points, where there is no move.
    """
    if len(points) < 2:
        raise ValueError("Process limits need at least two points.")
    centre = sum(points) / len(points)
    moves = [abs(b - a) for a, b in pairwise(points)]
    mean = sum(moves) / len(moves)
    return Process(centre, mean, centre - 2.66 * mean, centre + 2.66 * mean, 3.27 * mean)


def signal(points: Sequence[float | None], current: float | None, metric: Metric) -> Signal:
    """Judge the newest point by the limits of those before it.

    `points` are the earlier values, oldest first; periods without a figure are
    passed over. The first 24 are the baseline. Fewer than 6 give no limits, 6
    to 11 provisional ones. Without a current value there are limits but no
    flow. Only rules that the newest point takes part in can fire.
    """
    earlier = [p for p in points if p is not None]
    if len(earlier) < LEAST:
        return Signal(points=len(earlier))
    process = limits(earlier[:LOCKED])
    rule, side = _fired([*earlier, current], process) if current is not None else ("", 0)
    lower, upper = _clipped(process, metric.unit)
    return Signal(
        flow="" if current is None else _flow(side, metric),
        provisional=len(earlier) < FULL,
        centre=process.centre,
        lower=lower,
        upper=upper,
        rule=rule,
        points=len(earlier),
    )


def _fired(points: Sequence[float], process: Process) -> tuple[str, int]:
    """The first rule that fires, in a few words, and on which side: 1 up, −1 down, 0 none."""
    # Noise of floating sums must not count as a move on a series that stands still.
    noise = 1e-9 * max(1.0, abs(process.centre))
    away = [_beyond(p - process.centre, noise) for p in points]
    newest = away[-1]
    move = points[-1] - points[-2]
    if abs(newest) > 2.66 * process.mean_range + noise:
        return "beyond the natural limits", _side(newest)
    if abs(move) > process.range_limit + noise:
        return "moved further than the process does", _side(move)
    halfway = 1.33 * process.mean_range + noise
    near = [_side(a) if abs(a) > halfway else 0 for a in away[-4:]]
    if near[-1] and near.count(near[-1]) >= 3:
        return "three of four nearer a limit than the centre", near[-1]
    run = [_side(a) for a in away[-8:]]
    if newest and len(run) == 8 and len(set(run)) == 1:
        return "eight in a row on one side of the centre", run[-1]
    return "", 0


def _flow(side: int, metric: Metric) -> Flow:
    if side == 0:
        return "routine"
    if metric.better == "neither":
        return "exceptional"
    better = side > 0 if metric.better == "higher" else side < 0
    return "exceptional, favourable" if better else "exceptional, unfavourable"


def _clipped(process: Process, unit: Unit) -> tuple[float, float]:
    lower = process.lower if unit.low is None else max(process.lower, unit.low)
    upper = process.upper if unit.high is None else min(process.upper, unit.high)
    return lower, upper


def _beyond(distance: float, noise: float) -> float:
    return distance if abs(distance) > noise else 0.0


def _side(distance: float) -> int:
    return (distance > 0) - (distance < 0)
