"""Corrections: an issued period is made again from today's facts, and sent where it differs."""

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
    """The outcome of a correction.

    run          the run that made the documents again
    documents    how many there are
    differing    how many of them have another content than was issued first
    queued       mails and files that were queued
    """

    run: Run
    documents: int
    differing: int
    queued: int


def correct(issuer: Issuer, schedule: Schedule, period: Period, why: str) -> Correction:
    """Make a schedule's documents of that period again, and queue those that differ.

    Every reader of a document with another content gets its next edition, with the
    reason `why`; an unchanged document is not sent again. LedgerError when the period was
    not issued yet, FactsError when its facts are not ready or not sound: then nothing
    is held back, queued or reported. Repeating it, also after a crash, queues nothing twice.
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
        schedule.documents,
        work.unready(hold.complete, hold.slack, period),
        reason=why,
        answer_by=issuer.answer_by(expected, schedule),
    )
    pipeline = Pipeline(work, issuer.ledger, issuer.now, issuer.progress, request)
    run = pipeline.run(period, work.as_of).run
    first = set(issuer.ledger.run(expected.run_id).detail["editions"])
    editions = run.detail["editions"]
    queued = issuer.queue(schedule, period, run)
    return Correction(run, len(editions), len(set(editions) - first), queued)
