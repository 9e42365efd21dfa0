"""Questions that were asked, what was answered, and which editions were acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from scorecard.answering.model import Acknowledgement, Answer, Asked, Question, Source, Unread
from scorecard.base.periods import Period
from scorecard.ledger.answer_models import (
    AcknowledgementRow,
    AnswerRow,
    CommitmentRow,
    QuestionRow,
    ReplyLinkRow,
)
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.models import EditionRow
from scorecard.ledger.store import Store


class Answers(Store):
    """The ledger's records of questions, answers and acknowledgements."""

    def ask(
        self,
        questions: Sequence[Question],
        edition_id: str,
        answer_by: datetime | None,
        now: datetime,
    ) -> None:
        """Record questions as they are put in an edition; one that was put before stays as it is,
        with its deadline, so that a later edition cannot take an answer back."""

        def work(session: Session) -> None:
            for each in questions:
                if session.get(QuestionRow, each.id) is None:
                    session.add(
                        QuestionRow(
                            **asdict(each),
                            edition_id=edition_id,
                            asked_at=now,
                            answer_by=answer_by,
                        )
                    )

        if questions:
            self._in_turn(work, now)

    def asked(self, period: Period, owner: str = "") -> list[Asked]:
        """The questions of a period, of one post or of all, by post and number.

        AlteredError where one is not what was recorded.
        """
        query = select(QuestionRow).where(QuestionRow.period == period.key)
        if owner:
            query = query.where(QuestionRow.owner == owner)
        with self._reading() as session:
            rows = list(session.exec(query.order_by(QuestionRow.owner, col(QuestionRow.number))))
            refuse_altered(session, QuestionRow, [(row.id,) for row in rows], self.where)
            return [as_asked(row) for row in rows]

    def newest_asked(self, owner: str = "") -> str:
        """The period of the questions that were asked last, of one post or of any; "" for none."""
        query = select(QuestionRow.period).order_by(col(QuestionRow.asked_at).desc())
        if owner:
            query = query.where(QuestionRow.owner == owner)
        with self._reading() as session:
            return session.exec(query).first() or ""

    def question(self, id: str) -> Asked | None:
        """The question of that id; None where none was asked."""
        with self._reading() as session:
            row = session.get(QuestionRow, id)
            if row is None:
                return None
            refuse_altered(session, QuestionRow, [(row.id,)], self.where)
            return as_asked(row)

    def answers(self, period: Period) -> dict[str, list[Answer]]:
        """By question of a period all answers, the first one first.

        AlteredError where one is not what was recorded.
        """
        query = (
            select(AnswerRow)
            .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
            .where(QuestionRow.period == period.key)
            .order_by(AnswerRow.question_id, col(AnswerRow.number))
        )
        found: dict[str, list[Answer]] = {}
        with self._reading() as session:
            rows = list(session.exec(query))
            keys = [(row.question_id, row.number) for row in rows]
            refuse_altered(session, AnswerRow, keys, self.where)
            for row in rows:
                found.setdefault(row.question_id, []).append(Answer(**row.model_dump()))
        return found

    def acknowledgements(self, period: Period) -> list[Acknowledgement]:
        """Who acknowledged which edition of a period, the first one first."""
        query = (
            select(AcknowledgementRow)
            .join(EditionRow, col(EditionRow.id) == AcknowledgementRow.edition_id)
            .where(EditionRow.period == period.key)
            .order_by(col(AcknowledgementRow.at), AcknowledgementRow.person)
        )
        with self._reading() as session:
            rows = list(session.exec(query))
            keys = [(row.edition_id, row.person) for row in rows]
            refuse_altered(session, AcknowledgementRow, keys, self.where)
            return [Acknowledgement(**row.model_dump()) for row in rows]

    def unread(self, period: Period, documents: Collection[str], as_of: datetime) -> list[Unread]:
        """The pages of a period, of these kinds, that asked to be read and were not by `as_of`, by
        owner and kind.

        A page asks by its questions, or by a link that was given out. It was read if somebody
        acknowledged any edition of it, or answered one, or committed to something in it.
        AlteredError where a question, an answer or an acknowledgement is not what was recorded.
        """
        asked, said = self.asked(period), self.answers(period)
        read = {a.edition_id for a in self.acknowledgements(period) if a.at <= as_of}
        read |= {a.edition_id for of in said.values() for a in of if a.said_at <= as_of}
        editions: dict[tuple[str, str], dict[str, int]] = {}
        with self._reading() as session:
            columns = (EditionRow.id, EditionRow.scope, EditionRow.document, EditionRow.number)
            of_period = select(*columns).where(
                EditionRow.period == period.key, col(EditionRow.document).in_(documents)
            )
            for id, scope, document, number in session.exec(of_period):
                editions.setdefault((scope, document), {})[id] = number
            ids = [id for of in editions.values() for id in of]
            linked = select(ReplyLinkRow.edition_id).where(
                col(ReplyLinkRow.edition_id).in_(ids), ReplyLinkRow.issued_at <= as_of
            )
            asking = {*session.exec(linked), *(a.edition_id for a in asked)}
            made = select(CommitmentRow.made_in).where(
                col(CommitmentRow.made_in).in_(ids), CommitmentRow.made_at <= as_of
            )
            read |= set(session.exec(made))
        found = []
        for (owner, document), of in sorted(editions.items()):
            if asking & of.keys() and not read & of.keys():
                ends = [a.answer_by for a in asked if a.edition_id in of and a.answer_by]
                last = max(ends, default=None)
                found.append(Unread(owner, document, period.key, max(of.values()), last))
        return found


def last_answers(session: Session, questions: Sequence[str], where: str) -> dict[str, Answer]:
    """By question the last answer, of those that have one; AlteredError as `Answers.answers`."""
    query = select(AnswerRow).where(col(AnswerRow.question_id).in_(questions))
    rows = list(session.exec(query.order_by(AnswerRow.question_id, col(AnswerRow.number))))
    refuse_altered(session, AnswerRow, [(row.question_id, row.number) for row in rows], where)
    return {row.question_id: Answer(**row.model_dump()) for row in rows}


def add_answer(
    session: Session,
    question_id: str,
    person: str,
    text: str,
    source: Source,
    edition_id: str,
    now: datetime,
) -> bool:
    """Add an answer, unless the last one of that question says the same; whether it was added."""
    newest = session.exec(
        select(AnswerRow)
        .where(AnswerRow.question_id == question_id)
        .order_by(col(AnswerRow.number).desc())
    ).first()
    if newest is not None and (newest.text, newest.person) == (text, person):
        return False
    session.add(
        AnswerRow(
            question_id=question_id,
            number=newest.number + 1 if newest else 1,
            person=person,
            text=text,
            source=source,
            edition_id=edition_id,
            said_at=now,
        )
    )
    return True


def add_acknowledgement(
    session: Session, edition_id: str, person: str, source: Source, now: datetime
) -> bool:
    """Record that somebody has read an edition, once; whether it was recorded now."""
    if session.get(AcknowledgementRow, (edition_id, person)) is not None:
        return False
    session.add(AcknowledgementRow(edition_id=edition_id, person=person, source=source, at=now))
    return True


def as_asked(row: QuestionRow) -> Asked:
    """A question as it was put."""
    put = {"edition_id", "asked_at", "answer_by"}
    question = Question(**row.model_dump(exclude=put))
    return Asked(question, row.edition_id, row.asked_at, row.answer_by)
