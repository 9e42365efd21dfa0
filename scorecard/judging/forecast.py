"""Forecasts: what a proposal predicted, held against what was found when its review date came.

The interval decides, also of a fully counted figure: the question is not what happened but
whether it is told apart from what was predicted, and from where it set out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Literal

from scorecard.answering.handed_in import MARGIN, Found, HandedIn, Outcome
from scorecard.base.periods import PeriodKind
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Result
from scorecard.stats.withheld import withheld

MONTHS: dict[PeriodKind, float] = {
    "week": 7 * 12 / 365.25,
    "month": 1.0,
    "quarter": 3.0,
    "year": 12.0,
}
"""Months in a period: amounts are proposed by the month, margins measured by the period."""
CLOSE = 0.02
"""Share of the predicted change by which a figure without an interval may miss it."""
_Want = tuple[Literal["experience", "margin"], str, str, float | None, float | None]


def outcome_of(was: float, predicted: float, found: Estimate) -> Outcome:
    """What a figure says of the prediction that it would go from `was` to `predicted`.

        as predicted         its interval holds what was predicted, and not where it set out from
        more, less           all of it is beyond what was predicted, or between the two
        did not move         its interval holds where it set out from, and not what was predicted
        moved the other way  all of it lies beyond where it set out from
        not shown            it holds both, or there is no figure

    `was` and `predicted` differ. Direction is that of the prediction, whichever is better.
    """
    if found.value is None:
        return "not shown"
    change = predicted - was
    ends = (
        (found.value - abs(change) * CLOSE, found.value + abs(change) * CLOSE)
        if found.low is None and found.high is None
        else (-inf if found.low is None else found.low, inf if found.high is None else found.high)
    )
    low, high = sorted((end - was) / change for end in ends)
    if low <= 1 <= high:
        return "not shown" if low <= 0 else "as predicted"
    if low > 1:
        return "more than predicted"
    if high < 0:
        return "moved the other way"
    return "did not move" if low <= 0 else "less than predicted"


def reviewed(
    handed: HandedIn,
    period: str,
    kind: PeriodKind,
    results: Sequence[Result],
    metrics: Mapping[str, Metric],
    final: Callable[[Metric], bool],
    run_id: str,
) -> tuple[Found, ...]:
    """What was found of a proposal in the period of its review date, by the period's results.

    Empty as long as a figure that was predicted is not final. One whose metric or tier is not
    there any more, that was not measured or is not shown, was found not to be shown.
    """
    wanted = _wanted(handed, kind)
    known = [metrics[metric] for _, metric, *_ in wanted if metric in metrics]
    if not all(final(metric) for metric in known):
        return ()
    by_cell = {(r.metric, r.tier): r for r in results}
    hidden = withheld(results, metrics)
    return tuple(
        _found(want, period, None if want[1:3] in hidden else by_cell.get(want[1:3]), run_id)
        for want in wanted
    )


def _wanted(handed: HandedIn, kind: PeriodKind) -> list[_Want]:
    proposal, margins = handed.proposal, dict(handed.margins)
    lines: list[_Want] = [
        ("experience", e.metric, e.tier, e.was, e.to) for e in proposal.experience
    ]
    measure, _, tier = proposal.measure.partition("/")
    if proposal.measure and proposal.measure not in {e.key for e in proposal.experience}:
        lines.append(("experience", measure, tier, None, None))
    for profit in proposal.profit:
        was = margins.get(profit.tier)
        to = None if was is None else was + profit.per_month * MONTHS[kind]
        lines.append(("margin", MARGIN, profit.tier, was, to))
    return lines


def _found(want: _Want, period: str, result: Result | None, run_id: str) -> Found:
    kind, metric, tier, was, predicted = want
    measured = result is not None and not result.unmeasured
    found = result.estimate if result is not None and measured else Estimate()
    told = was is not None and predicted is not None and was != predicted
    outcome: Outcome = "not shown"
    if told and was is not None and predicted is not None:
        outcome = outcome_of(was, predicted, found)
    return Found(
        period,
        kind,
        metric,
        tier,
        was,
        predicted,
        found.value,
        found.low,
        found.high,
        found.n,
        outcome,
        run_id,
    )
