"""Accountability: who answered and who did not, and what became of what was promised.

Counts with reasons in the order of the strategy: no share, no grade, no order of people.
"""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.answering.model import Asked, Commitment
from scorecard.documents.accountability_model import (
    AccountabilityPage,
    ProposalRecord,
    QuestionRecord,
    UnreadRecord,
)
from scorecard.documents.answered import last_answer, said_by, still_taken
from scorecard.documents.drawing_board import board
from scorecard.documents.grammar import capital, plural
from scorecard.documents.owner_records import (
    counted,
    owner_record,
    proposal_record,
    recent_commitments,
    unread_records,
)
from scorecard.documents.view import ReportView


def accountability_page(view: ReportView) -> AccountabilityPage | None:
    """The page, or None where nothing was asked, and nobody promised or proposed anything."""
    said, recent = view.data.answering, recent_commitments(view)
    rows = board(view)
    proposals = tuple(proposal_record(row) for row in rows)
    posts = _posts(view, recent)
    if not (posts or proposals):
        return None
    unread = unread_records(view, posts)
    asked = [a for id in posts for a in said.asked if a.question.owner == id]
    answered = [a for a in asked if last_answer(view, a) is not None]
    return AccountabilityPage(
        sentence=_sentence(view, asked, recent, proposals, unread),
        owners=tuple(owner_record(view, id, recent, rows) for id in posts),
        questions=tuple(_question(view, a) for a in asked if last_answer(view, a) is None),
        answers=tuple(_question(view, a) for a in answered),
        read=_read(view),
        proposals=proposals,
        unread=unread,
    )


def _posts(view: ReportView, recent: Sequence[Commitment]) -> list[str]:
    """The posts that were asked, promised something or read nothing, in the order of the strategy;
    last those that it has no more, whose promises stay on record."""
    said = view.data.answering
    posts = {a.question.owner for a in said.asked} | {c.owner for c in recent}
    posts |= {u.owner for u in said.unread}
    known = [o.id for o in view.data.strategy.owners if o.id in posts]
    return [*known, *sorted(posts - set(known))]


def _sentence(
    view: ReportView,
    asked: Sequence[Asked],
    commitments: Sequence[Commitment],
    proposals: Sequence[ProposalRecord],
    unread: Sequence[UnreadRecord],
) -> str:
    """ "12 of 16 questions were answered in time; of 32 commitments 15 were kept and moved their
    figure, and 6 were broken." While answers are taken it says "so far" instead of "in time"."""
    parts = []
    if asked:
        waiting = [a for a in asked if last_answer(view, a) is None]
        n, said = len(asked), len(asked) - len(waiting)
        how = "answered in time"
        if waiting and still_taken(view, waiting):
            how = "answered so far"
        parts.append(f"{said} of {n} {plural(n, 'question')} {_were(n)} {how}")
    closed = [c for c in commitments if not c.is_open]
    if closed:
        moved, broken = (counted(closed, what) for what in ("kept, and it moved", "broken"))
        of = f"of {len(closed)} closed {plural(len(closed), 'commitment')}"
        kept = f"{moved} {_were(moved)} kept and moved the figure"
        parts.append(f"{of} {kept}, {broken} {_were(broken)} broken")
    elif commitments:
        n = len(commitments)
        parts.append(f"{n} {plural(n, 'commitment')} {'is' if n == 1 else 'are'} open")
    if unread:
        n = len(unread)
        parts.append(f"{n} {plural(n, 'owner')} did not acknowledge their page")
    if not parts:
        parts.append(_board_in_words(proposals))
    return f"{capital('; '.join(parts))}."


def _board_in_words(proposals: Sequence[ProposalRecord]) -> str:
    """ "2 proposals were sent back to the drawing board", or else how many there are."""
    back, of = sum(p.kind == "sent back" for p in proposals), len(proposals)
    if back:
        return f"{back} {plural(back, 'proposal')} {_were(back)} sent back to the drawing board"
    waiting = sum(p.kind == "to be decided" for p in proposals)
    if waiting:
        return (
            f"{waiting} {plural(waiting, 'proposal')} {'is' if waiting == 1 else 'are'} undecided"
        )
    return f"{of} {plural(of, 'proposal')} {_were(of)} decided or reviewed"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


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
