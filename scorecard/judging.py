"""Judging: a period's results held against the stances in force, and against their own history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scorecard.estimate import pooled
from scorecard.ledger import HistoryPoint, Witnessed
from scorecard.metric import Metric
from scorecard.periods import Period
from scorecard.results import Estimate, Result, Signal, Sums
from scorecard.signal import signal
from scorecard.strategy import Stance
from scorecard.verdict import judge

Series = tuple[str, str, str]


@dataclass(frozen=True)
class Circumstances:
    """What a period is judged under.

    matures    days after the period's end from which a metric's figure is final
    stale      tables without recent rows
    histories  earlier figures by (metric, version, tier), oldest first
    sums       sums of the three periods before, for pooling
    """

    period: Period
    as_of: datetime
    metrics: Mapping[str, Metric]
    stances: Sequence[Witnessed]
    matures: Callable[[Metric], int]
    stale: frozenset[str]
    histories: Mapping[Series, Sequence[HistoryPoint]]
    sums: Mapping[Series, Sequence[Sums]]

    @property
    def partial(self) -> bool:
        return self.as_of < self.period.end

    def mature(self, metric: Metric) -> bool:
        return self.as_of >= self.period.end + timedelta(days=self.matures(metric))

    def is_stale(self, metric: Metric) -> bool:
        return any(need.partition(".")[0] in self.stale for need in metric.needs)


def judged(results: Iterable[Result], under: Circumstances) -> list[Result]:
    """The same results with their signal, and a verdict wherever a stance holds."""
    chosen = {held.stance.key: held.stance for held in under.stances}
    return [_judged(r, chosen.get(f"{r.metric}/{r.tier}"), under) for r in results]


def _judged(result: Result, stance: Stance | None, under: Circumstances) -> Result:
    metric = under.metrics[result.metric]
    earlier = under.histories.get((result.metric, result.version, result.tier), ())
    moved = replace(result, signal=_signal(metric, result, earlier, under))
    if stance is None:
        return moved
    mode = stance.evidence or metric.evidence
    verdict = judge(
        metric,
        result.estimate,
        stance,
        mode=mode,
        unmeasured=result.unmeasured,
        mature=under.mature(metric),
        stale=under.is_stale(metric),
        partial=under.partial,
        undecided_before=_undecided(earlier),
        pooled=_pooled(metric, result, under),
    )
    return replace(moved, verdict=verdict, mode=mode, stance=stance.key)


def _signal(
    metric: Metric, result: Result, earlier: Sequence[HistoryPoint], under: Circumstances
) -> Signal:
    overlapping = metric.window > 0  # neighbours share most of their rows: no process limits
    if overlapping or under.partial or not under.mature(metric):
        return Signal()
    return signal([point.value for point in earlier], result.estimate.value, metric)


def _undecided(earlier: Sequence[HistoryPoint]) -> int:
    """For how many periods running, up to the last one, the limit lay inside the interval."""
    count = 0
    for point in reversed(earlier):
        if point.reason != "straddles_limit":
            break
        count += 1
    return count


def _pooled(metric: Metric, result: Result, under: Circumstances) -> Estimate | None:
    own = result.estimate.sums
    before = under.sums.get((result.metric, result.version, result.tier), ())
    if own is None or not before:
        return None
    return pooled(metric, [*before[-3:], own])
