"""The commands by which owners, their assistants and scripts answer and commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from scorecard.cli.issue import ledger_of, working_ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.cli.terminal import write_json
from scorecard.errors import ProjectError

if TYPE_CHECKING:
    from scorecard.answering.model import Goal, Reason, Receipt, Reply
    from scorecard.ledger import Edition, Ledger
    from scorecard.project.settings import Project
    from scorecard.replies.door import Door

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Owner = Annotated[str, typer.Argument(help="The owner's id in strategy.toml.")]
PeriodOption = Annotated[
    str, typer.Option("--period", help="The page of this period, as 2026-10; else the newest one.")
]
By = Annotated[
    str, typer.Option("--by", help="Who says it, by name; else who answers for the post today.")
]
Because = Annotated[
    str,
    typer.Option("--because", help="staffing, scope, supplier, customer, data, money or other."),
]
Words = Annotated[str, typer.Option("--words", help="The same in words of your own.")]


@app.command()
def questions(
    owner: Annotated[str, typer.Argument(help="Only of this owner.")] = "",
    period: Annotated[str, typer.Option("--period", help="Period, as 2026-10.")] = "",
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print what owners were asked of a period, and answered."""
    from scorecard.cli.console_answering import show_questions

    found = project_at(project)
    with ledger_of(found) as ledger:
        wanted = found.period(period or _newest_asked(ledger, owner))
        show_questions(
            ledger.asked(wanted, owner),
            ledger.answers(wanted),
            now(),
            found.formats,
            found.settings.timezone,
            as_json=json,
        )


