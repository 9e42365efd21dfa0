"""The band of a trend: the natural limits of each period that is charted, by one baseline.

They are made again from the figures that the baseline was made of, so that each period has those of
its place in the year and of its own n. Where these figures do not give the limits that were
recorded (one of them was corrected, withheld or computed early), the newest limits are drawn alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from scorecard.base.periods import Period
from scorecard.definitions.results import Baseline, Result
from scorecard.documents.view import ReportView
from scorecard.stats.control_chart import Measured, natural_limits

Limits = tuple[float, float, float]
"""Lower limit, centre and upper limit."""


def band(
    view: ReportView, result: Result, periods: Sequence[Period], drawn: Sequence[int | None]
) -> tuple[Limits | None, ...]:
    """The limits of each period, of which this one is the last; None where it has none.

    `drawn` are each period's n, None where it has no figure by today's definition: then there is
    nothing to be judged. Periods from before the day from which limits were made anew have none.
    """
    signal, base = result.signal, result.signal.baseline
    if signal.lower is None or signal.centre is None or signal.upper is None:
        return (None,) * len(periods)
    now = (signal.lower, signal.centre, signal.upper)
    alone = (*(None,) * (len(periods) - 1), now)
    figures = _made_of(view, result, base) if base is not None else []
    if base is None or len(figures) != base.points:
        return alone
    metric = view.data.metrics[result.metric]
    here = [Measured(p, None, n or 0) for p, n in zip(periods, drawn, strict=True)]
    here[-1] = Measured(periods[-1], None, result.estimate.n)
    found = natural_limits(figures, metric, here)
    if found is None or not _same(found[-1], now):
        return alone
    since = base.since or periods[0].first
    return (
        *(
            limits if n is not None and period.first >= since else None
            for limits, n, period in zip(found[:-1], drawn[:-1], periods[:-1], strict=True)
        ),
        now,
    )


def _made_of(view: ReportView, result: Result, base: Baseline) -> list[Measured]:
    """The figures from the first to the last period of a baseline."""
    here = view.data.period.tz
    first, last = Period.parse(base.first, here), Period.parse(base.last, here)
    known = view.histories.get((result.metric, result.version, result.tier), ())
    each = [(Period.parse(point.period, here), point) for point in known if point.value is not None]
    return [Measured(p, at.value, at.n) for p, at in each if first.first <= p.first <= last.first]


def _same(found: Limits, recorded: Limits) -> bool:
    return all(
        isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(found, recorded, strict=True)
    )
