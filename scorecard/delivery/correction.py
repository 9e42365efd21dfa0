"""Correcting: an issued period is made again from the facts of today, and sent where it differs."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.base.periods import Period
from scorecard.delivery.issuing import Issuer
from scorecard.errors import LedgerError
from scorecard.ledger import Run
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.workspace import open_workspace
from scorecard.schedules.model import Schedule


@dataclass(frozen=True)
class Correction:
    """The run that made the documents again, how many there are, how many of them say something
    else than what was issued before, and how many mails and files that left queued."""

    run: Run
    documents: int
    differing: int
    queued: int


def correct(issuer: Issuer, schedule: Schedule, period: Period, why: str) -> Correction:
    """Make a schedule's documents of that period again, and queue those that differ.

    Every reader of a document that says something else gets its next edition,
    with the reason; a document that says the same is not sent again. LedgerError
    when the period was not issued yet. Facts that are not ready or not sound are
    an error, too, and then nothing is queued; `issuer` holds nothing and tells
    nobody. Doing it again, also after a crash, queues nothing twice.
    """
    expected = issuer.ledger.expected_run(schedule.id, period.key)
    if expected is None or expected.state != "done" or expected.run_id is None:
        raise LedgerError(
            f"{schedule.id} has not issued {period}, so there is nothing to correct; "
            f'"scorecard run {schedule.id} --period {period.key}" issues it.'
        )
    work = open_workspace(issuer.project, issuer.now())
    hold = schedule.hold
    request = RunRequest(
        schedule.documents, work.unready(hold.complete, hold.slack, period), reason=why
    )
    pipeline = Pipeline(work, issuer.ledger, issuer.now, issuer.progress, request)
    run = pipeline.run(period, work.as_of).run
    first = set(issuer.ledger.run(expected.run_id).detail["editions"])
    editions = run.detail["editions"]
    queued = issuer.queue(schedule, period, run)
    return Correction(run, len(editions), len(set(editions) - first), queued)
