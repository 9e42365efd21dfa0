"""Heard: what owners were asked and said about a period, by the ledger, and the packet before it.

Only what was said by the moment as of which the run reads is known. What became of commitments is
told by figures, so of these outcomes all are known that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scorecard.answering.model import Answer, Commitment, Unread
from scorecard.base.periods import Period
from scorecard.documents.kinds import EXECUTIVES, PACKET, PAGES, read_document
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.report_data import Answering, Before, LastPacket
from scorecard.documents.still_asked import still_asked
from scorecard.ledger import Ledger, Run


def answering(ledger: Ledger, run: Run, period: Period, last: LastPacket | None) -> Answering:
    """What was asked and said about a period."""
    return Answering(
        still_asked(ledger, period),
        _said(ledger, run, period),
        [a for a in ledger.acknowledgements(period) if a.at <= run.as_of],
        [_by(c, run.as_of) for c in ledger.commitments() if c.made_at <= run.as_of],
        now=run.as_of,
        before=tuple(_before(ledger, run, period)),
        unread=_unread(ledger, run, period, last),
    )


def last_packet(ledger: Ledger, run: Run, period: Period) -> LastPacket | None:
    """The packet that was issued last for an earlier period; None where none was.

    AlteredError where it, or a result that it printed, is not what was written.
    """
    edition = ledger.issued_before(PACKET, EXECUTIVES, period)
    if edition is None:
        return None
    document = read_document(edition.document, edition.content)
    assert isinstance(document, ExecutivePacket)
    before = Period.parse(edition.period, period.tz)
    return LastPacket(
        before,
        edition.number,
        document,
        ledger.results_of(ledger.run(edition.run_id)),
        edition.as_of,
        edition.created_at,
        still_asked(ledger, before),
        _said(ledger, run, before),
    )


def _said(ledger: Ledger, run: Run, period: Period) -> Mapping[str, Sequence[Answer]]:
    answers = ledger.answers(period)
    return {
        id: said
        for id, of in answers.items()
        if (said := [a for a in of if a.said_at <= run.as_of])
    }


def _before(ledger: Ledger, run: Run, period: Period) -> Iterator[Before]:
    """What was asked in the periods before, back to where nothing has been asked ever since."""
    at, running = period, set[tuple[str, str]]()
    while not period.is_span:
        at = at.previous()
        asked = [a for a in still_asked(ledger, at) if a.asked_at <= run.as_of]
        subjects = {(a.question.owner, a.question.about) for a in asked}
        running = subjects & running if at != period.previous() else subjects
        if not running:
            return
        answers = ledger.answers(at)
        for each in asked:
            said = [a for a in answers.get(each.question.id, ()) if a.said_at <= run.as_of]
            yield Before(each, said[-1] if said else None)


def _by(commitment: Commitment, as_of: datetime) -> Commitment:
    """The commitment without what its owner did later."""
    kept = tuple(s for s in commitment.steps if s.step == "settled" or s.at <= as_of)
    return replace(commitment, steps=kept)


def _unread(ledger: Ledger, run: Run, period: Period, last: LastPacket | None) -> Sequence[Unread]:
    """The pages that nobody acknowledged before the next one came.

    Of this period those whose questions can be answered no more; of the one before those that
    could still be read when its packet was made.
    """
    as_of, then = run.as_of, last.as_of if last is not None else None
    found = ledger.unread(period, PAGES, as_of)
    over = [u for u in found if u.answer_by is not None and u.answer_by < as_of]
    if period.is_span:
        return over
    before = ledger.unread(period.previous(), PAGES, as_of)
    waited = [u for u in before if not (u.answer_by and then and u.answer_by < then)]
    return [*waited, *over]
