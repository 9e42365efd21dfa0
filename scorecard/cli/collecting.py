"""The command collect: forms that owners filled in and sent back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.issue import working_ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.cli.terminal import one_line, write_json
from scorecard.errors import ScorecardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scorecard.delivery.form_collecting import Collected

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def collect(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of PDFs and .eml files; else the box of the settings."),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="Who filled in the PDFs of a folder, by name.")
    ] = "",
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Record the forms that owners filled in and sent back.

    Each is recorded whole or refused, and moved into done/ or unclear/ of a folder, or
    marked in the mailbox. Who mailed it is told which, with the next "scorecard send".
    Exit code 1 when one was refused.
    """
    from scorecard.delivery.form_box import SETTING, collect_forms
    from scorecard.delivery.form_collecting import MOST_MAILS

    found = project_at(project)
    if folder is not None and not folder.is_dir():
        raise ScorecardError(f"{folder} is not a folder; name the one in which the forms lie.")
    url = f"folder:{folder.resolve()}" if folder is not None else found.boxes()[1]
    if not url:
        raise ScorecardError(
            f'{found.file}: there is no box to read; name a folder, or set forms = "folder:…" or '
            '"${SCORECARD_FORMS}" in [tool.scorecard.mail].'
        )
    setting = str(folder) if folder is not None else SETTING
    with working_ledger_of(found) as ledger:
        collected = collect_forms(found, ledger, url, now, by, setting=setting)
    _show(collected, as_json=json)
    if len(collected) >= MOST_MAILS and not json:
        typer.echo(f'{MOST_MAILS} mails are read at once; say "scorecard collect" again.')
    raise typer.Exit(1 if any(each.refused for each in collected) else 0)


def _show(collected: Sequence[Collected], *, as_json: bool) -> None:
    """Each form, whose it is, and what became of it."""
    if as_json:
        write_json([asdict(each) for each in collected])
        return
    for each in collected:
        about = ", ".join(filter(None, [each.person, each.owner, each.period]))
        typer.echo(one_line(f"{each.source}: {about or each.sender or 'not known whose'}"))
        for line in each.recorded or each.refused:
            typer.echo(f"  {'' if each.recorded else 'refused: '}{one_line(line)}")
        if each.told:
            typer.echo(f"  told by mail: {each.sender}")
    if not collected:
        typer.echo("No form is waiting.")
