"""The commands on proposals: the list, handing one in at the gate, deciding, withdrawing it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from scorecard.cli.issue import ledger_of, working_ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.secrets import hide

if TYPE_CHECKING:
    from scorecard.answering.handed_in import Choice


class Choices(Enum):
    """What can be decided."""

    for_it = "for"
    against_it = "against"


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def proposals(project: ProjectOption = None, json: Json = False) -> None:
    """Print what was proposed, what was missing, and what was found.

    Stances are drafted by "scorecard propose", which is another thing.
    """
    from scorecard.cli.console_proposals import show_proposals
    from scorecard.project.declared import declared

    found = project_at(project)
    read = declared(found)
    with ledger_of(found) as ledger:
        filed = ledger.proposals()
    show_proposals(filed, read.strategy, read.metrics, found, as_json=json)


@app.command("hand-in")
def hand_in(
    file: Annotated[Path, typer.Argument(help="The proposal, as proposals/second-shift.toml.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Hand a proposal in at the gate, which says what is missing.

    It is accepted for decision, or sent back to the drawing board: exit code 1.
    Both are recorded. "scorecard check" says the same and records nothing.
    """
    from scorecard.cli.console_proposals import show_handed_in
    from scorecard.errors import ScorecardError
    from scorecard.project.declared import declared
    from scorecard.project.gate import gate_of

    found = project_at(project)
    if not file.is_file():
        raise ScorecardError(f"{file} is not there; name the file of a proposal.")
    read = declared(found).usable()
    with working_ledger_of(found) as ledger:
        gate = gate_of(found, read.strategy, read.metrics)
        handed, new = gate.hand_in(file, ledger, now())
    show_handed_in(handed, new, as_json=json)
    raise typer.Exit(1 if handed.missing else 0)


@app.command()
def decide(
    name: Annotated[str, typer.Argument(help="The name of its file, as second-shift.")],
    choice: Annotated[Choices, typer.Argument(help="What was decided.")],
    by: Annotated[str, typer.Option(help="Who decided, by name.")],
    reason: Annotated[str, typer.Option(help="Why it was decided so.")],
    project: ProjectOption = None,
) -> None:
    """Record what was decided about a proposal that has passed.

    An executive decides, or the lead of its team, and nobody about their own.
    What was decided against is not reviewed. Possible until the review date.
    """
    from scorecard.project.declared import declared
    from scorecard.project.gate import gate_of

    found = project_at(project)
    read = declared(found).usable()
    decided = cast("Choice", f"decided {choice.value}")
    with working_ledger_of(found) as ledger:
        gate = gate_of(found, read.strategy, read.metrics)
        gate.decide(name, decided, by, hide(reason), ledger, now())
    typer.echo(f"{name}: {decided}")


@app.command("take-back")
def take_back(
    name: Annotated[str, typer.Argument(help="The name of its file, as second-shift.")],
    reason: Annotated[str, typer.Option(help="Why it is not pursued.")],
    project: ProjectOption = None,
) -> None:
    """Take a proposal back, so that nobody reviews it.

    Possible until its review date.
    """
    from scorecard.project.declared import declared
    from scorecard.project.gate import gate_of

    found = project_at(project)
    read = declared(found).usable()
    with working_ledger_of(found) as ledger:
        gate = gate_of(found, read.strategy, read.metrics)
        gate.withdraw(name, hide(reason), ledger, now())
    typer.echo(f"{name}: withdrawn")
