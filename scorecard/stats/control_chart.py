"""The control chart: whether the newest point is routine variation or exceptional.

Limits come from the process itself: a baseline of earlier figures, which is locked once it is full
and begins anew only from a declared day. A figure inside them says nothing about its period in
particular, however good or bad it is. Two rules, each on all that the newest point takes part in:

- it lies beyond its natural limits;
- it and the three before it lie beyond the limits of four together, and it is on that side itself.

That a figure moved further than usual since the last one decides nothing: such moves come of the
last figure as often as of the newest. A yearly season is taken out where two years show one. How
often the rules call a routine figure exceptional is measured, see docs/signals.md and
`false_alarms`. Wheeler, Understanding Variation, has the chart; the limits are in `process`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Baseline, Flow, Season, Signal
from scorecard.definitions.units import Unit
from scorecard.stats import season
from scorecard.stats.process import ALIKE, Point, Triple, fit
from scorecard.stats.share_process import counted

LEAST, FULL = 6, 12
"""Points that provisional limits need, and that full ones need."""
LOCKED = {"week": 104}
"""Points that a baseline has at most, where they are not 24: two years of weeks."""
TOGETHER = 4
"""Neighbours that are judged together."""
BEYOND, SHIFTED = "beyond the natural limits", "the last four together beyond their limits"
"""The rules, in words."""


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
    before `start`, are passed over. The first 24 of the rest (of weeks 104) are the baseline. Fewer
    than 6 give no limits, 6 to 11 provisional ones. Without a current value there are limits but no
    flow.
    """
    since = start.day if start else date.min
    points = [m for m in earlier if m.value is not None and m.period.first >= since]
    if len(points) < LEAST:
        return Signal(points=len(points))
    kind = current.period.kind
    base = points[: LOCKED.get(kind, 24)]
    process, how = _process_of(base, kind, metric)
    place = season.place(current.period)
    lower, centre, upper = _clipped(process.natural(place, current.n), metric.unit)
    rule, side = _detected([*points, current], process) if current.value is not None else ("", 0)
    return Signal(
        flow="" if current.value is None else _flow(side, metric),
        provisional=len(points) < FULL,
        centre=centre,
        lower=lower,
        upper=upper,
        rule=rule,
        points=len(points),
        baseline=Baseline(
            base[0].period.key,
            base[-1].period.key,
            len(base),
            how,
            _by_season(process, metric.unit, kind) if how == "taken out" else (),
            start.day if start else None,
            start.reason if start else "",
        ),
    )


def natural_limits(base: Sequence[Measured], metric: Metric) -> Triple:
    """Lower limit, centre and upper limit of a figure that rests on as much as the last of these
    LEAST or more does."""
    process, _ = _process_of(base, base[-1].period.kind, metric)
    return _clipped(process.natural(season.place(base[-1].period), base[-1].n), metric.unit)


def _process_of(base: Sequence[Measured], kind: str, metric: Metric) -> tuple[_Process, Season]:
    """The process of a baseline, and what it says of a season."""
    points = [_point(m) for m in base]
    places = [p.place for p in points]
    how: Season = ""
    if kind in season.PLACES:
        how = "not known yet"
        if season.known(kind, places):
            yearly = season.found([p.value for p in points], places)
            how = "taken out" if yearly else "none found"
    if metric.kind == "proportion" and how != "taken out":
        shares = counted(points)
        if shares is not None:
            return shares, how
    process = fit(
        points,
        seasonal=how == "taken out",
        positive=metric.unit.high is None,
        weigh=metric.kind in ("proportion", "nps", "mean"),
    )
    return process, how


def _point(measured: Measured) -> Point:
    assert measured.value is not None
    return Point(measured.value, measured.n, season.place(measured.period))


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


def _by_season(process: _Process, unit: Unit, kind: str) -> tuple[Triple, ...]:
    return tuple(_clipped(process.natural(at), unit) for at in range(season.PLACES[kind]))


def _clipped(limits: Triple, unit: Unit) -> Triple:
    lower, centre, upper = limits
    lower = lower if unit.low is None else max(lower, unit.low)
    upper = upper if unit.high is None else min(upper, unit.high)
    return lower, centre, upper
