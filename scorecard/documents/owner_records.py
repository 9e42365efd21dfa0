"""Owner records: what a post answered, promised and proposed, as counts with reasons.

No share, no grade, no order of people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scorecard.answering.model import Asked, Commitment
from scorecard.base.periods import Period
from scorecard.documents import committed, vacancies
from scorecard.documents.accountability_model import (
    OwnerRecord,
    ProposalRecord,
    TeamRecord,
    UnreadRecord,
)
from scorecard.documents.answered import last_answer, silence, unread
from scorecard.documents.drawing_board import BoardRow, board
from scorecard.documents.formats import DASH
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Owner

MONTHS = 12
"""How long what became of a commitment stays beside its owner's name."""


def team_record(view: ReportView, owners: Sequence[Owner]) -> TeamRecord | None:
    """What is on record of a team's owners; each of them has a row, or none where nothing was asked
    or promised. None where nothing was proposed either."""
    ids, recent = [o.id for o in owners], recent_commitments(view)
    rows = [row for row in board(view) if row.owner in ids]
    missing = unread_records(view, ids)
    posts = {a.question.owner for a in view.data.answering.asked} | {c.owner for c in recent}
    counting = bool(missing) or not posts.isdisjoint(ids)
    if not (counting or rows):
        return None
    return TeamRecord(
        tuple(owner_record(view, id, recent, rows) for id in ids) if counting else (),
        missing,
        tuple(proposal_record(row) for row in rows),
    )


def recent_commitments(view: ReportView) -> list[Commitment]:
    """The commitments that are open, or were closed in the last twelve months or since."""
    now = view.data.period
    begin = now.trailing(MONTHS)
    known = view.data.answering.commitments
    return [c for c in known if c.is_open or committed.closed(c, now.tz).after > begin]


def owner_record(
    view: ReportView, id: str, recent: Sequence[Commitment], rows: Sequence[BoardRow] = ()
) -> OwnerRecord:
    """The record of one post, of these commitments and rows of the drawing board."""
    owner = view.data.strategy.owner(id)
    mine = [c for c in recent if c.owner == id]
    asked = [a for a in view.data.answering.asked if a.question.owner == id]
    silent = [a for a in asked if last_answer(view, a) is None]
    tz = view.data.period.tz
    still = sorted((c for c in mine if c.is_open), key=lambda c: Period.parse(c.due_now, tz))
    first = still[0] if still else None
    return OwnerRecord(
        name=view.owner_name(id),
        role=owner.role if owner else "",
        answered=f"{len(asked) - len(silent)} of {len(asked)}" if asked else DASH,
        silent=_silence(view, silent),
        kept_and_moved=str(counted(mine, "kept, and it moved")),
        kept=str(counted(mine, "kept, no effect")),
        renegotiated=str(sum(s.step == "renegotiated" for c in mine for s in c.steps)),
        broken=str(counted(mine, "broken")),
        not_shown=str(counted(mine, "not shown")),
        withdrawn=str(sum(c.last is not None and c.last.step == "withdrawn" for c in mine)),
        open=str(len(still)),
        why=_why(mine),
        next=first.text if first else DASH,
        due=view.formats.period(Period.parse(first.due_now, tz)) if first else DASH,
        sent_back=str(sum(row.owner == id and row.kind == "sent back" for row in rows)),
        unread=unread(view, id),
    )


def unread_records(view: ReportView, ids: Sequence[str]) -> tuple[UnreadRecord, ...]:
    """Which of these posts did not acknowledge their page, and who is told of it."""
    return tuple(
        UnreadRecord(view.owner_name(id), pages, vacancies.told_of_silence(view, id))
        for id in ids
        if (pages := unread(view, id))
    )


def proposal_record(row: BoardRow) -> ProposalRecord:
    return ProposalRecord(row.proposal, row.kind, row.by, "; ".join(row.said))


def counted(commitments: Sequence[Commitment], outcome: str) -> int:
    """How many of them came out so."""
    return sum(c.last is not None and c.last.outcome == outcome for c in commitments)


def _silence(view: ReportView, silent: Sequence[Asked]) -> str:
    """ "No answer by 13 Nov 2026 18:00 Europe/London: 2", "No answer yet: 1", or empty."""
    counts = Counter(silence(view, asked) for asked in silent)
    return "; ".join(f"{said}: {n}" for said, n in counts.items())


def _why(commitments: Sequence[Commitment]) -> str:
    """ "staffing 1, scope 2", of what was moved or withdrawn; a dash for none."""
    reasons = Counter(s.reason for c in commitments for s in c.steps if s.reason)
    return ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items())) or DASH
