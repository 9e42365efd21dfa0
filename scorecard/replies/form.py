"""The form: from what was typed, in the browser or in a PDF, to a reply, and the sentences about
what lacks.

answer-ID                       the text for a question
promise-text, -stance, -due     a new commitment, and
promise-to                      a goal that is better than its stance's limit
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
GOAL = "The goal "
"""How sentences about a new commitment's goal begin."""
PROMISE = re.compile(rf"The commitment |{GOAL}|\d+ commitments are open")


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


def reply_of(fields: Fields, form: Addressed) -> tuple[Reply, list[str]]:
    """The reply that was typed, and a sentence for each thing that a form must have and lacks."""
    wrong: list[str] = []
    renegotiated, withdrawn = _steps(fields, form, wrong)
    promised, read = _promised(fields, form, wrong), bool(fields.get("read"))
    answers = _answers(fields, form)
    if not (answers or promised or renegotiated or withdrawn or read or wrong):
        answers = _said_before(fields, form)
    reply = Reply(
        owner=form.owner,
        person=form.person,
        edition_id=form.edition_id,
        source=form.source,
        answers=answers,
        promised=promised,
        renegotiated=renegotiated,
        withdrawn=withdrawn,
        read=read,
    )
    return reply, wrong


def _answers(fields: Fields, form: Addressed) -> tuple[tuple[str, str], ...]:
    """What is typed and was not said in these words already.

    An emptied field is sent where there was an answer: then the door says that it is empty.
    """
    found = []
    for asked in form.asked:
        typed = fields.get(f"answer-{asked.question.id}")
        latest = form.latest(asked.question.id)
        if typed is not None and tidy(typed) != (latest.text if latest else ""):
            found.append((asked.question.id, typed))
    return tuple(found)


def _said_before(fields: Fields, form: Addressed) -> tuple[tuple[str, str], ...]:
    """What is typed and was recorded in these words: all that there is to say of a form that came
    twice, so that it is answered by a receipt and not as if it were empty."""
    found = []
    for asked in form.asked:
        id, latest = asked.question.id, form.latest(asked.question.id)
        typed = tidy(fields.get(f"answer-{id}", ""))
        if latest and (latest.text, latest.person) == (typed, form.person):
            found.append((id, typed))
    return tuple(found)


def _promised(fields: Fields, form: Addressed, wrong: list[str]) -> tuple[Promised, ...]:
    text, key = fields.get("promise-text", ""), fields.get("promise-stance", "")
    due, to = fields.get("promise-due", ""), tidy(fields.get("promise-to", ""))
    if not (tidy(text) or key or due or to):
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
        return (Promised(text, form.door.goal(form.owner, key, form.now, to), due),)
    except ProjectError as error:
        said = str(error)
        told = said.startswith(GOAL)
        wrong.append(said if told else f"The commitment names what it cannot move: {said}")
        return ()


def _steps(
    fields: Fields, form: Addressed, wrong: list[str]
) -> tuple[tuple[Renegotiated, ...], tuple[Withdrawn, ...]]:
    moved, dropped = [], []
    for commitment in form.commitments:
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
