"""Corrections: an issued period is made again from today's facts, and sent where it differs.

correct     one schedule's documents, to everybody who gets them now
restate     all documents of a period, to those who had an edition that is replaced
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scorecard.base.periods import Period
from scorecard.delivery.issuing import Issuer
from scorecard.documents.kinds import KINDS, PREREAD
from scorecard.errors import LedgerError
from scorecard.ledger import OPEN, Edition, NewDelivery, Run
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.workspace import open_workspace
from scorecard.schedules.model import Schedule

SENT = ("sent", "in doubt", *OPEN)
"""States of a document that has arrived, may have, or will."""


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
    by = issuer.answer_by(expected, schedule)
    run = _made_again(issuer, schedule.documents, [schedule], period, why, by)
    first = set(issuer.ledger.run(expected.run_id).detail["editions"])
    editions = run.detail["editions"]
    queued = issuer.queue(schedule, period, run)
    return Correction(run, len(editions), len(set(editions) - first), queued)


@dataclass(frozen=True)
class Restatement:
    """The outcome of restating a period.

    run          the run that made the documents again
    documents    how many there are
    replaced     the editions that say something else than what was issued before
    queued       mails and files that were queued
    left_out     (recipient, document) of those who had one that is replaced, and get it no more
    """

    run: Run
    documents: int
    replaced: tuple[Edition, ...]
    queued: int
    left_out: tuple[tuple[str, str], ...]


Reader = tuple[str, str, str, str]
"""(document, scope, channel, recipient)."""


def restate(
    issuer: Issuer, schedules: Mapping[str, Schedule], period: Period, why: str
) -> Restatement:
    """Make every document of a period that was made again, and send those that say something else.

    Such a document is the next edition, and says what it replaces and why. It goes to exactly those
    who were sent an earlier one and are still to get it. A pre-read whose questions can be answered
    no more is left as it is. LedgerError when the period has no
    edition, FactsError when its facts are not ready or not sound: then nothing is queued.
    Repeating it, also after a crash, queues nothing twice.
    """
    ledger = issuer.ledger
    known = [e for e in ledger.edition_list() if e.period == period.key]
    sending = [schedules[id] for id in _done(issuer, period) if id in schedules]
    by = _answer_by(issuer, sending, period)
    kinds = [
        kind
        for kind in KINDS
        if any(e.document == kind for e in known) and (kind != PREREAD or not _is_over(issuer, by))
    ]
    if not kinds:
        raise LedgerError(
            f"Nothing was made for {period} but pre-reads, and what they ask is answered no more."
            if known
            else f"Nothing was made for {period}, so there is nothing to restate; "
            f'"scorecard run --period {period.key}" makes it.'
        )
    issued = _issued(issuer, known)
    run = _made_again(issuer, kinds, sending, period, why, by)
    editions = [e for e in ledger.edition_list() if e.id in set(run.detail["editions"])]
    had = _had(issuer, period, editions)
    queued, found = 0, set[Reader]()
    for schedule in sending:
        owed = list(_to_readers(issuer.deliveries(schedule, period, run), editions, had))
        found |= {_reader(each, editions) for each in owed}
        queued += ledger.queue(owed, issuer.now())
    left = sorted({(r[3], f"{r[0]} {r[1]}") for r in had - found})
    replaced = tuple(e for e in editions if e.number > 1 and e.id not in issued)
    return Restatement(run, len(editions), replaced, queued, tuple(left))


def _issued(issuer: Issuer, known: Sequence[Edition]) -> set[str]:
    """The ids of the editions that were issued last, of each document."""
    of = {(e.document, e.scope, e.period) for e in known}
    return {found.id for each in of if (found := issuer.ledger.issued(*each)) is not None}


def _answer_by(issuer: Issuer, sending: Sequence[Schedule], period: Period) -> datetime | None:
    """Until when what the period asks may be answered, by the schedule that asks."""
    for schedule in (s for s in sending if PREREAD in s.documents):
        if (expected := issuer.ledger.expected_run(schedule.id, period.key)) is not None:
            return issuer.answer_by(expected, schedule)
    return None


def _is_over(issuer: Issuer, by: datetime | None) -> bool:
    """Whether what was asked cannot be answered any more."""
    return by is not None and issuer.now() > by


def _done(issuer: Issuer, period: Period) -> list[str]:
    """The schedules that have issued the period."""
    runs = issuer.ledger.expected_runs()
    return [run.schedule for run in runs if run.period == period.key and run.state == "done"]


def _had(issuer: Issuer, period: Period, editions: Sequence[Edition]) -> set[Reader]:
    """Who was sent an edition before one of these, of the same document."""
    newest = {(e.document, e.scope): e.number for e in editions}
    known = {e.id: e for e in issuer.ledger.edition_list() if e.period == period.key}
    sent = issuer.ledger.deliveries(period=period.key, kind="document", states=SENT)
    return {
        (of.document, of.scope, each.channel, each.recipient.casefold())
        for each in sent
        if (of := known.get(str(each.edition_id))) is not None
        and of.number < newest.get((of.document, of.scope), 0)
    }


def _to_readers(
    owed: Iterable[NewDelivery], editions: Sequence[Edition], had: set[Reader]
) -> Iterator[NewDelivery]:
    return (each for each in owed if _reader(each, editions) in had)


def _reader(of: NewDelivery, editions: Sequence[Edition]) -> Reader:
    edition = next(e for e in editions if e.id == of.edition_id)
    return edition.document, edition.scope, of.channel, of.recipient.casefold()


def _made_again(
    issuer: Issuer,
    kinds: Sequence[str],
    schedules: Sequence[Schedule],
    period: Period,
    why: str,
    answer_by: datetime | None,
) -> Run:
    """The run that makes documents of these kinds again; not before facts are as ready as each of
    the schedules wants them."""
    work = open_workspace(issuer.project, issuer.now())
    unready = [work.unready(s.hold.complete, s.hold.slack, period) for s in schedules]
    said = "; ".join(dict.fromkeys(each for each in unready if each))
    request = RunRequest(kinds, said, reason=why, answer_by=answer_by)
    pipeline = Pipeline(work, issuer.ledger, issuer.now, issuer.progress, request)
    return pipeline.run(period, work.as_of).run
