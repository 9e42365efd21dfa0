"""The control chart: whether the newest point is routine variation or exceptional.

Limits come from the process itself: a baseline of earlier figures, which is locked once it is full
and begins anew only from a declared day. A figure inside them says nothing about its period in
particular, however good or bad it is. Two rules, each on all that the newest point takes part in:

- it lies beyond its natural limits;
- it and the three before it lie beyond the limits of four together, it is on that side itself, and
  the figure before it did not tell of that already.

That a figure moved further than usual since the last one decides nothing: such moves come of the
last figure as often as of the newest. A yearly season is taken out where two years show one. How
often the rules call a routine figure exceptional is measured, see docs/signals.md and
`false_alarms`. Wheeler, Understanding Variation, has the chart; the limits are in `process`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Baseline, Flow, Season, Signal
from scorecard.stats import season
from scorecard.stats.count_process import counted
from scorecard.stats.process import ALIKE, Point, Triple, fit
from scorecard.stats.stillness import answers_variance, stands_still

LEAST, FULL = 6, 12
"""Points that provisional limits need, and that full ones need."""
LOCKED = {"week": 104}
"""Points that a baseline has, where they are not 24: two years of weeks."""
LONGEST = {"month": 36, "week": 130}
"""Periods up to which a baseline waits for the figures of two years of each place in the year."""
TOGETHER = 4
"""Neighbours that are judged together."""
BEYOND, SHIFTED = "beyond the natural limits", "the last four together beyond their limits"
"""The rules, in words."""
STILL = "mostly stands still: no natural limits"
"""Why there are none, in words."""


@dataclass(frozen=True)
class Measured:
    """A period's figure; `value` is None where there is none, `n` the observations behind it."""

    period: Period
    value: float | None
    n: int = 0


@dataclass(frozen=True)
class Start:
    """A declared day from which limits are made anew, and the reason."""

    day: date
    reason: str


class _Process(Protocol):
    @property
    def alike(self) -> float: ...
    def natural(self, place: int = 0, n: int = 0) -> Triple: ...
    def side(self, points: Sequence[Point]) -> int: ...


def signal(
    earlier: Sequence[Measured], current: Measured, metric: Metric, start: Start | None = None
) -> Signal:
    """Judge the newest figure by the limits of those before it.

    `earlier` are final figures of other periods, oldest first; those without a value, and those of
    before `start`, are passed over. The first of the rest are the baseline, see `_baseline`. Fewer
    than 6 give no limits, 6 to 11 provisional ones; figures that mostly stand still give none.
    Without a current value there are limits but no flow.
    """
    since = start.day if start else date.min
    points = [m for m in earlier if m.value is not None and m.period.first >= since]
    if len(points) < LEAST:
        return Signal(points=len(points))
    kind = current.period.kind
    base = _baseline(points)
    process, how = _process_of(base, metric)
    if process is None:
        found = Signal(rule=STILL, points=len(points))
    else:
        lower, centre, upper = _clipped(_natural(process, current), metric)
        known = current.value is not None
        rule, side = _told(points, current, process, metric) if known else ("", 0)
        flow = _flow(side, metric) if known else ""
        found = Signal(flow, len(points) < FULL, centre, lower, upper, rule, len(points))
    by_season = _by_season(process, metric, kind) if process and how == "taken out" else ()
    first, last = base[0].period.key, base[-1].period.key
    reason = start.reason if start else ""
    day = start.day if start else None
    return replace(found, baseline=Baseline(first, last, len(base), how, by_season, day, reason))


def natural_limits(
    base: Sequence[Measured], metric: Metric, of: Sequence[Measured]
) -> list[Triple] | None:
    """Lower limit, centre and upper limit of each of these periods, whatever their figures are, by
    a baseline of LEAST figures or more; None where it mostly stands still."""
    process, _ = _process_of(base, metric)
    return None if process is None else [_clipped(_natural(process, m), metric) for m in of]


