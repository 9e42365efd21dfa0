"""Reviewing: which proposals' review dates have come, and what the figures say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from scorecard.answering.handed_in import Filed, HandedIn, Reviewed
from scorecard.base.periods import Period, PeriodKind
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.judging.forecast import reviewed

if TYPE_CHECKING:  # check reads proposals also where there is no ledger, and loads none
    from scorecard.ledger import Ledger, Run

Final = Callable[[Metric, Period, datetime], bool]
"""Whether a metric's figure of a period was final as of a moment."""


def reviews(
    ledger: Ledger,
    filed: Sequence[Filed],
    run: Run,
    period: Period,
    results: Sequence[Result],
    metrics: Mapping[str, Metric],
    final: Final,
    own: Collection[str] = (),
) -> list[Reviewed]:
    """What was found of the proposals whose review date lies in the period, or, where nothing was
    found yet, before it.

    `results` are the run's own; of earlier periods the newest count, also those of the runs `own`
    that are yet to be confirmed. What was withdrawn or decided against has no review, and
    neither has a span.
    """
    if period.is_span:
        return []
    found = []
    for handed in (h for f in filed if not f.withdrawn for h in f.accepted if not h.declined):
        due = due_in(handed, cast(PeriodKind, period.kind), period.tz)
        if due is None or due.first > period.first or (handed.found and due != period):
            continue
        of, figures = (run, results) if due == period else _computed(ledger, due, own)
        if of is None:
            continue
        as_of = of.as_of
        said = reviewed(
            handed,
            due.key,
            cast(PeriodKind, period.kind),
            figures,
            metrics,
            lambda m, due=due, as_of=as_of: final(m, due, as_of),  # type: ignore[misc]
            of.id,
        )
        if said:
            found.append(Reviewed(handed.number, said))
    return found


def due_in(handed: HandedIn, kind: PeriodKind, tz: str) -> Period | None:
    """The period that contains a proposal's review date; None where it has none."""
    day = handed.proposal.review_on
    return None if day is None else Period.containing(day, kind, tz)


def _computed(
    ledger: Ledger, period: Period, own: Collection[str]
) -> tuple[Run | None, Sequence[Result]]:
    """The run that computed a period last, and its results."""
    runs = [
        r
        for r in ledger.runs(period)
        if r.id in own or (r.computed_at is not None and r.step != "held")
    ]
    if not runs:
        return None, ()
    newest = max(runs, key=lambda r: (r.updated_at, r.ordinal))
    return newest, ledger.results_of(newest)
