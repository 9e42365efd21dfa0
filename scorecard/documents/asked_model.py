"""What owners are asked, answer and promise, as pages print it."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.answering.model import Question
from scorecard.documents.model import Mark, Region


@dataclass(frozen=True)
class QuestionLine:
    """A question with the mark and the verdict of what raised it; empty of a commitment."""

    question: Question
    mark: Mark
    region: Region
    words: str


@dataclass(frozen=True)
class CommitmentLine:
    """A commitment as it is printed: "bring Gold to 4 h", "Gold first reply", "4 Aug 2026",
    "Dec 2026", "open" or "broken: 5.8 h".

    `ends` is the key of the period in which it is due, as long as it can still be moved or
    withdrawn; else empty.
    """

    number: int
    text: str
    moves: str
    made: str
    due: str
    outcome: str
    loud: bool = False
    ends: str = ""


@dataclass(frozen=True)
class AnsweredLine:
    """A question that was put, and the last answer: `said` is who answered when, or that nobody
    did by the deadline."""

    line: QuestionLine
    answer: str
    said: str
