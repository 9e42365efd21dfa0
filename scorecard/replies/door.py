"""The door: the one function through which everything that owners write is recorded.

The desk, the forms that come back and the command line all end here. It looks at who says it
for which post, what they have read, until when it could be answered and what is open already;
all of a reply is recorded, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scorecard.answering.goals import better_goal, own_goal, stance_of, wrong_goal
from scorecard.answering.model import (
    Asked,
    Commitment,
    Goal,
    Promised,
    Receipt,
    Renegotiated,
    Reply,
    Withdrawn,
)
from scorecard.answering.rules import (
    is_empty,
    is_repeated,
    tidy,
    wrong_answer,
    wrong_commitment,
    wrong_due,
    wrong_reason,
    wrong_span,
    wrong_step,
)
from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.errors import ProjectError, did_you_mean
from scorecard.ledger import Known, Ledger
from scorecard.strategy.accountability import accountable, escalation
from scorecard.strategy.model import Person, Strategy

ANSWERABLE = ("pre-read", "owner-scorecard")
"""Kinds of documents that ask something of their owner."""


@dataclass(frozen=True)
class Door:
    """Where replies are held against the strategy and recorded.

    zone      the company's time zone, by name
    moment    says a moment as pages print it
    metrics   by name, in whose units goals are written; without them a goal is a stance's limit
    currency  the company's, as EUR
    """

    ledger: Ledger
    strategy: Strategy
    zone: str
    moment: Callable[[datetime], str]
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    currency: str = ""

    def receive(
        self, reply: Reply, now: datetime, before: Sequence[str] = (), *, keep: bool = True
    ) -> Receipt:
        """Record a reply, whole; ReplyError with every reason why it cannot be.

        `before` is what whoever read the form found wrong with it: it is said first, and then
        nothing is recorded. Without `keep` nothing is recorded either, and the receipt says what
        would be.
        """

        def wrong(known: Known) -> list[str]:
            return [*before, *self._wrong(reply, known, now, bool(before))]

        return self.ledger.receive(reply, wrong, now, keep=keep)

    def speakers(self, owner: str, now: datetime) -> tuple[Person, ...]:
        """Who may say something for a post today: who answers for it, or is told of its vacancy."""
        today = self._today(now)
        answers = accountable(self.strategy, owner, today).person
        return (answers,) if answers is not None else escalation(self.strategy, owner, today)

    def goal(self, owner: str, key: str, now: datetime, to: object = "") -> Goal:
        """The limits of a stance of that post, as the goal of a commitment about it; with `to` a
        better one, as "3 h".

        ProjectError where it has no such stance in force, or that is no better goal.
        """
        stance = stance_of(self.strategy, owner, key, self._today(now))
        if to == "":
            return own_goal(stance)
        return better_goal(stance, self.metrics.get(stance.metric), to, self.currency)

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def _wrong(self, reply: Reply, known: Known, now: datetime, incomplete: bool) -> Iterator[str]:
        if foreign := list(self._foreign(reply, known, now)):
            yield from foreign
            return
        assert known.edition is not None
        about = Period.parse(known.edition.period, self.zone)
        if not incomplete and is_empty(reply):
            yield "The reply says nothing: no answer, no commitment, no acknowledgement."
        yield from self._wrong_answers(reply, known, now)
        yield from self._wrong_promises(reply, known, about, now)
        yield from self._wrong_steps(reply, known, now)

    def _foreign(self, reply: Reply, known: Known, now: datetime) -> Iterator[str]:
        """What speaks against hearing of it at all: the post, the person or the edition."""
        if self.strategy.owner(reply.owner) is None:
            yield (
                f'There is no owner "{reply.owner}".'
                f"{did_you_mean(reply.owner, self.strategy.owner_ids)}"
            )
            return
        speakers = self.speakers(reply.owner, now)
        if reply.person not in {p.name for p in speakers}:
            names = " or ".join(p.name for p in speakers) or "nobody"
            yield (f'{reply.person} does not answer for "{reply.owner}"; today {names} does.')
        edition = known.edition
        if edition is None or edition.document not in ANSWERABLE or edition.scope != reply.owner:
            yield (
                f'"{reply.edition_id}" is no edition of a page of "{reply.owner}"; '
                "read the newest one and answer that."
            )
        elif edition.number != known.newest:
            yield (
                f"Edition {edition.number} of {edition.period} was replaced by edition "
                f"{known.newest}; read that one and answer it."
            )

    def _wrong_answers(self, reply: Reply, known: Known, now: datetime) -> Iterator[str]:
        for id, text in reply.answers:
            asked, said = known.asked.get(id), known.said.get(id)
            if asked is None:
                yield _not_asked(id, reply.owner, known.asked)
            elif said is None or (said.text, said.person) != (tidy(text), reply.person):
                until = self.moment(asked.answer_by) if asked.answer_by else ""
                yield from wrong_answer(asked, text, now, until)

    def _wrong_promises(
        self, reply: Reply, known: Known, about: Period, now: datetime
    ) -> Iterator[str]:
        closing = {w.number for w in reply.withdrawn}
        still_open = [c for c in known.commitments if c.is_open and c.number not in closing]
        said = {(c.text, c.goal, c.due_now) for c in still_open}
        new = [p for p in reply.promised if (tidy(p.text), p.goal, p.due) not in said]
        if new and about.is_span:
            yield from wrong_span(about)
            return
        for before, wanted in enumerate(new):
            yield from self._wrong_promise(reply.owner, wanted, about, now, still_open, before)

    def _wrong_promise(
        self,
        owner: str,
        wanted: Promised,
        about: Period,
        now: datetime,
        still_open: Sequence[Commitment],
        before: int,
    ) -> Iterator[str]:
        try:
            stance = stance_of(self.strategy, owner, wanted.goal.key, self._today(now))
            due = Period.parse(wanted.due, self.zone)
        except ProjectError as error:
            yield str(error)
            return
        yield from wrong_goal(wanted.goal, stance, self.metrics.get(stance.metric))
        yield from wrong_commitment(wanted.text, due, about, now, still_open, before)

    def _wrong_steps(self, reply: Reply, known: Known, now: datetime) -> Iterator[str]:
        own = {c.number: c for c in known.commitments}
        seen: set[int] = set()
        steps: tuple[Renegotiated | Withdrawn, ...] = (*reply.renegotiated, *reply.withdrawn)
        for step in steps:
            if step.number in seen:
                yield f"Commitment {step.number} is moved or withdrawn twice in one reply."
            seen.add(step.number)
            yield from self._wrong_step(step, reply.person, own, now)

    def _wrong_step(
        self,
        step: Renegotiated | Withdrawn,
        person: str,
        own: Mapping[int, Commitment],
        now: datetime,
    ) -> Iterator[str]:
        commitment = own.get(step.number)
        if commitment is None:
            yield f"There is no commitment {step.number} of this post.{_numbers(list(own))}"
            return
        if is_repeated(step, person, commitment):
            return
        yield from wrong_reason(step.reason)
        moved = isinstance(step, Renegotiated)
        yield from wrong_step(commitment, "renegotiated" if moved else "withdrawn", now, self.zone)
        if not isinstance(step, Renegotiated):
            return
        try:
            due = Period.parse(step.due, self.zone)
        except ProjectError as error:
            yield str(error)
            return
        before = Period.parse(commitment.due_now, self.zone)
        yield from wrong_due(due, before, now)
        if due.end <= before.end:
            yield (
                f"Commitment {step.number} is due with {commitment.due_now}; renegotiate it to a "
                "later period."
            )


def _numbers(known: Sequence[int]) -> str:
    return f" Its own: {', '.join(map(str, known))}." if known else " It has none yet."


def _not_asked(id: str, owner: str, known: Mapping[str, Asked]) -> str:
    """That there is no such question; of a mere number, which one it is on the page."""
    said = f'Question "{id}" was not asked of "{owner}" in that period.'
    numbered = [a.question.id for a in known.values() if str(a.question.number) == id]
    return (
        f'{said} Its question {id} is "{numbered[0]}".'
        if numbered
        else said + did_you_mean(id, known)
    )