@app.command()
def answer(
    owner: Owner,
    number: Annotated[int, typer.Argument(help="The question's number on the page.")],
    text: Annotated[str, typer.Argument(help="The answer, in up to sixty words.")],
    project: ProjectOption = None,
    period: PeriodOption = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Answer a question, until its deadline. A later answer is added to an earlier one."""
    found = project_at(project)
    with working_ledger_of(found) as ledger:
        edition = _page_of(found, ledger, owner, period)
        asked = {a.question.number: a for a in ledger.asked(found.period(edition.period), owner)}
        if number not in asked:
            numbers = ", ".join(map(str, asked)) or "none"
            raise ProjectError(
                f'"{owner}" was not asked a question {number} about {edition.period}; its own: '
                f"{numbers}."
            )
        said = ((asked[number].question.id, text),)
        _receive(found, ledger, owner, by, edition, json, answers=said)


@app.command()
def commit(
    owner: Owner,
    text: Annotated[str, typer.Argument(help="What you will do, in one line.")],
    moves: Annotated[
        str, typer.Option("--moves", help="The stance whose figure it moves, as csat/gold.")
    ],
    due: Annotated[str, typer.Option("--due", help="The period at whose end it is due.")],
    to: Annotated[
        str, typer.Option("--to", help='Instead of the stance\'s own limit, as "3 h".')
    ] = "",
    project: ProjectOption = None,
    period: PeriodOption = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Commit to something; the figure says later whether it was kept."""
    from scorecard.answering.model import Promised

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        door = _door(found, ledger)
        edition = _page_of(found, ledger, owner, period)
        goal = _goal(found, door, owner, moves, to)
        promised = (Promised(text, goal, found.period(due).key),)
        _receive(found, ledger, owner, by, edition, json, promised=promised)


@app.command()
def renegotiate(
    owner: Owner,
    number: Annotated[int, typer.Argument(help="The commitment's number.")],
    due: Annotated[str, typer.Option("--due", help="The later period at whose end it is due.")],
    because: Because,
    words: Words = "",
    project: ProjectOption = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Move a commitment to a later period, before it is due."""
    from scorecard.answering.model import Renegotiated

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        edition = _page_of(found, ledger, owner, "")
        later = Renegotiated(number, found.period(due).key, cast("Reason", because), words)
        _receive(found, ledger, owner, by, edition, json, renegotiated=(later,))


@app.command()
def withdraw(
    owner: Owner,
    number: Annotated[int, typer.Argument(help="The commitment's number.")],
    because: Because,
    words: Words = "",
    project: ProjectOption = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Withdraw a commitment, before it is due, and say why."""
    from scorecard.answering.model import Withdrawn

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        edition = _page_of(found, ledger, owner, "")
        dropped = Withdrawn(number, cast("Reason", because), words)
        _receive(found, ledger, owner, by, edition, json, withdrawn=(dropped,))


@app.command()
def acknowledge(
    owner: Owner,
    project: ProjectOption = None,
    period: PeriodOption = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Say that the newest edition of an owner's page was read."""
    found = project_at(project)
    with working_ledger_of(found) as ledger:
        edition = _page_of(found, ledger, owner, period)
        _receive(found, ledger, owner, by, edition, json, read=True)


@app.command()
def commitments(
    owner: Annotated[str, typer.Argument(help="Only of this owner.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print what owners committed to, and what became of it."""
    from scorecard.cli.console_answering import show_commitments

    found = project_at(project)
    with ledger_of(found) as ledger:
        made = [c for c in ledger.commitments(owner) if every or c.is_open]
        show_commitments(made, found.zone, as_json=json)


def _door(found: Project, ledger: Ledger) -> Door:
    from scorecard.project.declared import declared
    from scorecard.replies.door import Door

    zone = found.settings.timezone
    strategy = declared(found).usable().strategy
    return Door(ledger, strategy, zone, lambda moment: found.formats.moment(moment, zone))


def _page_of(found: Project, ledger: Ledger, owner: str, period: str) -> Edition:
    """The newest edition of an owner's page; ProjectError where there is none."""
    from scorecard.replies.door import ANSWERABLE

    key = found.period(period).key if period else ""
    edition = ledger.newest_of(ANSWERABLE, owner, key)
    if edition is None:
        of = f" of {key}" if key else ""
        raise ProjectError(
            f'There is no page{of} of "{owner}" yet; make one with "scorecard run --period …".'
        )
    return edition


def _newest_asked(ledger: Ledger, owner: str) -> str:
    newest = ledger.newest_asked(owner)
    if not newest:
        raise ProjectError(
            'Nobody was asked anything yet; questions are asked by a schedule with "pre-read".'
        )
    return newest


def _goal(found: Project, door: Door, owner: str, moves: str, to: str) -> Goal:
    from dataclasses import replace

    from scorecard.definitions.units import read_limit
    from scorecard.project.declared import declared

    goal = door.goal(owner, moves, now())
    if not to:
        return goal
    metric = declared(found).metrics[goal.metric]
    return replace(goal, at_worst=read_limit(to, metric.unit, found.settings.currency))


def _receive(
    found: Project, ledger: Ledger, owner: str, by: str, edition: Edition, json: bool, **said: Any
) -> None:
    """Hand a reply in, and print what was recorded of it."""
    from scorecard.answering.model import Reply

    door = _door(found, ledger)
    speakers = door.speakers(owner, now())
    person = by or (speakers[0].name if speakers else "")
    reply: Reply = Reply(owner, person, edition.id, "command", **said)
    receipt = door.receive(reply, now())
    if json:
        from dataclasses import asdict

        write_json({"edition": edition.id, "person": person, **asdict(receipt)})
        return
    for line in _said(receipt, person, edition):
        typer.echo(line)


def _said(receipt: Receipt, person: str, edition: Edition) -> list[str]:
    """What was recorded, a line for each."""
    of = f"{person}, edition {edition.number} of {edition.period}"
    lines = [f"Question {n}: answer recorded ({of})." for n in receipt.answered]
    lines += [f"Commitment {n} recorded ({of})." for n in receipt.promised]
    lines += [f"Commitment {n} renegotiated ({of})." for n in receipt.renegotiated]
    lines += [f"Commitment {n} withdrawn ({of})." for n in receipt.withdrawn]
    lines += [f"Recorded that it was read ({of})."] if receipt.read else []
    return [*lines, *receipt.known]
