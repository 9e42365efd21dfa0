"""The command tiers: what is promised in each tier, and who is in it, for the front line."""

from __future__ import annotations

from typing import Annotated

import typer

from scorecard.cli.options import Json, ProjectOption, now, project_at

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def tiers(
    export: Annotated[
        str | None,
        typer.Option(
            help="Write every customer's tier: a .csv, .parquet or .jsonl file, or table:NAME in "
            "the facts' database."
        ),
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="Period, as 2026-10; otherwise the newest that is frozen.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="With --export: customers' names, too.")
    ] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--every", help="Also stances on what customers do, and on what is earned with them."
        ),
    ] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print what is promised in each tier, or export each customer's.

    By the tiers that were frozen as the period opened, and the stances in force then. An export is
    replaced as a whole; what is no export of ours is left alone.
    """
    from scorecard.cli.console_tiers import show_exported, show_tiers
    from scorecard.library.scorecard import Scorecard
    from scorecard.lookup.target import read_target

    if names and export is None:
        raise typer.BadParameter("goes with --export.", param_hint="--names")
    found = project_at(project)
    opened, today = Scorecard(found, now=now), now().astimezone(found.zone).date()
    if export is None:
        show_tiers(opened.tier_cards(period, every=every), found.formats, today, as_json=json)
        return
    done = opened.export_tiers(read_target(export), period, names=names, every=every)
    show_exported(done, found.formats, today, as_json=json)