def _baseline(points: Sequence[Measured]) -> Sequence[Measured]:
    """The figures that limits are made of: the first 24, of weeks 104; and after them as many as it
    takes until a season is known, but none of later than 36 months or 130 weeks from the first."""
    kind = points[0].period.kind
    count = LOCKED.get(kind, 24)
    if kind in LONGEST:
        after = points[0].period.shift(LONGEST[kind]).first
        places = [season.place(m.period) for m in points]
        while (
            count < len(points)
            and points[count].period.first < after
            and not season.known(kind, places[:count])
        ):
            count += 1
    return points[:count]


def _process_of(base: Sequence[Measured], metric: Metric) -> tuple[_Process | None, Season]:
    """The process of a baseline, None where it mostly stands still; and what it says of a
    season."""
    points, kind = [_point(m) for m in base], base[0].period.kind
    values, places = [p.value for p in points], [p.place for p in points]
    how: Season = ""
    if kind in season.PLACES:
        how = "not known yet"
        if season.known(kind, places):
            how = "taken out" if season.found(values, places) else "none found"
    counts = metric.kind == "proportion" or metric.counts
    if counts and how != "taken out":
        found = counted(points, shares=metric.kind == "proportion")
        if found is not None:
            return found, how
    if stands_still(values):
        return None, how
    scale = _scale(metric)
    process = fit(
        points,
        seasonal=how == "taken out",
        positive=metric.unit.high is None and scale is None,
        weigh=counts or metric.kind in ("nps", "mean"),
        answers=answers_variance(points, *scale) if scale else 0.0,
    )
    return process, how


def _scale(metric: Metric) -> tuple[float, float] | None:
    """The least answer and the step from one to the next; None where answers are on no scale."""
    if metric.kind == "nps":
        return -100.0, 100.0
    return (metric.scale[0], 1.0) if metric.kind == "mean" and metric.scale else None


def _natural(process: _Process, of: Measured) -> Triple:
    return process.natural(season.place(of.period), of.n)


def _point(measured: Measured) -> Point:
    assert measured.value is not None
    return Point(measured.value, measured.n, season.place(measured.period))


def _told(
    points: Sequence[Measured], current: Measured, process: _Process, metric: Metric
) -> tuple[str, int]:
    """The rule that the newest figure is told of, and its side: 1 up, −1 down, 0 none.

    A shift is told of once: what the figure before it showed already, by the limits of its own
    time, is no news while it lasts.
    """
    rule, side = _detected([*points, current], process)
    if rule != SHIFTED or len(points) <= LEAST:
        return rule, side
    then, _ = _process_of(_baseline(points[:-1]), metric)
    told = then is not None and _detected(points, then)[1] == side
    return ("", 0) if told else (rule, side)


def _detected(points: Sequence[Measured], process: _Process) -> tuple[str, int]:
    """The rule that fires, in words, and its side: 1 up, −1 down, 0 none."""
    last = [_point(m) for m in points[-TOGETHER:]]
    if side := process.side(last[-1:]):
        return BEYOND, side
    # Where neighbours are alike, four together go far from the centre of themselves.
    if process.alike <= ALIKE and (side := process.side(last)):
        return SHIFTED, side
    return "", 0


def _flow(side: int, metric: Metric) -> Flow:
    if side == 0:
        return "routine"
    if metric.better == "neither":
        return "exceptional"
    better = side > 0 if metric.better == "higher" else side < 0
    return "exceptional, favourable" if better else "exceptional, unfavourable"


def _by_season(process: _Process, metric: Metric, kind: str) -> tuple[Triple, ...]:
    return tuple(_clipped(process.natural(at), metric) for at in range(season.PLACES[kind]))


def _clipped(limits: Triple, metric: Metric) -> Triple:
    """The limits inside of what the figure can be."""
    lower, centre, upper = limits
    low, high = metric.scale or (metric.unit.low, metric.unit.high)
    lower = lower if low is None else max(lower, low)
    upper = upper if high is None else min(upper, high)
    return lower, centre, upper
