"""The ledger's tables of what owners are asked, answer and promise. Rows are only added.

question          what a post was asked about a period, in which edition, until when
answer            what was answered; a later answer to the same question is another row
commitment        what an owner promised, which figure it moves, and by when
commitment_step   renegotiated, withdrawn, or settled by the figure
acknowledgement   that somebody has read an edition
reply_link        a signed link to an owner's page: for whom, which edition, until when
reply_link_event  that it was opened, used, refused or revoked
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Double, Index
from sqlmodel import Field

from scorecard.ledger.models import LedgerTable, UtcDateTime


class QuestionRow(LedgerTable, table=True):
    __tablename__ = "question"
    __table_args__ = (Index(None, "period", "owner"),)

    id: str = Field(primary_key=True)
    period: str
    owner: str
    number: int
    trigger: str
    theme: str
    about: str
    text: str
    raised_by: str
    figure: str
    page: str
    edition_id: str = Field(foreign_key="edition.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer_by: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AnswerRow(LedgerTable, table=True):
    __tablename__ = "answer"

    question_id: str = Field(primary_key=True, foreign_key="question.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str
    text: str
    source: str
    edition_id: str = Field(foreign_key="edition.id")
    said_at: datetime = Field(sa_type=UtcDateTime)


class CommitmentRow(LedgerTable, table=True):
    __tablename__ = "commitment"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    owner: str = Field(index=True)
    person: str
    text: str
    metric: str
    tier: str
    at_worst: float | None = Field(default=None, sa_type=Double)
    at_best: float | None = Field(default=None, sa_type=Double)
    due: str
    period: str
    made_in: str = ""
    made_at: datetime = Field(sa_type=UtcDateTime)
    source: str


class CommitmentStepRow(LedgerTable, table=True):
    __tablename__ = "commitment_step"

    commitment: int = Field(primary_key=True, foreign_key="commitment.number")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    step: str
    at: datetime = Field(sa_type=UtcDateTime)
    person: str = ""
    source: str = ""
    reason: str = ""
    text: str = ""
    due: str = ""
    outcome: str = ""
    value: float | None = Field(default=None, sa_type=Double)
    low: float | None = Field(default=None, sa_type=Double)
    high: float | None = Field(default=None, sa_type=Double)
    n: int = Field(default=0, sa_type=BigInteger)
    run_id: str = ""


class AcknowledgementRow(LedgerTable, table=True):
    __tablename__ = "acknowledgement"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id")
    person: str = Field(primary_key=True)
    source: str
    at: datetime = Field(sa_type=UtcDateTime)


class ReplyLinkRow(LedgerTable, table=True):
    __tablename__ = "reply_link"

    id: str = Field(primary_key=True)
    opens: str
    owner: str = Field(index=True)
    person: str
    email: str = ""
    edition_id: str | None = Field(default=None, foreign_key="edition.id")
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ReplyLinkEventRow(LedgerTable, table=True):
    __tablename__ = "reply_link_event"

    link: str = Field(primary_key=True, foreign_key="reply_link.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event: str
    at: datetime = Field(sa_type=UtcDateTime)
    said: str = ""
