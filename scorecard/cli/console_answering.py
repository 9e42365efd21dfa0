"""What `questions` and `commitments` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from scorecard.answering.model import Answer, Asked, Commitment
from scorecard.cli.terminal import one_line, write_json
from scorecard.documents.formats import Formats


def show_questions(
    asked: Sequence[Asked],
    answers: Mapping[str, Sequence[Answer]],
    now: datetime,
    formats: Formats,
    zone: str,
    *,
    as_json: bool,
) -> None:
    """Each question, what raised it, and the last answer or until when there can be one."""
    if as_json:
        write_json([_question_as_json(a, answers.get(a.question.id, ())) for a in asked])
        return
    owner = ""
    for each in asked:
        question = each.question
        if question.owner != owner:
            owner = question.owner
            typer.echo(f"{owner}, {question.period}")
        typer.echo(f"  {question.number}. {one_line(question.text)}")
        typer.echo(f"     {one_line(question.raised_by)}: {one_line(question.figure)}")
        for said in answers.get(question.id, ())[-1:]:
            when = formats.moment(said.said_at, zone)
            typer.echo(f"     {one_line(said.person)}, {when}: {one_line(said.text)}")
        if question.id not in answers:
            typer.echo(f"     {_silence(each, now, formats, zone)}")


def _silence(asked: Asked, now: datetime, formats: Formats, zone: str) -> str:
    if asked.answer_by is None:
        return "No answer yet."
    when = formats.moment(asked.answer_by, zone)
    return f"No answer by {when}." if now > asked.answer_by else f"To be answered by {when}."


def show_commitments(commitments: Sequence[Commitment], zone: ZoneInfo, *, as_json: bool) -> None:
    """Each commitment with its number, when it is due and what became of it."""
    if as_json:
        write_json([_commitment_as_json(c) for c in commitments])
        return
    for each in commitments:
        made = each.made_at.astimezone(zone).date()
        last = each.last
        became = "open" if last is None else (last.outcome or last.step)
        why = f" ({last.reason})" if last is not None and last.reason else ""
        typer.echo(
            f"{each.number:>4}  {each.owner}  {one_line(each.text)}  [{each.goal.key}]  "
            f"made {made}, due {each.due_now}: {became}{why}"
        )
    if not commitments:
        typer.echo("None.")


def _question_as_json(asked: Asked, answers: Sequence[Answer]) -> dict[str, object]:
    return {
        **asdict(asked.question),
        "edition": asked.edition_id,
        "asked_at": asked.asked_at.isoformat(),
        "answer_by": asked.answer_by.isoformat() if asked.answer_by else None,
        "answers": [asdict(a) | {"said_at": a.said_at.isoformat()} for a in answers],
    }


def _commitment_as_json(commitment: Commitment) -> dict[str, object]:
    steps = [asdict(s) | {"at": s.at.isoformat()} for s in commitment.steps]
    return {
        **asdict(commitment),
        "made_at": commitment.made_at.isoformat(),
        "due_now": commitment.due_now,
        "open": commitment.is_open,
        "steps": steps,
    }
