"""The template of a reply's file: what an owner is asked as comments, and what is to be filled in.

What is filled in nowhere says nothing, so that the template can be handed in as far as it goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from scorecard.answering.model import REASONS, Answer, Asked, Commitment
from scorecard.answering.rules import MOST_OPEN, MOST_WORDS, tidy
from scorecard.base.periods import Period
from scorecard.ledger import Edition
from scorecard.replies.door import Door
from scorecard.strategy.model import Stance

WIDTH = 96
"""Columns of a comment."""


@dataclass(frozen=True)
class Template:
    """What a template is made of.

    person   who answers for the post today; empty where nobody does
    asked    the post's questions of the edition's period
    answers  by question what was said
    open     the post's open commitments
    stances  those that a commitment may move
    due      a period at whose end one may be due; None where none can be made
    """

    edition: Edition
    person: str
    asked: Sequence[Asked]
    answers: Mapping[str, Sequence[Answer]]
    open: Sequence[Commitment]
    stances: Sequence[Stance]
    due: Period | None


def template(of: Template, door: Door) -> str:
    """The text of the file."""
    edition = of.edition
    lines = [
        *_comment(
            f"A reply to edition {edition.number} of the {edition.document} of {edition.period}. "
            "Fill in what there is to say; what stays empty is not said. Then: scorecard reply FILE"
        ),
        f"owner = {_quoted(edition.scope)}",
        f"person = {_quoted(of.person)}",
        f"edition = {_quoted(edition.id)}",
        "acknowledge = false  # true: this edition was read",
        "",
        f"[answers]  # up to {MOST_WORDS} words each",
    ]
    for asked in of.asked:
        lines += ["", *_question(asked, of.answers.get(asked.question.id, ()), door)]
    if not of.asked:
        lines += ["# Nothing was asked of this post about this period."]
    lines += ["", *_new(of), *_steps(of)]
    return "".join(f"{line}\n" for line in lines)


def _question(asked: Asked, answers: Sequence[Answer], door: Door) -> Iterator[str]:
    question = asked.question
    yield from _comment(f"{question.number}. {question.text}")
    yield from _comment(f"{question.raised_by}: {question.figure}")
    if asked.answer_by is not None:
        yield from _comment(f"until {door.moment(asked.answer_by)}")
    for said in answers[-1:]:
        when = door.moment(said.said_at)
        yield from _comment(f"recorded, {said.person}, {when}: {said.text}")
    yield f'{question.id} = ""'


def _new(of: Template) -> Iterator[str]:
    """A commitment to be made, as a comment, and which stances it may move."""
    if of.due is None or not of.stances:
        why = "this page is about a span" if of.stances else "the post has no stance in force"
        yield f"# No commitment can be made here: {why}."
        return
    yield from _comment(f"A new commitment, of which {MOST_OPEN} may be open. It may move:")
    for stance in of.stances:
        limits = " to ".join(w for w in stance.written if w)
        yield from _comment(f"  {stance.key}  ({stance.kind}: {limits})")
    yield "# [[commitment]]"
    yield '# text = ""'
    yield f"# moves = {_quoted(of.stances[0].key)}"
    yield f"# due = {_quoted(of.due.key)}  # the period at whose end it is due"
    yield '# to = ""  # only for a goal that is better than the limit'


def _steps(of: Template) -> Iterator[str]:
    """The open commitments, with what moves one of them or withdraws it, as comments."""
    if not of.open:
        return
    yield ""
    yield from _comment("Open commitments:")
    for each in of.open:
        yield from _comment(f"  {each.number}. {each.text}  [{each.goal.key}], due {each.due_now}")
    number, reasons = of.open[0].number, ", ".join(REASONS)
    yield "# [[renegotiate]]"
    yield f"# commitment = {number}"
    yield '# due = ""  # a later period'
    yield f'# because = ""  # {reasons}'
    yield '# words = ""'
    yield "#"
    yield "# [[withdraw]]"
    yield f"# commitment = {number}"
    yield f'# because = ""  # {reasons}'
    yield '# words = ""'


def _comment(text: str) -> list[str]:
    """A text as comments, whatever signs are in it."""
    indent = " " * (len(text) - len(text.lstrip()))
    return [f"# {indent}{line}" for line in wrap(tidy(text), WIDTH)]


def _quoted(text: str) -> str:
    """A text as TOML writes it, which on one line is as JSON does."""
    return json.dumps(tidy(text), ensure_ascii=False)
