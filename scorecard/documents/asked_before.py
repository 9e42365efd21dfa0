"""Questions that were asked before: what is asked again says for how long, and what was answered.

The same words month after month teach owners not to read them. So a question that was asked the
period before, too, is asked by what was said or promised then; only one that nobody answered is
asked in its own words again.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.answering.model import Commitment, Trigger
from scorecard.base.periods import Period
from scorecard.documents.grammar import ordinal, shortened
from scorecard.documents.report_data import Before
from scorecard.documents.view import ReportView

QUOTED = 160
"""Letters of an earlier answer that are quoted; the packet of its period has all of it."""


@dataclass(frozen=True)
class Asking:
    """What raised a question: how it stands, "The process gives 5.8 h; we promised 4 h or less",
    and what is asked about it. Where `alone`, the first time only that is said."""

    trigger: Trigger
    state: str
    asked: str
    alone: bool = False

    @property
    def first(self) -> str:
        return self.asked if self.alone else f"{self.state}. {self.asked}"


def text_of(view: ReportView, owner: str, about: str, asking: Asking) -> str:
    """The question as it is put to a post about a subject, with what came before."""
    before = _running(view, owner, about, asking.trigger)
    if not before:
        return asking.first
    kind = view.data.period.kind
    again = f"{asking.state}. Asked for the {ordinal(len(before) + 1)} {kind} running"
    if promised := _promised(view, owner, about):
        due = view.formats.period(Period.parse(promised.due_now, view.data.period.tz))
        return (
            f"{again}; commitment {promised.number} is to move it by the end of {due}. What of "
            "that is done, and does it suffice?"
        )
    answered = next((b for b in before if b.answer is not None), None)
    if answered is None or answered.answer is None:
        return f"{again}, and never answered. {asking.asked}"
    when = view.formats.period(Period.parse(answered.asked.question.period, view.data.period.tz))
    said = shortened(answered.answer.text, QUOTED).rstrip(".")
    return f"{again}; about {when} the answer was “{said}”. What came of that?"


def _running(view: ReportView, owner: str, about: str, trigger: Trigger) -> list[Before]:
    """The same question in the periods just before this one, the newest first."""
    found: list[Before] = []
    of, promised = view.data.period, _choices_promised(view)
    for each in view.data.answering.before:
        question = each.asked.question
        broken = promised.get(question.about) == about
        same = broken or (question.about == about and _alike(question.trigger, trigger))
        if question.owner != owner or not same or (found and question.period == of.key):
            continue
        of = of.previous()
        if question.period != of.key:
            break
        found.append(each)
    return found


def _choices_promised(view: ReportView) -> dict[str, str]:
    """By the subject of a question about a commitment the choice that the commitment was about."""
    known = view.data.answering.commitments
    return {f"commitment/{c.number}": c.goal.key for c in known}


def _alike(one: Trigger, other: Trigger) -> bool:
    """A miss is the same trouble whether or not it is usual."""
    return one.partition(",")[0] == other.partition(",")[0]


def _promised(view: ReportView, owner: str, about: str) -> Commitment | None:
    """The open commitment about that choice, made before this period was asked about, that is due
    first; None where there is none."""
    now = view.data.period
    mine = [
        c
        for c in view.data.answering.commitments
        if (c.owner, c.goal.key) == (owner, about)
        and c.is_open
        and Period.parse(c.period, now.tz) < now
    ]
    return min(mine, key=lambda c: (Period.parse(c.due_now, now.tz).end, c.number), default=None)
