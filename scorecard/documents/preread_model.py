"""The pre-read, complete as data: what an owner is asked, before anybody asks it in a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.documents.asked_model import CommitmentLine, QuestionLine
from scorecard.documents.model import Heading, StanceLine


@dataclass(frozen=True)
class PreRead:
    """What one owner gets some days before the packet: their choices, and what they are asked.

    name       who answers now, or the role where nobody does
    answer_by  until when answers are taken, as printed; empty where there is no deadline
    questions  what is asked, in order; empty where nothing has to be
    commitments  the open ones, and those that became due with the period
    record     what became of the commitments of the last periods, as counts
    allowed    every person whom it may name
    dues       the periods by whose end a commitment may be due, as key and as printed; empty where
               none can be made
    restated   what it replaces and why, see `documents.restated`; printed among the `notes`
    """

    kind: ClassVar[str] = "pre-read"
    heading: Heading
    owner: str
    name: str
    role: str
    team: str
    purpose: str
    sentence: str
    answer_by: str
    stances: tuple[StanceLine, ...]
    questions: tuple[QuestionLine, ...]
    commitments: tuple[CommitmentLine, ...]
    record: str
    standing: str = ""
    allowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()
    dues: tuple[tuple[str, str], ...] = ()

    @property
    def about(self) -> str:
        """Whose it is, with the role: one person may have several posts."""
        return ", ".join(part for part in (self.name, self.role) if part)
