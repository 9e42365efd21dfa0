"""Backfill: figures of earlier periods, computed and judged without a document."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta

from scorecard.base.findings import refuse
from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period, local_midnight
from scorecard.errors import FactsError
from scorecard.ledger import Run
from scorecard.pipeline.computation import HISTORY, Computation
from scorecard.pipeline.request import HELD
from scorecard.project.workspace import fingerprint

SETTLING = 3
"""Periods back that are computed again when their figures have become final since; all of
HISTORY are when they came from facts that were not sound."""


def backfill(computation: Computation, first: Period, last: Period) -> int:
    """Compute and judge every period from `first` to `last`; how many were new.

    Periods already computed from the same inputs are left alone, once their figures are final
    or where nothing newer is known. BeyondError for periods out of reach, FactsError when the
    facts are not sound, ChangedError when they were replaced meanwhile: then none of it counts.
    """
    computation.work.facts.hold()
    inputs = fingerprint(computation.work)
    computation.refuse_out_of_reach(first, last)
    refuse(computation.check(last), FactsError, HELD)
    computation.witness()
    with computation.kept_apart() as apart, ExitStack() as locks:
        apart.freeze_tiers(last)
        periods = list(first.until(last))
        due = [period for period in periods if not _known(apart, period, inputs)]
        for index, period in enumerate(due):
            computation.progress(f"computing {period}", index, len(due))
            _compute(apart, period, inputs, locks)
        apart.confirm()
    computation.progress("computing", len(periods), len(periods))
    return len(due)


def settle(computation: Computation, run: Run, period: Period, locks: ExitStack) -> None:
    """Compute the periods before again whose figures were not final when last computed, or
    came from facts that were not sound. A span has none before it.

    They are locked until `locks` are let go of, and wait to be confirmed.
    """
    if period.is_span:
        return
    back = range(HISTORY, 0, -1)
    due = [
        earlier
        for b in back
        if _unsettled(computation, earlier := period.shift(-b), run.as_of, b <= SETTLING)
    ]
    for index, earlier in enumerate(due):
        computation.progress(f"settling {earlier}", index, len(due))
        _compute(computation, earlier, run.inputs, locks)


def _compute(computation: Computation, period: Period, inputs: str, locks: ExitStack) -> None:
    """One period's figures, whose tiers are frozen, as a run of their own, yet to be confirmed."""
    ledger, now = computation.ledger, computation.now
    locks.enter_context(period_lock(computation.work.project.state, period))
    run = computation.claim(period, inputs, exactly=True)
    state = computation.take_up(run)
    run = ledger.advance(run, "tiers_frozen", now(), backfill=True, state=state)
    computation.measure(run, period)
    run = ledger.advance(run, "computed", now())
    results, stances = computation.judge(run, period)
    ledger.save_results(run, results, now(), stances)
    computation.unconfirmed.append(ledger.advance(run, "judged", now()))


def _known(computation: Computation, period: Period, inputs: str) -> bool:
    """Whether the same inputs were computed when all was final, or no earlier than now."""
    enough = min(computation.work.as_of, _finals(computation, period)[-1])
    done = (r for r in computation.ledger.runs(period) if r.step == "done")
    sound = (r for r in done if not r.detail.get("unsound"))
    return any(r.inputs == inputs and r.as_of >= enough for r in sound)


def _unsettled(computation: Computation, period: Period, as_of: datetime, near: bool) -> bool:
    computed = [r for r in computation.ledger.runs(period) if r.computed_at is not None]
    if not computed:
        return False
    if computed[-1].detail.get("unsound"):
        return computed[-1].as_of <= as_of
    newest = max(r.as_of for r in computed if not r.detail.get("unsound"))
    return near and any(newest < day <= as_of for day in _finals(computation, period))


def _finals(computation: Computation, period: Period) -> list[datetime]:
    """When the period is over, and when each of its figures is final; in order."""
    settings, metrics = computation.work.project.settings, computation.work.metrics.values()
    days = {0} | {settings.matures_after(m) for m in metrics}
    return [local_midnight(period.after + timedelta(days=d), period.tz) for d in sorted(days)]
