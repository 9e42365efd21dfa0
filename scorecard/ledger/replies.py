"""Replies: everything of one reply recorded in one transaction, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from scorecard.answering.model import (
    Answer,
    Asked,
    Commitment,
    CommitmentStep,
    Promised,
    Receipt,
    Renegotiated,
    Reply,
    Withdrawn,
)
from scorecard.answering.rules import is_repeated, tidy
from scorecard.errors import ReplyError
from scorecard.ledger.answer_models import QuestionRow
from scorecard.ledger.answers import (
    add_acknowledgement,
    add_answer,
    as_asked,
    last_answers,
)
from scorecard.ledger.commitments import add_commitment, add_step, read_commitments
from scorecard.ledger.editions import Edition, as_edition
from scorecard.ledger.journal import LOCK, refuse_altered
from scorecard.ledger.models import EditionRow
from scorecard.ledger.store import Store


@dataclass(frozen=True)
class Known:
    """What a reply is held against, as it is while it is recorded.

    edition      the one that was read; None where there is none of that id
    newest       the number of the newest edition of the same document
    asked        by id the post's questions of its period
    said         by question the last answer
    commitments  all of the post
    """

    edition: Edition | None
    newest: int
    asked: Mapping[str, Asked]
    said: Mapping[str, Answer]
    commitments: Sequence[Commitment]


class _NotKept(Exception):
    """Takes back what was recorded only to see what it would be."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__()
        self.receipt = receipt


class Replies(Store):
    """The ledger's one way in for what owners write."""

    def receive(
        self,
        reply: Reply,
        wrong: Callable[[Known], Sequence[str]],
        now: datetime,
        *,
        keep: bool = True,
    ) -> Receipt:
        """Record a reply unless `wrong` has something against it.

        ReplyError with all that it has; then nothing was recorded. What was recorded before in
        the same words is not recorded again. Without `keep` all of it is taken back at once.
        """

        def work(session: Session) -> Receipt:
            _lock_post(session, reply.owner)
            known = self._known(session, reply)
            if said := list(wrong(known)):
                raise ReplyError(said)
            receipt = _recorded(session, reply, known, now)
            if not keep:
                session.flush()
                raise _NotKept(receipt)
            return receipt

        try:
            return self._in_turn(work, now)
        except _NotKept as taken_back:
            return taken_back.receipt

    def _known(self, session: Session, reply: Reply) -> Known:
        row = session.get(EditionRow, reply.edition_id)
        if row is None:
            return Known(None, 0, {}, {}, ())
        refuse_altered(session, EditionRow, [(row.id,)], self.where)
        newest = session.exec(
            select(EditionRow.number)
            .where(
                EditionRow.document == row.document,
                EditionRow.scope == row.scope,
                EditionRow.period == row.period,
            )
            .order_by(col(EditionRow.number).desc())
        ).first()
        query = select(QuestionRow).where(
            QuestionRow.period == row.period, QuestionRow.owner == reply.owner
        )
        asked = {q.id: as_asked(q) for q in session.exec(query)}
        refuse_altered(session, QuestionRow, [(id,) for id in asked], self.where)
        commitments = read_commitments(session, self.where, reply.owner)
        said = last_answers(session, list(asked), self.where)
        return Known(as_edition(row), newest or 0, asked, said, commitments)


def _lock_post(session: Session, owner: str) -> None:
    """Have two who write for one post at a time do so one after the other, so that the second one
    knows what the first one said; SQLite lets nobody else write anyway."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        post = int.from_bytes(sha256(owner.encode()).digest()[:4], "big", signed=True)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK}, {post})")


def _recorded(session: Session, reply: Reply, known: Known, now: datetime) -> Receipt:
    assert known.edition is not None
    by, edition, said_before = reply.source, known.edition, []
    answered, promised = [], []
    moved, dropped = list[int](), list[int]()
    for id, text in reply.answers:
        number = known.asked[id].question.number
        if add_answer(session, id, reply.person, tidy(text), by, edition.id, now):
            answered.append(number)
        else:
            said_before.append(f"Question {number} was answered in these words before.")
    for wanted in reply.promised:
        if same := _made_before(wanted, known.commitments):
            said_before.append(f"Commitment {same} says the same and is open.")
            continue
        promised.append(add_commitment(session, _maker(reply, wanted, edition, now)).number)
    by_number = {c.number: c for c in known.commitments}
    steps: tuple[Renegotiated | Withdrawn, ...] = (*reply.renegotiated, *reply.withdrawn)
    for said in steps:
        was = "renegotiated" if isinstance(said, Renegotiated) else "withdrawn"
        if is_repeated(said, reply.person, by_number[said.number]):
            said_before.append(f"Commitment {said.number} was {was} in these words before.")
            continue
        add_step(session, by_number[said.number], _step(reply, said, now))
        (moved if was == "renegotiated" else dropped).append(said.number)
    read = reply.read and add_acknowledgement(session, edition.id, reply.person, by, now)
    if reply.read and not read:
        said_before.append("That you have read it was recorded before.")
    return Receipt(
        tuple(answered),
        tuple(promised),
        tuple(moved),
        tuple(dropped),
        read,
        tuple(said_before),
    )


def _made_before(wanted: Promised, commitments: Sequence[Commitment]) -> int:
    """The number of the open commitment that says the same; 0 where none does."""
    said = (tidy(wanted.text), wanted.goal, wanted.due)
    same = (c.number for c in commitments if c.is_open and (c.text, c.goal, c.due_now) == said)
    return next(same, 0)


def _maker(
    reply: Reply, wanted: Promised, edition: Edition, now: datetime
) -> Callable[[int], Commitment]:
    return lambda number: Commitment(
        number=number,
        owner=reply.owner,
        person=reply.person,
        text=tidy(wanted.text),
        goal=wanted.goal,
        due=wanted.due,
        period=edition.period,
        made_in=edition.id,
        made_at=now,
        source=reply.source,
    )


def _step(reply: Reply, said: Renegotiated | Withdrawn, now: datetime) -> CommitmentStep:
    moved = isinstance(said, Renegotiated)
    return CommitmentStep(
        step="renegotiated" if moved else "withdrawn",
        at=now,
        person=reply.person,
        source=reply.source,
        reason=said.reason,
        text=tidy(said.text),
        due=said.due if isinstance(said, Renegotiated) else "",
    )
