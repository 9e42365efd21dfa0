"""The owner's scorecard, complete as data before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.documents.asked_model import AnsweredLine, CommitmentLine
from scorecard.documents.model import Heading, StanceLine
from scorecard.documents.trend_model import Trend


@dataclass(frozen=True)
class AffectedRow:
    """The customers affected by one of an owner's exceptions; `which` is "Gold · CSAT"."""

    which: str
    names: str
    count: str
    how: str
    outcome: str


@dataclass(frozen=True)
class OwnerScorecard:
    """One owner's page. `margins` are the tiers' customer margin, printed beside the scores.

    name         who answered at the period's end, or the role where nobody did
    standing     a vacancy and who is told of it, or who has answered since; else empty
    allowed      every person whom the page may name
    trends       of the exceptions, for a page that has room for all of them
    asked        the questions that were put about the period, with answers or silence
    commitments  the open ones, and those that were closed by or since the period
    record       what became of those of the last periods, as counts
    read         who acknowledged the pre-read or an earlier edition
    restated     what it replaces and why, see `documents.restated`
    """

    kind: ClassVar[str] = "owner-scorecard"
    heading: Heading
    owner: str
    name: str
    role: str
    team: str
    purpose: str
    sentence: str
    strengths: tuple[StanceLine, ...]
    weaknesses: tuple[StanceLine, ...]
    affected: tuple[AffectedRow, ...]
    margins: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    standing: str = ""
    allowed: tuple[str, ...] = ()
    trends: tuple[Trend, ...] = ()
    asked: tuple[AnsweredLine, ...] = ()
    commitments: tuple[CommitmentLine, ...] = ()
    record: str = ""
    read: str = ""
    restated: tuple[str, ...] = ()

    @property
    def stances(self) -> tuple[StanceLine, ...]:
        """The stances that the page is about, in its order."""
        return (*self.strengths, *self.weaknesses)

    @property
    def about(self) -> str:
        """Whose page it is, with the role: one person may have several posts."""
        return ", ".join(part for part in (self.name, self.role) if part)
