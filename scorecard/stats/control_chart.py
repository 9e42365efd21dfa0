"""The control chart (XmR): whether the newest point is routine variation or exceptional.

Limits come from the process itself: the mean of its points and the mean of the
moves between neighbours. A point inside them says nothing about its period in
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
"""Points that provisional limits need, that full ones need, and that the baseline has at most."""
# 3 / d₂ and D₄ of control charts for two points, whose d₂ is 1.128.
_NATURAL, _RANGE = 2.66, 3.27


@dataclass(frozen=True)
class Process:
    """Natural limits in the points' own unit; `mean_range` is the mean absolute move."""

    centre: float
    mean_range: float
    lower: float
    upper: float
    range_limit: float


def limits(points: Sequence[float]) -> Process:
    """The natural limits, centre ± 2.66 mean moves, and the limit of one move, 3.27 of them.

    ValueError with fewer than two points, where there is no move.
    """
    if len(points) < 2:
        raise ValueError("Process limits need at least two points.")
    centre = sum(points) / len(points)
    moves = [abs(b - a) for a, b in pairwise(points)]
    mean = sum(moves) / len(moves)
    reach = _NATURAL * mean
    return Process(centre, mean, centre - reach, centre + reach, _RANGE * mean)


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
    rule, side = _detected([*earlier, current], process) if current is not None else ("", 0)
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


def _detected(points: Sequence[float], process: Process) -> tuple[str, int]:
    """The first detection rule that fires, in words, and its side: 1 up, −1 down, 0 none."""
    # On a series that stands still, rounding must not count as a move.
    noise = 1e-9 * max(1.0, abs(process.centre))
    away = [_without_noise(p - process.centre, noise) for p in points]
    newest = away[-1]
    move = points[-1] - points[-2]
    if abs(newest) > _NATURAL * process.mean_range + noise:
        return "beyond the natural limits", _side(newest)
    if abs(move) > process.range_limit + noise:
        return "moved further than the process does", _side(move)
    halfway = _NATURAL / 2 * process.mean_range + noise
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


def _without_noise(distance: float, noise: float) -> float:
    return distance if abs(distance) > noise else 0.0


def _side(distance: float) -> int:
    return (distance > 0) - (distance < 0)
