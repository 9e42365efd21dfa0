"""The command line's part of drafting a project from exports: what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scorecard.cli.options import now
from scorecard.errors import ProjectError

if TYPE_CHECKING:
    from scorecard.proposing.proposal import Proposal


def lay_out(folder: Path, exports: Path, currency: str, timezone: str) -> None:
    """Draft a project, lay it out, and say what of it is certain and what `check` finds."""
    from scorecard.base.findings import blocking
    from scorecard.cli.console import show_findings, shown
    from scorecard.library.scorecard import Scorecard
    from scorecard.project.scaffold import init, is_project
    from scorecard.project.settings import Project
    from scorecard.proposing.lay_out import Chosen, inside, proposed

    if is_project(folder):
        raise ProjectError(f"{folder} is a project already; name a new folder for --from.")
    with proposed(folder, exports, Chosen(currency, timezone)) as (proposal, skeleton):
        for step in init(folder, skeleton, inside(folder, exports)):
            typer.echo(f"{step} … done")
        typer.echo()
        _show(proposal)
    project = Project.at(folder)
    typer.echo("\nWhat check says:")
    findings = Scorecard(project, now=now).check()
    show_findings(findings, as_json=False)
    file = shown(project.file)
    held = "Mend what is blocking, and look at" if blocking(findings) else "Look at"
    typer.echo(f"\n{held} what {file} has behind each line. Then:")
    typer.echo(f"  scorecard check --project {folder}")


def _show(proposal: Proposal) -> None:
    """The tables with their files, and what was passed over."""
    from rich.table import Table

    from scorecard.cli.terminal import one_line, out

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("table", "from", "rows", "columns mapped", "certainty"):
        table.add_column(name, justify="right" if name == "rows" else "left", overflow="fold")
    for draft in proposal.drafts:
        said = draft.certainty if draft.stands else "doubtful, not used"
        rows = "" if draft.table == "customers" and not draft.profiles else f"{draft.export.rows:,}"
        label = draft.export.label if draft.profiles else "a query"
        cells = (draft.table, label, rows, ", ".join(draft.mapped), said)
        table.add_row(*map(one_line, cells))
    console = out()
    console.print(table, markup=False)
    for draft in proposal.drafts:
        reasons = [*draft.missing, *([draft.rival] if draft.rival else [])]
        for why in reasons:
            console.print(f"not used: {draft.export.label}: {why}.", markup=False)
    for over in proposal.passed_over:
        console.print(f"passed over: {over.label}: {over.why}.", markup=False)
