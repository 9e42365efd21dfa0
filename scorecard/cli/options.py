"""Options that several commands share, and the clock and project that they use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli import rim

if TYPE_CHECKING:
    from scorecard.project.settings import Project

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-C",
        envvar="SCORECARD_PROJECT",
        help="Folder of the project; otherwise the nearest one, here or above.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="As known at this local time, such as 2026-11-16T06:00; otherwise now."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def now() -> datetime:
    return datetime.now(UTC)


def project_at(folder: Path | None) -> Project:
    """The project in that folder; without one, in the working directory or above."""
    from scorecard.project.settings import Project

    project = Project.at(folder) if folder else Project.find(Path.cwd())
    rim.known.state = project.state
    return project
