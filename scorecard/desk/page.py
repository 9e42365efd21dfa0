"""The page: what an owner sees, from the facts, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe

from scorecard.answering.model import REASONS, Answer, Asked, Commitment, Goal
from scorecard.answering.rules import (
    MOST_OPEN,
    MOST_SIGNS,
    MOST_WORDS,
    PROMISE_SIGNS,
    ahead,
    words,
)
from scorecard.base.periods import Period
from scorecard.desk.current import CurrentProject
from scorecard.desk.facts import PageFacts
from scorecard.desk.page_model import (
    Choice,
    CommitmentView,
    Fault,
    PageView,
    PromiseView,
    QuestionView,
)
from scorecard.documents.kinds import KINDS
from scorecard.documents.model import StanceLine
from scorecard.replies.form import GOAL, PROMISE, Fields, of_commitment, of_question

NOTHING: Mapping[str, str] = {}


def page_of(
    current: CurrentProject,
    facts: PageFacts,
    path: str,
    form_token: str,
    typed: Fields = NOTHING,
    problems: Sequence[str] = (),
    receipt: Sequence[str] = (),
) -> PageView:
    """The page of a link, served under `path`.

    Where something was typed it stands in the fields, whatever is wrong with it.
    """
    document, link = facts.document, facts.link
    heading = document.heading
    name = str(getattr(document, "name", "") or link.person)
    questions = tuple(_question(current, facts, asked, typed, problems) for asked in facts.asked)
    commitments = tuple(_commitment(current, facts, c, typed, problems) for c in facts.open)
    promise = _promise(current, facts, typed, problems)
    return PageView(
        language=heading.language,
        company=heading.company,
        notice=heading.notice,
        period=heading.period,
        name=name,
        role=str(getattr(document, "role", "")),
        standing=str(getattr(document, "standing", "")),
        speaker="" if link.person == name else link.person,
        deadline=_deadline(current, facts),
        closed=_closed(facts),
        # What was typed stays in its fields, even where it cannot be taken any more.
        sends=bool(typed) or not _closed(facts),
        questions=questions,
        commitments=commitments,
        promise=promise,
        open_of_most=f"{len(facts.open)} of {MOST_OPEN} open",
        most_words=MOST_WORDS,
        most_signs=MOST_SIGNS,
        promise_signs=PROMISE_SIGNS,
        document=KINDS[facts.edition.document].title.lower(),
        edition=facts.edition.number,
        hash=facts.edition.content_hash[:8],
        read=_read(current, facts),
        read_typed=bool(typed.get("read")),
        expires=current.short(link.expires_at),
        path=path,
        form_token=form_token,
        form_number=token_urlsafe(12),
        problems=_in_order(problems, facts),
        zone=current.project.settings.timezone,
        receipt=tuple(receipt),
        stamp=heading.stamp,
    )


def _in_order(problems: Sequence[str], facts: PageFacts) -> tuple[Fault, ...]:
    """What is wrong, from the top of the page down; first what stands beside no field."""
    of_number = {asked.question.number: asked.question.id for asked in facts.asked}
    open_now = {commitment.number for commitment in facts.open}
    found: list[tuple[int, int, Fault]] = []
    for said in problems:
        if (number := of_question(said)) in of_number:
            found.append((1, number, Fault(said, f"answer-{of_number[number]}")))
        elif (number := of_commitment(said)) in open_now:
            found.append((2, number, Fault(said, f"commitment-{number}")))
        elif PROMISE.match(said):
            field = "promise-to" if said.startswith(GOAL) else "promise-text"
            found.append((3, 0, Fault(said, field)))
        else:
            found.append((0, 0, Fault(said)))
    return tuple(fault for _place, _number, fault in sorted(found, key=lambda f: f[:2]))


def _question(
    current: CurrentProject,
    facts: PageFacts,
    asked: Asked,
    typed: Fields,
    problems: Sequence[str],
) -> QuestionView:
    question, latest = asked.question, facts.latest(asked.question.id)
    line = facts.lines.get(question.about)
    answer = latest.text if latest else ""
    text = typed.get(f"answer-{question.id}", answer)
    return QuestionView(
        id=question.id,
        number=question.number,
        heading=question.raised_by,
        figure=question.figure,
        mark=line.cell.mark if line else "",
        region=line.cell.region if line else "",
        verdict=line.cell.words if line else question.trigger,
        limits=line.limits if line else "",
        text=question.text,
        until=current.short(asked.answer_by) if asked.answer_by else "",
        # What was typed is never taken out of the reader's hands, even when it came too late.
        takes=facts.takes(asked) or text != answer,
        answer=text,
        said=_said(current, latest),
        words=words(text),
        problems=tuple(p for p in problems if of_question(p) == question.number),
    )


def _said(current: CurrentProject, latest: Answer | None) -> str:
    return f"{latest.person}, {current.short(latest.said_at)}" if latest else ""


def _commitment(
    current: CurrentProject,
    facts: PageFacts,
    commitment: Commitment,
    typed: Fields,
    problems: Sequence[str],
) -> CommitmentView:
    number = commitment.number
    due = current.period(commitment.due_now)
    chosen = typed.get(f"step-{number}", "")
    steps = (("", "keep it"), ("renegotiate", "renegotiate it"), ("withdraw", "withdraw it"))
    reason = typed.get(f"reason-{number}", "")
    later = [p for p in ahead(due, facts.now) if p.end > due.end]
    return CommitmentView(
        number=number,
        text=commitment.text,
        moves=_label(current, facts, commitment.goal.metric, commitment.goal.tier),
        goal=_goal(current, facts, commitment.goal),
        due=current.project.formats.period(due),
        made=f"{commitment.person}, {current.short(commitment.made_at)}",
        is_over=due.end <= facts.now,
        steps=tuple(Choice(value, label, value == chosen) for value, label in steps),
        dues=_dues(current, later, typed.get(f"due-{number}", "")),
        reasons=tuple(
            Choice(value, value or "Choose …", value == reason) for value in ("", *REASONS)
        ),
        why=typed.get(f"why-{number}", ""),
        problems=tuple(p for p in problems if of_commitment(p) == number),
    )


def _promise(
    current: CurrentProject, facts: PageFacts, typed: Fields, problems: Sequence[str]
) -> PromiseView:
    key = typed.get("promise-stance", "")
    stances = [Choice("", "Choose …", not key)]
    for stance in facts.stances:
        line = facts.lines.get(stance.key)
        label = _label(current, facts, stance.metric, stance.tier)
        label += f" ({line.limits})" if line and line.limits else ""
        stances.append(Choice(stance.key, label, stance.key == key))
    return PromiseView(
        text=typed.get("promise-text", ""),
        stances=tuple(stances),
        to=typed.get("promise-to", ""),
        dues=_dues(current, ahead(facts.period, facts.now), typed.get("promise-due", "")),
        closed=_no_promise(facts),
        problems=tuple(p for p in problems if PROMISE.match(p)),
        wrong_goal=any(p.startswith(GOAL) for p in problems),
    )


def _no_promise(facts: PageFacts) -> str:
    """Why no new commitment can be made; empty where one can."""
    if facts.period.is_span:
        return "This page is about a span, and commitments are judged by regular periods."
    if not facts.stances:
        return "No stance of this post is in force today, so no figure could decide."
    return ""


def _dues(current: CurrentProject, periods: Sequence[Period], chosen: str) -> tuple[Choice, ...]:
    named = [Choice(p.key, current.project.formats.period(p), p.key == chosen) for p in periods]
    return (Choice("", "Choose …", not chosen), *named)


def _goal(current: CurrentProject, facts: PageFacts, goal: Goal) -> str:
    """ "4 h", where that is not the limit that its stance has today; else empty."""
    metric = current.metrics.get(goal.metric)
    limit = next((s.at_worst for s in facts.stances if s.key == goal.key), None)
    if metric is None or goal.at_worst is None or goal.at_worst == limit:
        return ""
    return current.project.formats.limit(metric, goal.at_worst)


def _label(current: CurrentProject, facts: PageFacts, metric: str, tier: str) -> str:
    """ "First human reply · Gold": as printed, or as declared where the page has no such line."""
    line: StanceLine | None = facts.lines.get(f"{metric}/{tier}")
    if line is not None:
        return f"{line.label} · {line.tier or line.cell.tier}"
    known = current.metrics.get(metric)
    plan = facts.door.strategy.plan
    return f"{known.label if known else metric} · {plan.label(tier)}"


def _deadline(current: CurrentProject, facts: PageFacts) -> str:
    ends = [a.answer_by for a in facts.asked if a.answer_by is not None and facts.takes(a)]
    return current.short(max(ends)) if ends else ""


def _closed(facts: PageFacts) -> str:
    if facts.edition.number != facts.newest:
        return (
            f"Edition {facts.edition.number} was replaced by edition {facts.newest}, which has a "
            "link of its own; this one can be read, and is answered no more."
        )
    return ""


def _read(current: CurrentProject, facts: PageFacts) -> str:
    own = [a for a in facts.acknowledged if a.person == facts.link.person]
    return current.short(own[0].at) if own else ""
