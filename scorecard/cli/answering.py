"""The commands by which owners, their assistants and scripts answer and commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from scorecard.cli.issue import ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.cli.replying import replying, write_template
from scorecard.errors import ProjectError

if TYPE_CHECKING:
    from scorecard.answering.model import Reason
    from scorecard.ledger import Ledger

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
    as_reply: Annotated[
        bool,
        typer.Option("--as-reply", help='As a file to fill in, for "scorecard reply".'),
    ] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print what owners were asked of a period, and answered."""
    from scorecard.cli.console_answering import show_questions
    from scorecard.documents.still_asked import still_asked

    if as_reply:
        if not owner or json:
            raise typer.BadParameter(
                "is of one owner, and not JSON: scorecard questions OWNER --as-reply.",
                param_hint="--as-reply",
            )
        write_template(project, owner, period)
        return
    found = project_at(project)
    with ledger_of(found) as ledger:
        wanted = found.period(period or _newest_asked(ledger, owner))
        show_questions(
            still_asked(ledger, wanted, owner),
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
    with replying(project) as to:
        edition = to.page(owner, period)
        about = to.project.period(edition.period)
        asked = {a.question.number: a.question.id for a in to.asked(about, owner)}
        if number not in asked:
            numbers = ", ".join(map(str, asked)) or "none"
            raise ProjectError(
                f'"{owner}" was not asked a question {number} about {edition.period}; its own: '
                f"{numbers}."
            )
        to.say(owner, by, edition, json, answers=((asked[number], text),))


@app.command()
def commit(
    owner: Owner,
    text: Annotated[str, typer.Argument(help="What you will do, in one line.")],
    moves: Annotated[
        str, typer.Option("--moves", help="The stance whose figure it moves, as csat/gold.")
    ],
    due: Annotated[str, typer.Option("--due", help="The period at whose end it is due.")],
    to: Annotated[
        str, typer.Option("--to", help='A better goal than the stance\'s own limit, as "3 h".')
    ] = "",
    project: ProjectOption = None,
    period: PeriodOption = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Commit to something; the figure says later whether it was kept."""
    from scorecard.answering.model import Promised

    with replying(project) as door:
        edition = door.page(owner, period)
        goal = door.door.goal(owner, moves, now(), to)
        promised = (Promised(text, goal, door.project.period(due).key),)
        door.say(owner, by, edition, json, promised=promised)


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

    with replying(project) as to:
        later = Renegotiated(number, to.project.period(due).key, cast("Reason", because), words)
        to.say(owner, by, to.page(owner), json, renegotiated=(later,))


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

    with replying(project) as to:
        dropped = Withdrawn(number, cast("Reason", because), words)
        to.say(owner, by, to.page(owner), json, withdrawn=(dropped,))


@app.command()
def acknowledge(
    owner: Owner,
    project: ProjectOption = None,
    period: PeriodOption = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Say that the newest edition of an owner's page was read."""
    with replying(project) as to:
        to.say(owner, by, to.page(owner, period), json, read=True)


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


def _newest_asked(ledger: Ledger, owner: str) -> str:
    newest = ledger.newest_asked(owner)
    if not newest:
        raise ProjectError(
            'Nobody was asked anything yet; questions are asked by a schedule with "pre-read".'
        )
    return newest
