"""Accountability: who answered and who did not, and what became of what was promised.

Counts with reasons in the order of the strategy: no share, no grade, no order of people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scorecard.answering.model import Asked, Commitment
from scorecard.base.periods import Period
from scorecard.documents import committed
from scorecard.documents.accountability_model import (
    AccountabilityPage,
    OwnerRecord,
    ProposalRecord,
    QuestionRecord,
)
from scorecard.documents.answered import last_answer, said_by, silence
from scorecard.documents.drawing_board import BoardRow, board
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital, plural
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Owner

MONTHS = 12
"""How long what became of a commitment stays beside its owner's name."""


def accountability_page(view: ReportView) -> AccountabilityPage | None:
    """The page, or None where nothing was asked, and nobody promised or proposed anything."""
    said = view.data.answering
    recent, proposals = _recent(view), tuple(_proposal(row) for row in board(view))
    if not (said.asked or recent or proposals):
        return None
    posts = {a.question.owner for a in said.asked} | {c.owner for c in recent}
    owners = [o for o in view.data.strategy.owners if o.id in posts]
    asked = [a for o in owners for a in said.asked if a.question.owner == o.id]
    answered = [a for a in asked if last_answer(view, a) is not None]
    return AccountabilityPage(
        sentence=_sentence(len(answered), len(asked), recent, proposals),
        owners=tuple(_record(view, o, recent) for o in owners),
        questions=tuple(_question(view, a) for a in asked if last_answer(view, a) is None),
        answers=tuple(_question(view, a) for a in answered),
        read=_read(view),
        proposals=proposals,
    )


def _proposal(row: BoardRow) -> ProposalRecord:
    return ProposalRecord(row.proposal, row.kind, row.by, "; ".join(row.said))


def _recent(view: ReportView) -> list[Commitment]:
    """The commitments that are open, or were closed in the last twelve months or since."""
    now = view.data.period
    begin = now.trailing(MONTHS)
    known = view.data.answering.commitments
    return [c for c in known if c.is_open or committed.closed(c, now.tz).after > begin]


def _sentence(
    answered: int,
    asked: int,
    commitments: Sequence[Commitment],
    proposals: Sequence[ProposalRecord],
) -> str:
    """ "12 of 16 questions were answered in time; of 32 commitments 15 were kept and moved their
    figure, and 6 were broken." """
    parts = []
    if asked:
        verb = "was" if asked == 1 else "were"
        parts.append(f"{answered} of {asked} {plural(asked, 'question')} {verb} answered in time")
    closed = [c for c in commitments if not c.is_open]
    if closed:
        moved, broken = (_count(closed, what) for what in ("kept, and it moved", "broken"))
        of = f"of {len(closed)} closed {plural(len(closed), 'commitment')}"
        kept = f"{moved} {_were(moved)} kept and moved the figure"
        parts.append(f"{of} {kept}, {broken} {_were(broken)} broken")
    elif commitments:
        n = len(commitments)
        parts.append(f"{n} {plural(n, 'commitment')} {'is' if n == 1 else 'are'} open")
    if not parts:
        n = sum(p.kind == "sent back" for p in proposals)
        verb = "was" if n == 1 else "were"
        parts.append(f"{n} {plural(n, 'proposal')} {verb} sent back to the drawing board")
    return f"{capital('; '.join(parts))}."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _count(commitments: Sequence[Commitment], outcome: str) -> int:
    return sum(c.last is not None and c.last.outcome == outcome for c in commitments)


def _record(view: ReportView, owner: Owner, recent: Sequence[Commitment]) -> OwnerRecord:
    mine = [c for c in recent if c.owner == owner.id]
    asked = [a for a in view.data.answering.asked if a.question.owner == owner.id]
    silent = [a for a in asked if last_answer(view, a) is None]
    still = sorted(
        (c for c in mine if c.is_open), key=lambda c: Period.parse(c.due_now, view.data.period.tz)
    )
    first = still[0] if still else None
    period = Period.parse(first.due_now, view.data.period.tz) if first else None
    return OwnerRecord(
        name=view.owner_name(owner.id),
        role=owner.role,
        answered=f"{len(asked) - len(silent)} of {len(asked)}" if asked else DASH,
        silent=_silence(view, silent),
        kept_and_moved=str(_count(mine, "kept, and it moved")),
        kept=str(_count(mine, "kept, no effect")),
        renegotiated=str(sum(s.step == "renegotiated" for c in mine for s in c.steps)),
        broken=str(_count(mine, "broken")),
        not_shown=str(_count(mine, "not shown")),
        withdrawn=str(sum(c.last is not None and c.last.step == "withdrawn" for c in mine)),
        open=str(len(still)),
        why=_why(mine),
        next=first.text if first else DASH,
        due=view.formats.period(period) if period else DASH,
    )


def _silence(view: ReportView, silent: Sequence[Asked]) -> str:
    """ "No answer by 13 Nov 2026 18:00 Europe/London: 2", "No answer yet: 1", or empty."""
    counts = Counter(silence(view, asked) for asked in silent)
    return "; ".join(f"{said}: {n}" for said, n in counts.items())


def _why(commitments: Sequence[Commitment]) -> str:
    """ "staffing 1, scope 2", of what was moved or withdrawn; a dash for none."""
    reasons = Counter(s.reason for c in commitments for s in c.steps if s.reason)
    return ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items())) or DASH


def _question(view: ReportView, asked: Asked) -> QuestionRecord:
    question, answer = asked.question, last_answer(view, asked)
    return QuestionRecord(
        str(question.number),
        question.text,
        question.raised_by,
        view.owner_name(question.owner),
        answer.text if answer else "",
        said_by(view, asked),
    )


def _read(view: ReportView) -> str:
    """ "3 pages were acknowledged: by Ada Berg, Bo Carr and Cy Dahl.", or empty."""
    names = list(dict.fromkeys(a.person for a in view.data.answering.acknowledged))
    return f"Pages were acknowledged by {', '.join(names)}." if names else ""
