"""The ledger's tables of proposals. Rows are only added.

proposal          a proposal as it was handed in, and what was missing; or that it was withdrawn, or
                  that somebody decided on it
proposal_review   what was found of it when its review date had come, figure by figure
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Double
from sqlmodel import Field

from scorecard.ledger.models import LedgerTable, UtcDateTime


class ProposalRow(LedgerTable, table=True):
    __tablename__ = "proposal"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(index=True)
    hash: str
    title: str
    owner: str
    content: str
    missing: str
    margins: str
    step: str
    reason: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    person: str | None = None


class ProposalReviewRow(LedgerTable, table=True):
    __tablename__ = "proposal_review"

    proposal: int = Field(primary_key=True, foreign_key="proposal.number")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    period: str
    kind: str
    metric: str
    tier: str
    was: float | None = Field(default=None, sa_type=Double)
    predicted: float | None = Field(default=None, sa_type=Double)
    value: float | None = Field(default=None, sa_type=Double)
    low: float | None = Field(default=None, sa_type=Double)
    high: float | None = Field(default=None, sa_type=Double)
    n: int = Field(default=0, sa_type=BigInteger)
    outcome: str = ""
    run_id: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
