"""The form: from what was typed, in the browser or in a PDF, to a reply, and the sentences about
what lacks.

answer-ID                       the text for a question
promise-text, -stance, -due     a new commitment
step-N, due-N, reason-N, why-N  an open commitment, renegotiated or withdrawn
read                            that the edition was read
token, form                     whose form it is, and its number
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scorecard.answering.model import (
    Answer,
    Asked,
    Commitment,
    Promised,
    Reason,
    Renegotiated,
    Reply,
    Source,
    Withdrawn,
)
from scorecard.answering.rules import tidy
from scorecard.errors import ProjectError
from scorecard.replies.door import Door

Fields = Mapping[str, str]
MOST_FIELDS = 100
_FIELD = re.compile(r"(?:answer|promise|step|due|reason|why)-[\w-]{1,64}|read|token|form")
_OF_QUESTION = re.compile(r"Question (\d+):")
_OF_COMMITMENT = re.compile(r"Commitment (\d+)\b")
PROMISE = re.compile(r"The commitment |\d+ commitments are open")


@dataclass(frozen=True)
class Addressed:
    """Whose form it is, and what it can be held against.

    person       who filled it in, by name
    asked        what the post was asked about the edition's period
    answers      by question, the first one first
    commitments  the post's, by number
    """

    owner: str
    person: str
    edition_id: str
    source: Source
    asked: Sequence[Asked]
    answers: Mapping[str, Sequence[Answer]]
    commitments: Sequence[Commitment]
    door: Door
    now: datetime

    def latest(self, question: str) -> Answer | None:
        """The answer that is printed; None where there is none yet."""
        given = self.answers.get(question, ())
        return given[-1] if given else None


def known(fields: Fields) -> dict[str, str]:
    """The fields that a form of ours has; whatever else came is left out."""
    return {name: text for name, text in fields.items() if _FIELD.fullmatch(name)}


def reply_of(fields: Fields, to: Addressed) -> tuple[Reply, list[str]]:
    """The reply that was typed, and a sentence for each thing that a form must have and lacks."""
    wrong: list[str] = []
    renegotiated, withdrawn = _steps(fields, to, wrong)
    reply = Reply(
        owner=to.owner,
        person=to.person,
        edition_id=to.edition_id,
        source=to.source,
        answers=_answers(fields, to),
        promised=_promised(fields, to, wrong),
        renegotiated=renegotiated,
        withdrawn=withdrawn,
        read=bool(fields.get("read")),
    )
    return reply, wrong


def _answers(fields: Fields, to: Addressed) -> tuple[tuple[str, str], ...]:
    """What is typed and was not said in these words already.

    An emptied field is sent where there was an answer: then the door says that it is empty.
    """
    found = []
    for asked in to.asked:
        typed = fields.get(f"answer-{asked.question.id}")
        latest = to.latest(asked.question.id)
        if typed is not None and tidy(typed) != (latest.text if latest else ""):
            found.append((asked.question.id, typed))
    return tuple(found)


def _promised(fields: Fields, to: Addressed, wrong: list[str]) -> tuple[Promised, ...]:
    text, key = fields.get("promise-text", ""), fields.get("promise-stance", "")
    due = fields.get("promise-due", "")
    if not (tidy(text) or key or due):
        return ()
    if not key:
        wrong.append("The commitment moves no stance yet; choose the one whose figure decides.")
    if not due:
        wrong.append("The commitment has no end yet; choose the period at whose end it is due.")
    if not key or not due:
        if not tidy(text):
            wrong.append("The commitment is empty; write what you will do, or choose nothing.")
        return ()
    try:
        return (Promised(text, to.door.goal(to.owner, key, to.now), due),)
    except ProjectError as error:
        wrong.append(f"The commitment names what it cannot move: {error}")
        return ()


def _steps(
    fields: Fields, to: Addressed, wrong: list[str]
) -> tuple[tuple[Renegotiated, ...], tuple[Withdrawn, ...]]:
    moved, dropped = [], []
    for commitment in to.commitments:
        number = commitment.number
        step, due = fields.get(f"step-{number}", ""), fields.get(f"due-{number}", "")
        reason, why = fields.get(f"reason-{number}", ""), fields.get(f"why-{number}", "")
        if not step:
            if due or reason or tidy(why):
                wrong.append(
                    f"Commitment {number} has a reason and no decision; choose whether it is "
                    "renegotiated or withdrawn."
                )
            continue
        if not reason:
            wrong.append(f"Commitment {number} has no reason yet; choose one, they are counted.")
        if step == "renegotiate" and not due:
            wrong.append(f"Commitment {number} has no new end yet; choose a later period.")
        if not reason or (step == "renegotiate" and not due):
            continue
        said: Reason = reason  # type: ignore[assignment] # the door refuses what is none
        if step == "renegotiate":
            moved.append(Renegotiated(number, due, said, why[:600]))
        else:
            dropped.append(Withdrawn(number, said, why[:600]))
    return tuple(moved), tuple(dropped)


def of_question(problem: str) -> int:
    """The number of the question that a sentence is about; 0 where it is about none."""
    found = _OF_QUESTION.match(problem)
    return int(found[1]) if found else 0


def of_commitment(problem: str) -> int:
    """The number of the open commitment that a sentence is about; 0 where it is about none."""
    found = _OF_COMMITMENT.match(problem)
    return int(found[1]) if found else 0
