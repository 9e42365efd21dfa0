"""The pre-read: what an owner is asked about a period, composed from its report view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from scorecard.answering.model import Question
from scorecard.answering.rules import ahead
from scorecard.base.periods import Period, local_midnight
from scorecard.documents import committed, sentences, vacancies
from scorecard.documents.answered import question_line
from scorecard.documents.asked_model import CommitmentLine, QuestionLine
from scorecard.documents.owner import shown, stances_of
from scorecard.documents.preread_model import PreRead
from scorecard.documents.questions import not_asked, questions
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Owner


def pre_reads(view: ReportView) -> Iterator[tuple[str, PreRead]]:
    """(owner's id, pre-read) of each owner of a stance."""
    asked = questions(view)
    for owner in view.holders:
        yield owner.id, pre_read(view, owner, numbered_as_before(view, owner, asked[owner.id]))


def numbered_as_before(
    view: ReportView, owner: Owner, asked: Sequence[Question]
) -> tuple[Question, ...]:
    """The same questions by number: what was asked before keeps the number that it was given, by
    which it is answered, and new ones come after all of these."""
    known = [a.question for a in view.data.answering.asked if a.question.owner == owner.id]
    before = {q.id: q.number for q in known}
    free = count(max(before.values(), default=0) + 1)
    numbered = [replace(q, number=before.get(q.id) or next(free)) for q in asked]
    return tuple(sorted(numbered, key=lambda q: q.number))


def pre_read(view: ReportView, owner: Owner, asked: tuple[Question, ...]) -> PreRead:
    """What that owner is asked; its heading names who answered at the period's end."""
    owned = stances_of(view, owner)
    results = [r for s in owned if (r := view.result(s.metric, s.tier)) is not None]
    team = view.data.strategy.team(owner.team)
    name, role = vacancies.heading(view, owner)
    by = view.data.answering.answer_by
    return PreRead(
        heading=view.heading("Pre-read"),
        owner=owner.id,
        name=name,
        role=role,
        team=team.name if team else "",
        purpose=owner.purpose,
        sentence=sentences.owner(view, results),
        answer_by=view.formats.moment(by, view.data.period.tz) if by else "",
        stances=tuple(shown(view, s) for s in owned),
        questions=tuple(question_line(view, q) for q in asked),
        commitments=committed.shown(view, owner.id),
        record=committed.record(view, owner.id),
        standing=vacancies.remark(view, owner),
        allowed=vacancies.names(view, (owner,)),
        notes=not_asked(view, owner, asked),
        dues=tuple((p.key, view.formats.period(p)) for p in _ahead(view)),
    )


def _ahead(view: ReportView) -> list[Period]:
    """The periods by whose end a commitment may be due, as seen on the day of the run."""
    about = view.data.period
    return ahead(about, local_midnight(view.data.day, about.tz))


def as_told_before(now: PreRead, before: PreRead) -> PreRead:
    """What is told now, with what owners said since told as it was before: that they committed,
    renegotiated or withdrew, and what a question says of that; and with the periods of then.

    Whoever reads it said it. What figures have settled since is another thing, and is told.
    """
    if _settled(now) != _settled(before) or _figures(now) != _figures(before):
        return now
    return replace(
        now,
        questions=before.questions,
        commitments=before.commitments,
        record=before.record,
        dues=before.dues,
    )


def _settled(document: PreRead) -> list[CommitmentLine]:
    """The commitments of which a figure said what became of them."""
    own = ("open", "withdrawn")
    return [line for line in document.commitments if not line.outcome.startswith(own)]


def _figures(document: PreRead) -> list[QuestionLine]:
    """The questions without their words: what raised them, and its figure."""
    return [replace(q, question=replace(q.question, text="")) for q in document.questions]
