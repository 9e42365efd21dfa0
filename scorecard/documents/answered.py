"""Answers as pages print them: each question, with what was said or that nobody did."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.answering.model import Answer, Asked, Question
from scorecard.base.periods import Period
from scorecard.documents import vacancies
from scorecard.documents.asked_model import AnsweredLine, QuestionLine
from scorecard.documents.cells import cell
from scorecard.documents.grammar import listed
from scorecard.documents.kinds import OWNER, PREREAD
from scorecard.documents.view import ReportView
from scorecard.strategy import accountability

_PAGES = {OWNER: "page", PREREAD: "pre-read"}


def answered_lines(view: ReportView, owner: str) -> tuple[AnsweredLine, ...]:
    """The questions of a post about the period, in their order."""
    mine = [a for a in view.data.answering.asked if a.question.owner == owner]
    return tuple(_answered(view, asked) for asked in mine)


def question_line(view: ReportView, question: Question) -> QuestionLine:
    """A question with the mark and the verdict of the stance that raised it."""
    name, _, tier = question.about.partition("/")
    metric = view.data.metrics.get(name)
    if metric is None or tier not in view.tiers:
        return QuestionLine(question, "", "", "")
    drawn = cell(view, metric, tier)
    return QuestionLine(question, drawn.mark, drawn.region, drawn.words)


def last_answer(view: ReportView, asked: Asked) -> Answer | None:
    """The last answer to a question; None where there is none."""
    return next(iter(reversed(view.data.answering.answers.get(asked.question.id, ()))), None)


def silence(view: ReportView, asked: Asked) -> str:
    """ "No answer by 13 Nov 2026 18:00 Europe/London"; before the deadline "No answer yet, it is
    taken until 13 Nov 2026 18:00 Europe/London"; without one "No answer yet"."""
    by, now = asked.answer_by, view.data.answering.now
    if by is None or now is None:
        return "No answer yet"
    until = view.formats.moment(by, view.data.period.tz)
    if now <= by:
        return f"No answer yet, it is taken until {until}"
    return f"No answer by {until}"


def still_taken(view: ReportView, asked: Sequence[Asked]) -> bool:
    """Whether any of these questions can still be answered."""
    now = view.data.answering.now
    return any(a.answer_by is None or now is None or now <= a.answer_by for a in asked)


def said_by(view: ReportView, asked: Asked) -> str:
    """Who answered and when, or that nobody did."""
    answer = last_answer(view, asked)
    if answer is None:
        return silence(view, asked)
    return f"{answer.person}, {view.formats.moment(answer.said_at, view.data.period.tz)}"


def acknowledged(view: ReportView, owner: str) -> str:
    """ "Read by Ada Berg on 16 Nov 2026 09:12 Europe/London.", or empty."""
    read = [a for a in view.data.answering.acknowledged if a.owner == owner]
    return "; ".join(
        f"Read by {a.person} on {view.formats.moment(a.at, view.data.period.tz)}" for a in read
    )


def unread(view: ReportView, owner: str) -> str:
    """ "page of September 2026 and pre-read of October 2026", which nobody acknowledged; empty
    where there is none."""
    tz = view.data.period.tz
    return listed(
        [
            f"{_PAGES.get(u.document, u.document)} of "
            f"{view.formats.period(Period.parse(u.period, tz))}"
            for u in view.data.answering.unread
            if u.owner == owner
        ]
    )


def unread_lines(view: ReportView, owner: str) -> tuple[str, ...]:
    """A line that names them and who is told of it; none where there is nothing to tell."""
    pages = unread(view, owner)
    if not pages:
        return ()
    told = vacancies.told_of_silence(view, owner)
    return (f"Nobody acknowledged the {pages}; told of it: {told}.",)


def told_of(view: ReportView, owner: str) -> tuple[str, ...]:
    """The people who are told that nobody acknowledged an owner's page, by name."""
    if not unread(view, owner):
        return ()
    people = accountability.told_of(view.data.strategy, owner, view.data.day)
    return tuple(p.name for p in people)


def speakers(view: ReportView, owner: str) -> tuple[str, ...]:
    """Everybody who answered for a post about the period, or acknowledged what it was asked."""
    said = view.data.answering
    mine = [a for a in said.asked if a.question.owner == owner]
    names = [answer.person for a in mine for answer in said.answers.get(a.question.id, ())]
    names += [a.person for a in said.acknowledged if a.owner == owner]
    return tuple(dict.fromkeys(names))


def _answered(view: ReportView, asked: Asked) -> AnsweredLine:
    answer = last_answer(view, asked)
    line = question_line(view, asked.question)
    return AnsweredLine(line, answer.text if answer else "", said_by(view, asked))
