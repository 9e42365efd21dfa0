"""What a run's figures say of the commitments that are due with its period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scorecard.answering.model import Commitment, CommitmentStep
from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.judging.outcome import outcome_of
from scorecard.ledger import Ledger, Run

WAITING = ("not_mature", "partial_period", "stale", "not_measured")
"""Why a figure is not final: what it says may still change, so nothing is settled by it."""


def outcomes(
    ledger: Ledger,
    run: Run,
    period: Period,
    results: Sequence[Result],
    metrics: Mapping[str, Metric],
    is_mature: Callable[[Metric], bool],
    now: datetime,
) -> dict[int, CommitmentStep]:
    """By number what became of the commitments that are due with this period, as steps that are
    not recorded yet.

    Those stay open whose figure is not final, or whose metric is no more. One that was settled
    before is among them, for a late fact may have changed it.
    """
    found = {(r.metric, r.tier): r for r in results}
    settled = {}
    for each in ledger.commitments():
        metric, due = metrics.get(each.goal.metric), found.get((each.goal.metric, each.goal.tier))
        if each.due_now != period.key or metric is None or due is None:
            continue
        if not is_mature(metric) or not _is_final(due):
            continue
        if each.last is not None and each.last.step == "withdrawn":
            continue
        made = _then(ledger, each, metric, period.tz)
        settled[each.number] = CommitmentStep(
            "settled",
            now,
            outcome=outcome_of(metric, each.goal, made, due),
            value=due.estimate.value,
            low=due.estimate.low,
            high=due.estimate.high,
            n=due.estimate.n,
            run_id=run.id,
        )
    return settled


def with_outcomes(
    commitments: Iterable[Commitment], settled: Mapping[int, CommitmentStep]
) -> list[Commitment]:
    """The commitments as they will be once these steps are recorded."""
    return [
        replace(c, steps=(*c.steps, settled[c.number])) if _adds(c, settled) else c
        for c in commitments
    ]


def _adds(commitment: Commitment, settled: Mapping[int, CommitmentStep]) -> bool:
    step, last = settled.get(commitment.number), commitment.last
    return step is not None and (last is None or last.outcome != step.outcome)


def _is_final(result: Result) -> bool:
    return result.verdict is None or result.verdict.reason not in WAITING


def _then(ledger: Ledger, commitment: Commitment, metric: Metric, tz: str) -> Result | None:
    """The figure of the period that the commitment set out from, by today's definition."""
    results = ledger.results(Period.parse(commitment.period, tz))
    goal = commitment.goal
    return next(
        (
            r
            for r in results
            if (r.metric, r.tier, r.version) == (goal.metric, goal.tier, metric.version)
        ),
        None,
    )
