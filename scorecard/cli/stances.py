"""The command stances: the register of what was chosen, version by version."""

from __future__ import annotations

from typing import Annotated

import typer

from scorecard.cli.issue import ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def stances(
    project: ProjectOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every version that was ever seen, the first one first.")
    ] = False,
    json: Json = False,
) -> None:
    """Print what is chosen, until when, and what has expired.

    As the ledger has seen it: a change counts from the period after it was first
    seen. JSON has every version.
    """
    from scorecard.cli.console_stances import show_stances
    from scorecard.project.declared import declared

    found = project_at(project)
    read, today = declared(found), now().astimezone(found.zone).date()
    with ledger_of(found) as ledger:
        versions = ledger.register(today)
    show_stances(versions, read.strategy, found.formats, every=every, as_json=json)
