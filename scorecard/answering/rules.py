"""The rules of what owners write, whichever way it comes: each broken one is a sentence.

Nothing here knows a ledger or a clock. Times are compared as instants, periods by their ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from scorecard.answering.model import REASONS, Asked, Commitment, Renegotiated, Reply, Withdrawn
from scorecard.base.periods import Period
from scorecard.errors import did_you_mean

MOST_WORDS = 60
"""Words of an answer; who needs more has not yet found the reason."""
MOST_SIGNS = 600
"""Signs of an answer, for scripts that do not part words by blanks."""
MOST_OPEN = 5
"""Open commitments of a post; who promises more will not keep them."""
PROMISE_SIGNS = 160
"""Signs of a commitment, which is printed in one line or two."""
AHEAD = {"week": 12, "month": 12, "quarter": 4, "year": 2}
"""Periods to come by kind, of which one is chosen for a commitment."""
MOST_QUESTIONS = 6
"""Questions that a post is asked about a period; what else was exceptional is on its page."""


def question_id(period: str, owner: str, trigger: str, about: str) -> str:
    """What a question is known by: twelve hex digits, the same whenever the same is asked."""
    return sha256("\n".join((period, owner, trigger, about)).encode()).hexdigest()[:12]


def words(text: str) -> int:
    """How many words a text has, parted by blanks."""
    return len(text.split())


def tidy(text: str) -> str:
    """A text as it is kept: one blank between words, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def is_empty(reply: Reply) -> bool:
    """Whether a reply says nothing."""
    return not any((reply.answers, reply.promised, reply.renegotiated, reply.withdrawn, reply.read))


def wrong_answer(asked: Asked, text: str, now: datetime, said_when: str) -> Iterator[str]:
    """What speaks against recording an answer now; `said_when` is its deadline as printed."""
    which = f"Question {asked.question.number}"
    text = tidy(text)
    if not text:
        yield f"{which}: the answer is empty; write why, in up to {MOST_WORDS} words."
    if (n := words(text)) > MOST_WORDS:
        yield f"{which}: the answer has {n} words, and {MOST_WORDS} are the most; say it shorter."
    elif len(text) > MOST_SIGNS:
        yield f"{which}: the answer has {len(text)} signs, and {MOST_SIGNS} are the most."
    if asked.answer_by is not None and now > asked.answer_by:
        yield (
            f"{which}: answers were taken until {said_when}; the page prints that there was none. "
            "Say it at the meeting."
        )


def wrong_commitment(
    text: str,
    due: Period,
    about: Period,
    now: datetime,
    still_open: Sequence[Commitment],
    others: int = 0,
) -> Iterator[str]:
    """What speaks against a new commitment. `about` is the period of the edition it answers, and
    `others` how many are made beside it before it."""
    text = tidy(text)
    if not text:
        yield "The commitment is empty; write what you will do, such as: bring it to 4 h or less."
    if len(text) > PROMISE_SIGNS:
        yield (
            f"The commitment has {len(text)} signs, and {PROMISE_SIGNS} are the most; "
            "say what you will do and leave out why."
        )
    if len(still_open) + others >= MOST_OPEN:
        numbers = ", ".join(str(c.number) for c in still_open) or "all new"
        yield (
            f"{len(still_open) + others} commitments are open ({numbers}), and {MOST_OPEN} are the "
            "most; keep them, or withdraw one first."
        )
    yield from wrong_due(due, about, now)


def wrong_span(about: Period) -> Iterator[str]:
    """What speaks against any new commitment in reply to a page about a span: it is made once, and
    no run of a schedule ever looks at such a figure again."""
    yield (
        f"The commitment answers a page about {about}, which is a span, and what is promised is "
        "judged by regular periods; make it on the page of one of these."
    )


def wrong_due(due: Period, about: Period, now: datetime) -> Iterator[str]:
    """What speaks against a due period: it must be of the same kind, and not be over."""
    if due.kind != about.kind:
        kind = "span" if due.is_span else due.kind
        yield (
            f"{due} is a {kind}, and the figure is made by the {about.kind}; name a "
            f"{about.kind}, such as {about.shift(3).key}."
        )
    elif due.end <= now:
        yield f"{due} is over; a commitment is due in a period to come, such as {about.shift(3)}."


def to_come(of: Period, now: datetime) -> Period:
    """The first period after `of`, of its kind, that is not over."""
    first = of.next()
    while first.end <= now:
        first = first.next()
    return first


def ahead(of: Period, now: datetime) -> list[Period]:
    """The periods after `of` of which one is chosen for a commitment, the first one first; none of
    a span, for no commitment is due in one."""
    if of.is_span:
        return []
    first = to_come(of, now)
    return [first.shift(n) for n in range(AHEAD[of.kind])]


def wrong_step(commitment: Commitment, what: str, now: datetime, tz: str) -> Iterator[str]:
    """What speaks against renegotiating or withdrawing a commitment now."""
    last = commitment.last
    if last is not None:
        became = last.outcome if last.step == "settled" else last.step
        yield (
            f"Commitment {commitment.number} is closed ({became}); it cannot be {what} any more."
        )
    elif Period.parse(commitment.due_now, tz).end <= now:
        yield (
            f"Commitment {commitment.number} was due with {commitment.due_now}, which is over; "
            "the figure says what became of it."
        )


def is_repeated(step: Renegotiated | Withdrawn, person: str, commitment: Commitment) -> bool:
    """Whether the newest step of a commitment is this one, said by the same person: a form that
    came twice, as by a second click."""
    newest = commitment.steps[-1] if commitment.steps else None
    if newest is None:
        return False
    what, due = ("renegotiated", step.due) if isinstance(step, Renegotiated) else ("withdrawn", "")
    known = (newest.step, newest.person, newest.reason, newest.text, newest.due)
    return known == (what, person, step.reason, tidy(step.text), due)


def wrong_reason(reason: str) -> Iterator[str]:
    """What speaks against a reason: it must be one of those that are counted."""
    if reason not in REASONS:
        yield (
            f'"{reason}" is no reason that is counted; write {", ".join(REASONS)}.'
            f"{did_you_mean(reason, REASONS)}"
        )
