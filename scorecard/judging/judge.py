"""The judging of a period's results: by the stances in force, and by their own history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scorecard.base.periods import Period, local_midnight
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Result, Signal
from scorecard.judging.margin_known import PERCENT, without_unknown_margins
from scorecard.judging.verdict import verdict_of
from scorecard.ledger import HistoryPoint, Witnessed
from scorecard.stats.control_chart import Measured, Start, signal
from scorecard.stats.estimate import can_pool
from scorecard.stats.withheld import without_withheld
from scorecard.strategy.model import BaselineStart, Stance

SeriesKey = tuple[str, str, str]
"""Metric, version and tier, by which a history is kept."""
Pool = Callable[[Metric, Sequence[Period]], Mapping[str, Estimate]]
"""A metric's estimates by tier over several periods together."""
TOGETHER = 4
"""Periods that are judged together, at most."""


def _nothing(_metric: Metric, _periods: Sequence[Period]) -> Mapping[str, Estimate]:
    return {}


@dataclass(frozen=True)
class Circumstances:
    """The circumstances under which a period's results are judged.

    matures    days after the period's end from which a metric's figure is final
    stale      tables without recent rows
    histories  earlier figures by (metric, version, tier), oldest first
    pool       measures a metric over several periods together; asked only where they decide
    baselines  days from which natural limits are declared to begin anew
    margin_known  the percentage of a tier's revenue for which its margin must be known
    """

    period: Period
    as_of: datetime
    metrics: Mapping[str, Metric]
    stances: Sequence[Witnessed]
    matures: Callable[[Metric], int]
    stale: frozenset[str]
    histories: Mapping[SeriesKey, Sequence[HistoryPoint]]
    pool: Pool = _nothing
    margin_known: float = PERCENT
    baselines: Sequence[BaselineStart] = ()

    @property
    def partial(self) -> bool:
        return self.as_of < self.period.end

    def mature(self, metric: Metric) -> bool:
        """Whether the metric's final day has come, from its local midnight on."""
        return self._final(metric, self.period, self.as_of)

    def is_stale(self, metric: Metric) -> bool:
        return bool(metric.tables & self.stale)

    def settled(self, metric: Metric, point: HistoryPoint) -> bool:
        """Whether an earlier figure was final when it was computed."""
        period = Period.parse(point.period, self.period.tz)
        return self._final(metric, period, point.as_of)

    def _final(self, metric: Metric, period: Period, as_of: datetime) -> bool:
        day = period.after + timedelta(days=self.matures(metric))
        return as_of >= local_midnight(day, period.tz)


def judge_results(results: Iterable[Result], under: Circumstances) -> list[Result]:
    """The results with their signals, and with verdicts where a stance is in force.

    In a tier whose margin is not known, what needs it is not measured.
    """
    stances = {witnessed.stance.key: witnessed.stance for witnessed in under.stances}
    known = without_unknown_margins(list(results), under.metrics, under.margin_known)
    # Limits are means of earlier figures: one that was not shown could be computed from them.
    shown = without_withheld(under.histories, under.metrics)
    return [_judged(r, stances.get(f"{r.metric}/{r.tier}"), under, shown) for r in known]


def _judged(
    result: Result,
    stance: Stance | None,
    under: Circumstances,
    shown: Mapping[SeriesKey, Sequence[HistoryPoint]],
) -> Result:
    metric, series = under.metrics[result.metric], (result.metric, result.version, result.tier)
    earlier = under.histories.get(series, ())
    with_signal = replace(result, signal=_signal(metric, result, shown.get(series, ()), under))
    if stance is None:
        return with_signal
    mode = stance.evidence or metric.evidence
    verdict = verdict_of(
        metric,
        result.estimate,
        stance,
        mode=mode,
        unmeasured=result.unmeasured,
        mature=under.mature(metric),
        stale=under.is_stale(metric),
        partial=under.partial,
        undecided_before=_undecided(earlier, stance, under.period),
        pooled=lambda: _pooled(metric, result, under),
    )
    return replace(with_signal, verdict=verdict, mode=mode, stance=stance.key)


def _signal(
    metric: Metric, result: Result, earlier: Sequence[HistoryPoint], under: Circumstances
) -> Signal:
    if overlapping(metric) or under.partial or not under.mature(metric):
        return Signal()
    final = [
        Measured(Period.parse(point.period, under.period.tz), point.value, point.n)
        for point in earlier
        if under.settled(metric, point)
    ]
    current = Measured(under.period, result.estimate.value, result.estimate.n)
    return signal(final, current, metric, _start(result, under))


def _start(result: Result, under: Circumstances) -> Start | None:
    """The newest baseline that is declared for the result's series, up to its period's end."""
    found = [
        b
        for b in under.baselines
        if b.metric == result.metric and b.tier in ("", result.tier) and b.day < under.period.after
    ]
    if not found:
        return None
    newest = max(found, key=lambda b: b.day)
    return Start(newest.day, newest.reason)


def overlapping(metric: Metric) -> bool:
    """Whether the metric has a trailing window, so that neighbouring periods share most rows.

    Moves between such figures are no measure of routine variation, and adding
    their sums would count the same rows several times.
    """
    return metric.window > 0


def _undecided(earlier: Sequence[HistoryPoint], stance: Stance, period: Period) -> int:
    """The number of periods in a row, up to the last one, in which this stance was undecided."""
    before = period.previous()
    last = next((p for p in earlier if p.period == before.key), None)
    if last is None:
        return 0
    # The ledger counts by metric and tier: periods of an earlier stance on them do not count.
    under_this = 0
    while under_this < last.undecided and before.shift(-under_this).first >= stance.effective:
        under_this += 1
    return under_this


def _pooled(metric: Metric, result: Result, under: Circumstances) -> Estimate | None:
    """The estimate over this period and those of the three before it that have a figure; None
    where there is none, or they cannot be pooled."""
    points = under.histories.get((result.metric, result.version, result.tier), ())
    known = {point.period for point in points if point.value is not None}
    before = [under.period.shift(-i) for i in range(TOGETHER - 1, 0, -1)]
    several = [period for period in before if period.key in known]
    if not several or not can_pool(metric):
        return None
    return under.pool(metric, (*several, under.period)).get(result.tier)
