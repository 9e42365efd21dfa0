"""The commands diff and restate: what editions say otherwise, and making one anew."""

from __future__ import annotations

from typing import Annotated

import typer

from scorecard.cli import issue
from scorecard.cli.options import Json, ProjectOption, project_at
from scorecard.secrets import hide

app = typer.Typer(add_completion=False, rich_markup_mode=None)
DIFFERS = 3
"""The exit code of `diff` where two editions differ; 1 and 2 are errors, as everywhere."""


@app.command()
def diff(
    before: Annotated[
        str | None,
        typer.Argument(help="An edition: 2026-09, owner-scorecard/ada/2026-09/1, an id."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Argument(help="Another of the same document; a period or a number will do."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Print the editions that there are.")
    ] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Say what one edition of a document says otherwise than another.

    A period alone means the packet's newest edition for it. Exit code 0 when they
    say the same, 3 when they differ.
    """
    from scorecard.cli.console_editions import show_compared, show_editions
    from scorecard.editions.compared import compared
    from scorecard.editions.naming import Names

    with issue.ledger_of(project_at(project)) as ledger:
        names = Names(ledger.edition_list())
        if listed:
            show_editions(names.editions, as_json=json)
            return
        if before is None or now is None:
            raise typer.BadParameter("name two editions, or --list.", param_hint="BEFORE NOW")
        old = names.find(before)
        found = compared(ledger, old, names.find(now, like=old))
    show_compared(found, as_json=json)
    raise typer.Exit(0 if found.same else DIFFERS)


@app.command()
def restate(
    period: Annotated[str, typer.Argument(help="Period that was issued, such as 2026-10.")],
    because: Annotated[str, typer.Option(help="Why, in words; it is printed and mailed.")],
    project: ProjectOption = None,
) -> None:
    """Correct what was issued for a period, for those who had it.

    Its documents are made again from the facts of today. Those that say something
    else become the next edition, say what they replace and why, and are sent to
    exactly those who had an earlier one.
    """
    if not because.strip():
        raise typer.BadParameter("say why, in words.", param_hint="--because")
    found = project_at(project)
    raise typer.Exit(issue.restate(found, period, hide(" ".join(because.split()))))
